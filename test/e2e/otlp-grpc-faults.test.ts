import { deepEqual, equal, match } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, compressionAlgorithms, credentials, type ServiceError } from '@grpc/grpc-js';
import { askJaeger } from './jaeger-client.ts';
import { freshIds, traceRequest } from './otlp-body.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

const exportTraces = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const exportLogs = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';
const exportMetrics = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';
const mebibyte = 1024 * 1024;

let spoor: RunningSpoor;
let client: Client;
before(async () => {
  spoor = await startSpoor();
  client = connect();
});
after(async () => {
  client.close();
  equal(await spoor.stop(), 0);
});

function connect(options = {}): Client {
  return new Client(spoor.otlpGrpc, credentials.createInsecure(), { 'grpc.max_send_message_length': -1, ...options });
}

function call(path: string, body: Buffer, by = client): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    by.makeUnaryRequest(
      path,
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
      body,
      (error: ServiceError | null, answer?: Buffer) => (error ? reject(error) : resolve(answer!)),
    );
  });
}

async function refusal(path: string, body: Buffer, by = client): Promise<ServiceError> {
  return call(path, body, by).then(
    () => {
      throw new Error('the call should have failed');
    },
    (error: ServiceError) => error,
  );
}

test('OTLP/gRPC: empty requests of all signals succeed with empty answers', async () => {
  for (const path of [exportTraces, exportLogs, exportMetrics]) equal((await call(path, Buffer.alloc(0))).length, 0);
});

test('OTLP/gRPC: gzip, and a message larger than gRPC’s default limit', async () => {
  const gzip = connect({ 'grpc.default_compression_algorithm': compressionAlgorithms.gzip });
  for (const by of [client, gzip]) {
    const ids = freshIds();
    equal((await call(exportTraces, traceRequest('grpc', [{ ...ids, name: 'x'.repeat(6 * mebibyte) }]), by)).length, 0);
    equal(
      (await askJaeger(spoor.jaeger, `/api/traces/${ids.traceId}`)).data[0].spans[0].operationName.length,
      6 * mebibyte,
    );
  }
  gzip.close();
});

test('OTLP/gRPC: bad data is INVALID_ARGUMENT, with nothing stored', async () => {
  const ids = freshIds();
  const body = traceRequest('grpc', [ids]);
  const error = await refusal(exportTraces, body.subarray(0, body.length - 1));
  equal(error.code, 3);
  match(error.details, /byte \d+/);
  equal((await askJaeger(spoor.jaeger, `/api/traces/${ids.traceId}`)).status, 404);
});

test('OTLP/gRPC: past the limit is RESOURCE_EXHAUSTED, before and after decompression', async () => {
  const body = Buffer.alloc(64 * mebibyte + 1);
  equal((await refusal(exportTraces, body)).code, 8);
  const gzip = connect({ 'grpc.default_compression_algorithm': compressionAlgorithms.gzip });
  equal((await refusal(exportTraces, body, gzip)).code, 8);
  gzip.close();
});

test('OTLP/gRPC: partial success counts the spans rejected', async () => {
  const answer = await call(exportTraces, traceRequest('grpc', [freshIds(), { ...freshIds(), traceId: '' }]));
  deepEqual([...answer.subarray(2, 4)], [0x08, 1]);
});

test('OTLP/gRPC: unknown methods are UNIMPLEMENTED; the health check serves', async () => {
  equal((await refusal('/opentelemetry.proto.collector.trace.v1.TraceService/Import', Buffer.alloc(0))).code, 12);
  deepEqual([...(await call('/grpc.health.v1.Health/Check', Buffer.alloc(0)))], [0x08, 0x01]);
});
