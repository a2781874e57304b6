import { deepEqual, equal, match } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { askJaeger } from './jaeger-client.ts';
import { freshIds, traceRequest } from './otlp-body.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

/** A heap so small that no worker can hold a trace of 200,000 spans; the spans themselves lie outside of it. */
let spoor: RunningSpoor;
before(async () => void (spoor = await startSpoor({ execArgv: ['--max-old-space-size=48'] })));
after(async () => void (await spoor.stop()));

test('queries: a worker that runs out of memory takes its query along, not the program', async () => {
  const { traceId } = freshIds();
  for (let i = 0; i < 10; i++) {
    const spanId = (j: number): string => (i * 20_000 + j + 1).toString(16).padStart(16, '0');
    const spans = Array.from({ length: 20_000 }, (_, j) => ({ traceId, spanId: spanId(j), name: `operation ${j}` }));
    const headers = { 'Content-Type': 'application/x-protobuf' };
    const body = traceRequest('many', spans);
    equal((await fetch(`${spoor.otlpHttp}/v1/traces`, { method: 'POST', headers, body })).status, 200);
  }
  const failed = await askJaeger(spoor.jaeger, `/api/traces/${traceId}`);
  equal(failed.status, 400);
  match(failed.errors![0].msg, /needed more memory/);
  const answered = await askJaeger<string[]>(spoor.jaeger, '/api/services');
  deepEqual(answered.data, ['many'], 'another worker took its place');
  equal(spoor.log.filter(({ message }) => message === 'a query worker ended; it will be replaced').length, 1);
});
