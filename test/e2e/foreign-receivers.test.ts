import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { SpanRecorder } from '@spoor/model';
import {
  decodeJaegerAgentMessage,
  decodeJaegerBatch,
  decodeJaegerPostSpans,
  decodeZipkin,
  runSlices,
  type DecodeResult,
  type Slices,
} from '@spoor/wire';
import { receiverEntries, type ReceiverName } from 'spoor';
import { askJaeger, eventually } from './jaeger-client.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

const captureDir = new URL('../../../shared/data/captures/', import.meta.url);
const skip = existsSync(captureDir) ? false : 'the captures are not beside the repository';
const postSpans = '/jaeger.api_v2.CollectorService/PostSpans';

const dataDir = mkdtempSync(join(tmpdir(), 'spoor-foreign-'));
let spoor: RunningSpoor;
after(async () => {
  await spoor?.stop('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

function files(folder: string): readonly (readonly [name: string, body: Buffer])[] {
  const directory = new URL(`${folder}/`, captureDir);
  const names = readdirSync(directory).filter((name) => /\.(body|packet)\.bin$/.test(name));
  return names.map((name) => [name, readFileSync(new URL(name, directory))]);
}

function send(receiver: ReceiverName, packet: Uint8Array): Promise<void> {
  const socket = createSocket('udp4');
  return new Promise((resolve, reject) => {
    socket.send(packet, spoor.receivers[receiver], '127.0.0.1', (error) => {
      socket.close();
      if (error) reject(error);
      else resolve();
    });
  });
}

function post(
  receiver: ReceiverName,
  path: string,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
  method = 'POST',
): Promise<Response> {
  const hasBody = method !== 'GET';
  return fetch(`http://127.0.0.1:${spoor.receivers[receiver]}${path}`, {
    method,
    headers,
    ...(hasBody ? { body: new Uint8Array(body) } : {}),
  });
}

function call(path: string, body: Buffer): Promise<Buffer> {
  const client = new Client(`127.0.0.1:${spoor.receivers['jaeger-grpc']}`, credentials.createInsecure());
  return new Promise<Buffer>((resolve, reject) => {
    const bytes = (buffer: Buffer): Buffer => buffer;
    client.makeUnaryRequest(path, bytes, bytes, body, (error: ServiceError | null, answer?: Buffer) =>
      error ? reject(error) : resolve(answer!),
    );
  }).finally(() => client.close());
}

/** Ids of the traces that a body holds, with how many of its spans each has. */
function traceSizes(decode: (sink: SpanRecorder) => Slices<DecodeResult>): ReadonlyMap<string, number> {
  const recorder = new SpanRecorder();
  runSlices(decode(recorder));
  return new Map([...Map.groupBy(recorder.spans, ({ traceId }) => traceId)].map(([id, { length }]) => [id, length]));
}

const options = { receivedMilli: 0 };
const sent = new Map<string, number>();

/** Datagrams are not answered, so their spans are waited for. */
async function checkStored(sizes: ReadonlyMap<string, number>, name: string): Promise<void> {
  for (const [id, size] of sizes) {
    const count = sent.get(id) ?? size;
    sent.set(id, count);
    await eventually(`${size} spans of ${name}`, async () => {
      const answer = await askJaeger(spoor.jaeger, `/api/traces/${id}`);
      return answer.status === 200 && answer.data[0].spans.length >= size ? true : undefined;
    });
  }
}

test('receivers: what clients sent to every port is found, and found again after kill -9', { skip }, async () => {
  spoor = await startSpoor({ dataDir });
  for (const [name, body] of files('jaeger-thrift-http')) {
    const reply = await post('jaeger-thrift-http', '/api/traces?format=jaeger.thrift', body, {
      'Content-Type': 'application/x-thrift',
    });
    deepEqual([reply.status, await reply.text()], [202, ''], name);
    await checkStored(
      traceSizes((sink) => decodeJaegerBatch(body, sink, options)),
      name,
    );
  }
  const udp = ['jaeger-compact', 'jaeger-binary', 'jaeger-zipkin-compact'] as const;
  const packets = [...files('jaeger-thrift-udp-compact-6831'), ...files('jaeger-thrift-udp-binary-6832')];
  // Each port takes both protocols.
  for (const [i, [name, packet]] of packets.entries()) {
    await send(udp[i % 3], packet);
    await checkStored(
      traceSizes((sink) => decodeJaegerAgentMessage(packet, sink, options)),
      name,
    );
  }
  for (const [name, framed] of files('jaeger-grpc-14250')) {
    equal((await call(postSpans, framed.subarray(5))).length, 0);
    await checkStored(
      traceSizes((sink) => decodeJaegerPostSpans(framed.subarray(5), sink, options)),
      name,
    );
  }
  for (const [name, body] of files('zipkin')) {
    const form = name.includes('json-v1') ? 'v1-json' : name.includes('proto') ? 'v2-protobuf' : 'v2-json';
    const path = form === 'v1-json' ? '/api/v1/spans' : '/api/v2/spans';
    const type = form === 'v2-protobuf' ? 'application/x-protobuf' : 'application/json';
    const codings = [
      [body, {}],
      [gzipSync(body), { 'Content-Encoding': 'gzip' }],
      [deflateSync(body), { 'Content-Encoding': 'zlib' }],
      [deflateSync(body), { 'Content-Encoding': 'deflate' }],
    ] as const;
    for (const [coded, headers] of codings) {
      const reply = await post('zipkin', path, coded, { 'Content-Type': type, ...headers });
      deepEqual([reply.status, await reply.text()], [202, ''], name);
    }
    await checkStored(
      traceSizes((sink) => decodeZipkin(form, body, sink, options)),
      name,
    );
  }
  const before = await everything();
  equal(before.size, sent.size);
  equal(await spoor.stop('SIGKILL'), 'SIGKILL');
  spoor = await startSpoor({ dataDir });
  deepEqual(await everything(), before);
  await checkMetrics();
});

async function everything(): Promise<ReadonlyMap<string, unknown>> {
  const traces = new Map<string, unknown>();
  for (const id of sent.keys()) {
    const answer = await askJaeger(spoor.jaeger, `/api/traces/${id}`);
    equal(answer.status, 200, id);
    traces.set(id, answer.data);
  }
  return traces;
}

async function checkMetrics(): Promise<void> {
  await send('jaeger-compact', Buffer.from('not thrift at all'));
  await send('jaeger-binary', Buffer.alloc(0));
  await eventually('the refusal is counted', async () => {
    const text = await (await fetch(`${spoor.jaeger}/metrics`)).text();
    const line =
      /^spoor_receiver_requests_total\{receiver="jaeger-compact",encoding="thrift-binary",outcome="(.*)"\} 1$/m;
    return line.exec(text)?.[1].startsWith('WIRE_') === true ? true : undefined;
  });
  const line = spoor.log.find(({ message }) => message === 'spans are being refused');
  match(JSON.stringify(line), /6e6f7420746872696674/);
}

test('receivers: Jaeger’s collector answers as Jaeger does', { skip }, async () => {
  const good = files('jaeger-thrift-http')[0][1];
  const thrift = { 'Content-Type': 'application/x-thrift' };
  const cases: readonly (readonly [Promise<Response>, number, RegExp])[] = [
    [post('jaeger-thrift-http', '/api/traces', good, thrift), 202, /^$/],
    [
      post('jaeger-thrift-http', '/api/traces', good, { 'Content-Type': 'application/vnd.apache.thrift.binary; a=b' }),
      202,
      /^$/,
    ],
    [post('jaeger-thrift-http', '/api/traces', gzipSync(good), { ...thrift, 'Content-Encoding': 'gzip' }), 202, /^$/],
    [
      post('jaeger-thrift-http', '/api/traces', good, { 'Content-Type': 'application/json' }),
      400,
      /^Unsupported content type: application\/json\n$/,
    ],
    [
      post('jaeger-thrift-http', '/api/traces', good, { 'Content-Type': 'nonsense' }),
      400,
      /^Cannot parse content type: /,
    ],
    [
      post('jaeger-thrift-http', '/api/traces', good.subarray(0, 99), thrift),
      400,
      /^Unable to process request body: .*\(byte \d+\)\n$/,
    ],
    [post('jaeger-thrift-http', '/api/traces', good, thrift, 'PUT'), 405, /takes POST/],
    [post('jaeger-thrift-http', '/v1/traces', good, thrift), 404, /4318/],
  ];
  for (const [replying, status, text] of cases) {
    const reply = await replying;
    equal(reply.status, status);
    match(await reply.text(), text);
  }
});

test('receivers: Zipkin’s port takes any path and says what is wrong', { skip }, async () => {
  const span = `[{"traceId":"abc","id":"def","name":"loose","timestamp":${Date.now()}000}]`;
  const good = Buffer.from(span);
  for (const path of ['/', '/api/v2/spans/', '/some/prefix/api/v2/spans', '/api/v1/spans']) {
    equal((await post('zipkin', path, good, {}, 'PUT')).status, 202, path);
  }
  const found = await askJaeger(spoor.jaeger, `/api/traces/abc`);
  equal(found.data[0].spans[0].operationName, 'loose');
  for (const [body, message] of [
    ['', /early/],
    ['{}', /not an array of spans but object/],
    ['[{"traceId":"xyz","id":"1"}]', /\[0\]\.traceId: an id is not hex digits/],
    [`[{"traceId":"${'1'.repeat(33)}","id":"1"}]`, /33 digits/],
  ] as const) {
    const reply = await post('zipkin', '/api/v2/spans', Buffer.from(body));
    equal(reply.status, 400, body);
    match(await reply.text(), message);
  }
  equal((await post('zipkin', '/api/v2/spans', good, { 'Content-Encoding': 'br' })).status, 400);
  equal((await post('zipkin', '/v1/traces', good)).status, 404);
});

test('receivers: Jaeger’s gRPC refuses a trace id of the wrong length', { skip }, async () => {
  const span = Buffer.from([0x0a, 0x03, 1, 2, 3]);
  const batch = Buffer.concat([Buffer.from([0x0a, span.length]), span]);
  const request = Buffer.concat([Buffer.from([0x0a, batch.length]), batch]);
  const error = await call(postSpans, request).then(
    () => undefined,
    (refusal: ServiceError) => refusal,
  );
  equal(error?.code, 3);
  match(error?.details ?? '', /an id of 3 bytes in the place of 16/);
  deepEqual([...(await call('/grpc.health.v1.Health/Check', Buffer.alloc(0)))], [8, 1]);
});

test('receivers: a port can be switched off; one in use is one clear line, and fatal only when it was asked for', async () => {
  const off = receiverEntries.flatMap(({ flag }) => [`--${flag}`, 'off']);
  const quiet = await startSpoor({ args: off });
  deepEqual(quiet.receivers, {});
  equal(await quiet.stop(), 0);
  const first = await startSpoor();
  try {
    for (const { name, flag } of receiverEntries) {
      const port = first.receivers[name];
      ok(port !== undefined && port > 0, name);
      const failure = await startSpoor({ args: [`--${flag}`, `${port}`] }).then(
        () => undefined,
        (error: Error) => error,
      );
      match(failure?.message ?? '', new RegExp(`port ${port} for .* is in use by another program.*--${flag}`));
    }
  } finally {
    equal(await first.stop(), 0);
  }
});
