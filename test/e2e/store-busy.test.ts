import { deepEqual, equal, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { freshIds, traceRequest } from './otlp-body.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

/** Next to no memory for spans: after the first request, which always finds a place, the store is busy. */
let spoor: RunningSpoor;
before(async () => {
  spoor = await startSpoor({ args: ['--memory', '1'] });
  const headers = { 'Content-Type': 'application/x-protobuf' };
  await fetch(`${spoor.otlpHttp}/v1/traces`, { method: 'POST', headers, body: traceRequest('busy', [freshIds()]) });
});
after(async () => void (await spoor.stop()));

test('a busy store: OTLP/HTTP says 503 with Retry-After and RetryInfo', async () => {
  const span = '{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","name":"x"}';
  const body = `{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`;
  const reply = await fetch(`${spoor.otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body,
  });
  deepEqual([reply.status, reply.headers.get('retry-after')], [503, '1']);
  const status = (await reply.json()) as { code: number; details: readonly unknown[] };
  equal(status.code, 14);
  deepEqual(status.details, [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1s' }]);
});

test('a busy store: OTLP/gRPC says UNAVAILABLE with RetryInfo', async () => {
  const client = new Client(spoor.otlpGrpc, credentials.createInsecure());
  const error = await new Promise<ServiceError | null>((resolve) => {
    client.makeUnaryRequest(
      '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
      traceRequest('busy', [freshIds()]),
      (failure) => resolve(failure),
    );
  });
  client.close();
  equal(error?.code, 14);
  const details = error.metadata.get('grpc-status-details-bin')[0] as Buffer;
  ok(details.includes('type.googleapis.com/google.rpc.RetryInfo'));
});

test('a busy store: reads go on, and the log says so once', async () => {
  equal((await fetch(`${spoor.jaeger}/api/services`)).status, 200);
  equal(spoor.log.filter(({ message }) => message === 'requests are being refused').length, 1);
});
