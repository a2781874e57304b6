import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { after, before, test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { ProtobufWriter } from '@spoor/model';
import { askJaeger } from './jaeger-client.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

let spoor: RunningSpoor;
before(async () => {
  spoor = await startSpoor();
});
after(async () => void (await spoor.stop()));

const exportPath = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

/** One span of a service, `ResourceSpans` and all. */
function oneSpan(service: string): Uint8Array {
  const writer = new ProtobufWriter();
  const nested = (...fields: readonly number[]): readonly number[] => fields.map((field) => writer.begin(field));
  const end = (starts: readonly number[]): void => {
    for (const start of starts.toReversed()) writer.end(start);
  };
  const resourceSpans = nested(1);
  const attribute = nested(1, 1);
  writer.stringField(1, 'service.name');
  const value = nested(2);
  writer.stringField(1, service);
  end([...attribute, ...value]);
  const span = nested(2, 2);
  writer.hexField(1, 'ab'.repeat(16));
  writer.hexField(2, 'cd'.repeat(8));
  writer.stringField(5, 'op');
  writer.fixed64Field(7, 1_700_000_000_000_000_000n);
  end([...resourceSpans, ...span]);
  return writer.finish();
}

/** A call with one compressed message, as grpc-js's client cannot make it. */
async function call(port: number, compressed: Uint8Array): Promise<{ code: string; message: string }> {
  const session = connect(`http://127.0.0.1:${port}`);
  const headers = { ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers', 'grpc-encoding': 'zstd' };
  const stream = session.request({ ...headers, ':path': exportPath });
  const head = Buffer.alloc(5);
  head[0] = 1;
  head.writeUInt32BE(compressed.length, 1);
  stream.end(Buffer.concat([head, compressed]));
  const code = await new Promise<{ code: string; message: string }>((resolve, reject) => {
    const onStatus = ({ 'grpc-status': status, 'grpc-message': message }: IncomingHttpHeaders): void => {
      if (typeof status !== 'string') return;
      resolve({ code: status, message: typeof message === 'string' ? decodeURIComponent(message) : '' });
    };
    stream.on('response', onStatus).on('trailers', onStatus).on('error', reject).resume();
  });
  session.close();
  return code;
}

test('gRPC: messages in zstd are taken, where spans are', async () => {
  const otlp = Number(spoor.otlpGrpc.slice(spoor.otlpGrpc.lastIndexOf(':') + 1));
  for (const [port, service] of [
    [otlp, 'zipped'],
    [spoor.ports['remote-storage']!, 'zipped-behind-jaeger'],
  ] as const) {
    deepEqual(await call(port, zstdCompressSync(oneSpan(service))), { code: '0', message: 'OK' });
    const { data } = await askJaeger<readonly string[]>(spoor.jaeger, '/api/services');
    ok(data.includes(service));
  }
  const bomb = await call(otlp, zstdCompressSync(Buffer.alloc(64 * 1024 * 1024 + 1)));
  equal(bomb.code, '8');
  match(bomb.message, /larger than 67108864 bytes when decompressed/);
  const rubbish = await call(otlp, Buffer.from('no zstd at all'));
  equal(rubbish.code, '3');
  match(rubbish.message, /not valid zstd/);
});
