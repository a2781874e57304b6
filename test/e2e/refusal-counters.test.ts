import { equal, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, credentials, status, type ServiceError } from '@grpc/grpc-js';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

let spoor: RunningSpoor;
before(async () => {
  spoor = await startSpoor();
});
after(async () => void (await spoor.stop()));

async function counted(name: string): Promise<readonly string[]> {
  const text = await (await fetch(`${spoor.jaeger}/metrics`)).text();
  return text.split('\n').filter((line) => line.startsWith(name));
}

async function reasons(receiver: string): Promise<readonly string[]> {
  const { receivers } = (await (await fetch(`${spoor.jaeger}/api/spoor/status`)).json()) as {
    receivers: readonly { name: string; refusals: readonly { reason: string }[] }[];
  };
  return receivers.find(({ name }) => name === receiver)!.refusals.map(({ reason }) => reason);
}

test('OTLP over HTTP: whatever is refused is counted, also what never came to a decoder', async () => {
  const post = async (path: string, headers: Record<string, string>, body = 'spans'): Promise<number> =>
    (await fetch(`${spoor.otlpHttp}${path}`, { method: 'POST', headers, body })).status;
  const protobuf = { 'Content-Type': 'application/x-protobuf' };
  equal(await post('/v1/spans', protobuf), 404);
  equal(await post('/v1/traces', { 'Content-Type': 'text/plain' }), 415);
  equal(await post('/v1/traces', { ...protobuf, 'Content-Encoding': 'gzip' }), 400);
  equal(await post('/v1/traces', { 'Content-Type': 'application/json' }, '{'), 400);
  equal(await post('/v1/traces', protobuf, ''), 200);
  const lines = await counted('spoor_export_requests_total{transport="http"');
  for (const wanted of [
    'signal="unknown",outcome="wrong_path"} 1',
    'signal="traces",outcome="WIRE_CONTENT_TYPE"} 1',
    'signal="traces",outcome="WIRE_MALFORMED"} 1',
    'signal="traces",outcome="WIRE_TRUNCATED"} 1',
    'signal="traces",outcome="ok"} 1',
  ]) {
    ok(
      lines.some((line) => line.endsWith(wanted)),
      `${wanted} in ${lines.join('\n')}`,
    );
  }
  equal(lines.length, 5);
});

test('gRPC: a message that is too large is counted, though no method ever sees it', async () => {
  const large = Buffer.alloc(64 * 1024 * 1024 + 1);
  const send = (to: number, path: string): Promise<ServiceError> => {
    const client = new Client(`127.0.0.1:${to}`, credentials.createInsecure(), { 'grpc.max_send_message_length': -1 });
    const bytes = (buffer: Buffer): Buffer => buffer;
    return new Promise<ServiceError>((resolve, reject) => {
      client.makeUnaryRequest(path, bytes, bytes, large, (error) =>
        error ? resolve(error) : reject(new Error(`${path} took it`)),
      );
    }).finally(() => client.close());
  };
  const otlp = Number(spoor.otlpGrpc.slice(spoor.otlpGrpc.lastIndexOf(':') + 1));
  const exported = await send(otlp, '/opentelemetry.proto.collector.trace.v1.TraceService/Export');
  equal(exported.code, status.RESOURCE_EXHAUSTED);
  ok(
    (await counted('spoor_export_requests_total')).some((line) =>
      /"grpc",signal="traces",outcome="WIRE_LIMIT"} 1/.test(line),
    ),
  );
  ok((await reasons('otlp-grpc')).includes('WIRE_LIMIT'));
  const posted = await send(spoor.receivers['jaeger-grpc']!, '/jaeger.api_v2.CollectorService/PostSpans');
  equal(posted.code, status.RESOURCE_EXHAUSTED);
  ok((await reasons('jaeger-grpc')).includes('WIRE_LIMIT'));
});
