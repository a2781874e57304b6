import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { QueryError } from '@spoor/model';
import type { MetricsAnswer, SearchAnswer } from '@spoor/query';
import { PageApi, type PageApiOptions } from './page-api.ts';

const progress = { inspectedSpanCount: 7, inspectedTraceCount: 3, inspectedBytes: 99, sourceCount: 4 };
const found: SearchAnswer = {
  traces: [],
  total: 5,
  totalIsExact: false,
  cursor: undefined,
  body: undefined,
  warnings: [],
  progress: { ...progress, doneSourceCount: 1 },
};
const counted: MetricsAnswer = { series: [], warnings: [], progress: { ...progress, doneSourceCount: 2 } };

/** What the store does once it has told how far it is. */
let ending: (signal: AbortSignal | undefined) => Promise<void>;

const store = {
  bounds: async () => ({ start: 0n, end: 60_000_000_000n }),
  search: async (_: string, __: object, signal?: AbortSignal, onProgress?: (soFar: SearchAnswer) => void) => {
    onProgress?.(found);
    await ending(signal);
    return { ...found, total: 6, totalIsExact: true };
  },
  metrics: async (_: string, __: object, signal?: AbortSignal, onProgress?: (soFar: MetricsAnswer) => void) => {
    onProgress?.(counted);
    await ending(signal);
    return counted;
  },
};
const api = new PageApi({
  traces: store as unknown as PageApiOptions['traces'],
  authorize: () => 'default',
  onError: () => undefined,
} as unknown as PageApiOptions);
const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url!, 'http://here');
  void api.handle(request, response, pathname, searchParams);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
after(() => server.close());
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/spoor`;
const growing = { headers: { Accept: 'application/x-ndjson, application/json' } };

async function lines(path: string): Promise<readonly Record<string, unknown>[]> {
  const text = await (await fetch(`${base}/${path}`, growing)).text();
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('PageApi: search and metrics tell how far they are, then what they found', async () => {
  ending = () => Promise.resolve();
  const [soFar, answer, ...rest] = await lines('search?q=');
  const told = { spanCount: 7, sourceCount: 4, doneSourceCount: 1 };
  deepEqual(soFar, { soFar: { traces: [], total: 5, totalIsExact: false, warnings: [], progress: told } });
  deepEqual([answer['total'], answer['totalIsExact'], rest], [6, true, []]);
  const metrics = await lines('metrics?q={}|rate()');
  equal(metrics.length, 2);
  match(JSON.stringify(metrics[0]['soFar']), /"doneSourceCount":2/);
  deepEqual(metrics[0]['soFar'], metrics[1]);
});

test('PageApi: who does not ask for more gets one answer', async () => {
  ending = () => Promise.resolve();
  const response = await fetch(`${base}/search?q=`);
  equal(response.headers.get('content-type'), 'application/json');
  equal(((await response.json()) as { total: number }).total, 6);
});

test('PageApi: a failure after progress is the last line', async () => {
  ending = () => Promise.reject(new QueryError('QUERY_LIMIT', 'too much'));
  const answers = await lines('search?q=');
  deepEqual(answers.at(-1), { error: { code: 'QUERY_LIMIT', message: 'too much' } });
});

test('PageApi: stopping on the page ends the query', async () => {
  const ended = Promise.withResolvers<void>();
  ending = (signal) =>
    new Promise((_, reject) => {
      signal!.addEventListener('abort', () => {
        ended.resolve();
        reject(new QueryError('QUERY_CANCELLED', 'cancelled'));
      });
    });
  const stop = new AbortController();
  const response = await fetch(`${base}/search?q=`, { ...growing, signal: stop.signal });
  ok((await response.body!.getReader().read()).value!.length > 0);
  stop.abort();
  await ended.promise;
});
