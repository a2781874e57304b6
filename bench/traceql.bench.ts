/**
 * `npm run bench -- traceql`: how long TraceQL searches, metrics and lists of names and values take over Tempo's API, warm,
 * cold and busy. Nothing gives a time range unless it says so; metrics have some 240 intervals over all that is stored. The
 * spans are the generator's: the reference capture, some ten attributes a span and as many a resource, with fresh ids and
 * distinct values, a copy every 15 seconds of stored time. Flags: see `latency-run.ts`.
 */
import { connect } from 'node:http2';
import process from 'node:process';
import { ProtobufWriter } from '@spoor/model';
import { httpQuestion, type Question, runLatencyBench, SPANS_PER_REQUEST, type StoredSpans } from './latency-run.ts';
import type { ServerProcess } from './server-process.ts';

interface SearchAnswer {
  readonly traces?: readonly unknown[];
}
interface MetricsAnswer {
  readonly series?: readonly unknown[];
}
interface NamesAnswer {
  readonly scopes?: readonly unknown[];
  readonly tagValues?: readonly unknown[];
}

/** Seconds of stored time that a copy takes; as `latency-run.ts` spreads them. */
const COPY_SECONDS = 15;
const INTERVALS = 240;

const tempo = (path: () => string) => (server: ServerProcess) => `http://127.0.0.1:${server.tempoPort}${path()}`;
const hasList = (list: readonly unknown[] | undefined, isWanted: boolean | undefined): string | undefined =>
  isWanted === undefined || (list?.length ?? 0) > 0 === isWanted ? undefined : `found ${list?.length ?? 0}`;

function questionsOver(stored: StoredSpans): readonly Question[] {
  return [...searchesOver(stored), ...metricsOver(stored), ...lists];
}

function searchesOver({ generator, copies }: StoredSpans): readonly Question[] {
  const below = (count: number): number => Math.floor(Math.random() * count);
  const someSpan = () =>
    generator.knownSpan(below(copies), below(generator.requestsPerCopy - 1), below(SPANS_PER_REQUEST));
  const someUnique = (): string => {
    for (;;) {
      const { unique } = someSpan();
      if (unique?.key === 'guid:x-request-id') return unique.value;
    }
  };
  const byRequestId = (value: string): string => `{ span."guid:x-request-id" = "${value}" }`;
  // Made-up spans have these attributes, but not in this relation.
  const isCaptured = generator.source.startsWith('reference') ? true : undefined;
  const absentId = (): string => `00000000-0000-4000-8000-${String(below(1e12)).padStart(12, '0')}`;
  const searches: readonly (readonly [name: string, query: () => string, isFound: boolean | undefined])[] = [
    ['rare value (one span has it)', () => byRequestId(someUnique()), true],
    ['absent value', () => byRequestId(absentId()), false],
    ['regex, hundreds of values', () => '{ span.http.url =~ ".*/api/(cart|checkout).*" }', true],
    ['regex, a value on each span', () => `{ span."guid:x-request-id" =~ ".*${someUnique().slice(9, 23)}.*" }`, true],
    ['attribute and duration', () => '{ span.http.status_code >= 400 && duration > 1ms }', true],
    ['structural, a >> b', () => '{ resource.service.name = "frontend" } >> { span.rpc.system = "grpc" }', isCaptured],
    ['structural, a >> error', () => '{ resource.service.name = "frontend-proxy" } >> { status = error }', isCaptured],
    ['by() | count(), no hit', () => '{ } | by(resource.service.name) | count() > 100000', false],
    ['error | count() > 3', () => '{ status = error } | count() > 3', false],
  ];
  const traceById = httpQuestion<object>(
    'trace by id',
    tempo(() => `/api/traces/${someSpan().traceId}`),
    (answer) => ('batches' in answer ? undefined : 'no batches'),
  );
  const asked = searches.map(([name, query, isFound]) =>
    httpQuestion<SearchAnswer>(
      name,
      tempo(() => `/api/search?${String(new URLSearchParams({ q: query(), limit: '20' }))}`),
      ({ traces }) => hasList(traces, isFound),
    ),
  );
  const streamed = '{ span.http.status_code >= 400 }';
  return [traceById, ...asked, { name: 'first streamed result', ask: (server) => firstStreamed(server, streamed) }];
}

const metricsQueries: readonly (readonly [name: string, query: string])[] = [
  ['rate()', '{ } | rate()'],
  ['error | rate()', '{ status = error } | rate()'],
  ['rate() by an intrinsic', '{ } | rate() by (name)'],
  ['rate() by service', '{ } | rate() by (resource.service.name)'],
  ['rate() by an attribute', '{ } | rate() by (span.rpc.method)'],
  ['rate() by an attribute of many values', '{ } | rate() by (span.http.url)'],
  ['count by an attribute of 2 values', '{ } | count_over_time() by (span.component)'],
  ['quantiles by service', '{ } | quantile_over_time(duration, 0.5, 0.9, 0.99) by (resource.service.name)'],
  ['histogram', '{ } | histogram_over_time(duration)'],
  ['a >> b | rate()', '{ } >> { status = error } | rate()'],
  ['compare(error)', '{ } | compare({ status = error })'],
];

function metricsOver({ copies }: StoredSpans): readonly Question[] {
  const rangeSeconds = Math.max(3600, copies * COPY_SECONDS + 3600);
  const range = (query: string): string => {
    const end = Math.floor(Date.now() / 1000);
    const step = String(Math.ceil(rangeSeconds / INTERVALS));
    const parameters = { q: query, start: String(end - rangeSeconds), end: String(end), step };
    return `/api/metrics/query_range?${String(new URLSearchParams(parameters))}`;
  };
  return metricsQueries.map(([name, query]) =>
    httpQuestion<MetricsAnswer>(
      name,
      tempo(() => range(query)),
      ({ series }) => hasList(series, true),
    ),
  );
}

const lists: readonly Question[] = [
  httpQuestion<NamesAnswer>(
    'attribute names',
    tempo(() => '/api/v2/search/tags'),
    ({ scopes }) => hasList(scopes, true),
  ),
  httpQuestion<NamesAnswer>(
    'values of an attribute',
    tempo(() => '/api/v2/search/tag/span.http.url/values'),
    ({ tagValues }) => hasList(tagValues, true),
  ),
  httpQuestion<NamesAnswer>(
    'values, one on each span (1000 of them)',
    tempo(() => '/api/v2/search/tag/span.%22guid:x-request-id%22/values?limit=1000'),
    ({ tagValues }) => hasList(tagValues, true),
  ),
];

/** `tempopb.StreamingQuerier/Search` over HTTP/2: until the first message is there. The stream is read to its end. */
function firstStreamed(server: ServerProcess, query: string): Promise<number> {
  const writer = new ProtobufWriter();
  writer.varintField(4, 20);
  writer.stringField(8, query);
  const message = writer.finish();
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  return new Promise((resolve, reject) => {
    const session = connect(`http://127.0.0.1:${server.tempoPort}`);
    session.on('error', reject);
    session.once('connect', () => {
      const startMs = performance.now();
      let milli: number | undefined;
      const headers = { ':method': 'POST', ':path': '/tempopb.StreamingQuerier/Search', te: 'trailers' };
      const call = session.request({ ...headers, 'content-type': 'application/grpc' });
      call.on('data', () => (milli ??= performance.now() - startMs));
      call.on('error', reject);
      call.on('close', () => {
        session.close();
        if (milli === undefined) reject(new Error('the stream ended without a message'));
        else resolve(milli);
      });
      call.end(frame);
    });
  });
}

await runLatencyBench(process.argv.slice(2), questionsOver);
