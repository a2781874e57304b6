import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { askJaeger } from './jaeger-client.ts';
import { field, freshIds, traceRequest, varint } from './otlp-body.ts';
import { RawConnection } from './raw-http.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

const mebibyte = 1024 * 1024;
const protobuf = { 'Content-Type': 'application/x-protobuf' };
const json = { 'Content-Type': 'application/json' };
let spoor: RunningSpoor;
before(async () => void (spoor = await startSpoor()));
after(async () => {
  const refusals = spoor.log.filter(({ level }) => level === 'error');
  equal(await spoor.stop(), 0);
  deepEqual(refusals, [], 'no fault of a client is an error of the server');
});

async function post(
  body: Buffer | string,
  headers: Readonly<Record<string, string>>,
  path = '/v1/traces',
): Promise<Response> {
  return fetch(`${spoor.otlpHttp}${path}`, { method: 'POST', headers, body });
}

async function isStored(traceId: string): Promise<boolean> {
  return (await askJaeger(spoor.jaeger, `/api/traces/${traceId}`)).status === 200;
}

test('OTLP/HTTP: every content coding, in any case', async () => {
  const codings = {
    gzip: gzipSync,
    GZIP: gzipSync,
    deflate: deflateSync,
    Deflate: deflateRawSync,
    zstd: zstdCompressSync,
  };
  for (const [name, encode] of Object.entries(codings)) {
    const ids = freshIds();
    const reply = await post(encode(traceRequest('codings', [ids])), { ...protobuf, 'Content-Encoding': name });
    equal(reply.status, 200, name);
    equal(await isStored(ids.traceId), true, name);
  }
});

test('OTLP/HTTP: large bodies, protobuf in slices and JSON through a worker, are kept whole', async () => {
  const pad = 'x'.repeat(1000);
  for (const form of ['protobuf', 'json'] as const) {
    const { traceId } = freshIds();
    const spans = Array.from({ length: 3000 }, (_, i) => ({
      traceId,
      spanId: (i + 1).toString(16).padStart(16, '0'),
      name: `${pad}${i}`,
    }));
    const body =
      form === 'protobuf'
        ? traceRequest('large', spans)
        : JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
    ok(body.length > 2 * mebibyte);
    equal((await post(body, form === 'protobuf' ? protobuf : json)).status, 200);
    const { data } = await askJaeger(spoor.jaeger, `/api/traces/${traceId}`);
    equal(data[0].spans.length, 3000, form);
  }
});

test('OTLP/HTTP: replies are in the encoding of the request, parameters of the type do not matter', async () => {
  const cases = [
    [protobuf, Buffer.alloc(0), 'application/x-protobuf', ''],
    [json, '{}', 'application/json', '{}'],
    [{ 'Content-Type': 'Application/JSON; charset=utf-8' }, '{"resourceSpans":[]}', 'application/json', '{}'],
  ] as const;
  for (const [headers, body, type, text] of cases) {
    const reply = await post(body, headers);
    deepEqual([reply.status, reply.headers.get('content-type'), await reply.text()], [200, type, text]);
  }
});

test('OTLP/HTTP: spans without a valid id are rejected one by one, the others stay', async () => {
  const good = freshIds();
  const bad = ['', '00'.repeat(16), 'ab'.repeat(15), 'ab'.repeat(17)].map((traceId) => ({ ...freshIds(), traceId }));
  const reply = await post(
    traceRequest('partial', [...bad, good, { ...freshIds(), spanId: '00'.repeat(8) }]),
    protobuf,
  );
  equal(reply.status, 200);
  const body = Buffer.from(await reply.arrayBuffer());
  // ExportTracePartialSuccess: rejected_spans (field 1, varint) is 5
  deepEqual([...body.subarray(2, 4)], [0x08, 5]);
  equal(await isStored(good.traceId), true);
});

test('OTLP/HTTP: odd times are kept, not refused', async () => {
  const ids = freshIds();
  const spans = [
    { ...ids, startNano: 5n, endNano: 2n },
    { traceId: ids.traceId, spanId: '00000000000000f1', startNano: 0n, endNano: 0n },
    { traceId: ids.traceId, spanId: '00000000000000f2', startNano: 0n, endNano: 2n ** 64n - 1n },
  ];
  equal((await post(traceRequest('times', spans), protobuf)).status, 200);
  const { data } = await askJaeger(spoor.jaeger, `/api/traces/${ids.traceId}`);
  deepEqual(
    data[0].spans.map(({ duration }) => duration).sort((a, b) => a - b),
    [0, 0, 18446744073709552],
  );
});

test('OTLP/HTTP: a bad body is refused whole with google.rpc.Status, and nothing of it is stored', async () => {
  const ids = freshIds();
  const whole = traceRequest('bad', [
    ids,
    { ...freshIds(), extra: field(9, Buffer.concat([field(1, 'k'), field(2, field(1, 'v'))])) },
  ]);
  const bad: Readonly<Record<string, Buffer>> = {
    truncated: whole.subarray(0, whole.length - 3),
    'wrong wire type': traceRequest('bad', [{ ...ids, extra: Buffer.concat([varint(5 * 8), varint(1)]) }]),
    'group tag': traceRequest('bad', [{ ...ids, extra: varint(5 * 8 + 3) }]),
    'long varint': traceRequest('bad', [{ ...ids, extra: Buffer.concat([varint(6 * 8), Buffer.alloc(11, 0xff)]) }]),
    'length past the end': Buffer.concat([whole, Buffer.from([0x0a, 0xff, 0xff, 0x03])]),
    text: Buffer.from('this is not protobuf'),
  };
  for (const [name, body] of Object.entries(bad)) {
    const reply = await post(body, protobuf);
    deepEqual([reply.status, reply.headers.get('content-type')], [400, 'application/x-protobuf'], name);
    deepEqual([...Buffer.from(await reply.arrayBuffer()).subarray(0, 2)], [0x08, 3], `${name}: INVALID_ARGUMENT`);
  }
  equal(await isStored(ids.traceId), false);
});

test('OTLP/HTTP: JSON that is not OTLP/JSON', async () => {
  const { traceId, spanId } = freshIds();
  const withSpan = (span: string): string => `{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`;
  const bad: Readonly<Record<string, string>> = {
    'not JSON': '{"resourceSpans":[',
    'a list': '[]',
    'base64 ids': withSpan(`{"traceId":"q80AAAAAAAAAAAAAAAAAAQ==","spanId":"zQAAAAAAAAE=","name":"x"}`),
    'too deep': withSpan(
      `{"traceId":"${traceId}","spanId":"${spanId}","attributes":[{"key":"k","value":${'{"arrayValue":{"values":['.repeat(10_000)}${']}}'.repeat(10_000)}}]}`,
    ),
    'a number with rubbish': withSpan(`{"traceId":"${traceId}","spanId":"${spanId}","startTimeUnixNano":"12x"}`),
  };
  for (const [name, body] of Object.entries(bad)) {
    const reply = await post(body, json);
    ok(reply.status === 400 || reply.status === 413, `${name}: ${reply.status}`);
    const status = (await reply.json()) as { code: number; message: string };
    ok(status.code === 3 || status.code === 8, name);
    ok(status.message.length > 0);
  }
  equal(await isStored(traceId), false);
});

test('OTLP/HTTP: content types and codings that are not known, methods, paths', async () => {
  const body = traceRequest('x', [freshIds()]);
  equal((await post(body, { 'Content-Type': 'text/plain' })).status, 415);
  equal((await post(body, {})).status, 415);
  equal((await post(body, { ...protobuf, 'Content-Encoding': 'br' })).status, 415);
  equal((await post(body, { ...protobuf, 'Content-Encoding': 'gzip' })).status, 400, 'not gzip');
  equal(
    (await post(gzipSync(body).subarray(0, 30), { ...protobuf, 'Content-Encoding': 'gzip' })).status,
    400,
    'cut gzip',
  );
  const get = await fetch(`${spoor.otlpHttp}/v1/traces`);
  deepEqual([get.status, get.headers.get('allow')], [405, 'POST, OPTIONS']);
  const unknown = await post(body, protobuf, '/v1/trace');
  equal(unknown.status, 404);
  match(await unknown.text(), /did you mean \/v1\/traces\?/);
  match(await (await fetch(spoor.otlpHttp)).text(), /\/v1\/traces, \/v1\/logs, \/v1\/metrics/);
  equal((await post(body, protobuf, '/v1/traces?x=1')).status, 200);
});

test('OTLP/HTTP: limits hold before and after decompression', async () => {
  const bomb = gzipSync(Buffer.alloc(65 * mebibyte));
  ok(bomb.length < mebibyte);
  const reply = await post(bomb, { ...protobuf, 'Content-Encoding': 'gzip' });
  deepEqual([reply.status, reply.headers.get('retry-after')], [413, null]);
  const connection = new RawConnection(spoor.otlpHttp);
  connection.write(
    `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${65 * mebibyte}\r\n\r\n{`,
  );
  equal((await connection.reply()).status, 413, 'by its announced length');
  connection.close();
  const chunked = new RawConnection(spoor.otlpHttp);
  chunked.write(
    'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
  );
  const chunk = Buffer.alloc(mebibyte, 0x20);
  for (let i = 0; i < 65; i++)
    chunked.write(Buffer.concat([Buffer.from(`${mebibyte.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]));
  const refused = await chunked.reply();
  deepEqual([refused.status, (JSON.parse(refused.body.toString()) as { code: number }).code], [413, 8]);
  chunked.close();
});

test('OTLP/HTTP: Expect: 100-continue, and a refusal in its place', async () => {
  const ids = freshIds();
  const body = traceRequest('expect', [ids]);
  const connection = new RawConnection(spoor.otlpHttp);
  const head = (type: string): string =>
    `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`;
  connection.write(head('application/x-protobuf'));
  equal((await connection.reply()).status, 100);
  connection.write(body);
  equal((await connection.reply()).status, 200);
  connection.close();
  equal(await isStored(ids.traceId), true);
  const refused = new RawConnection(spoor.otlpHttp);
  refused.write(head('text/plain'));
  equal((await refused.reply()).status, 415);
  refused.close();
});

test('OTLP/HTTP: chunks with trailers, pipelined requests, a slow body', async () => {
  const ids = [freshIds(), freshIds(), freshIds(), freshIds()];
  const bodies = ids.map((one) => traceRequest('wire', [one]));
  const connection = new RawConnection(spoor.otlpHttp);
  const head = 'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n';
  connection.write(`${head}Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n${bodies[0].length.toString(16)}\r\n`);
  connection.write(Buffer.concat([bodies[0], Buffer.from('\r\n0\r\nX-Sum: 1\r\n\r\n')]));
  for (const body of [bodies[1], bodies[2]]) {
    connection.write(Buffer.concat([Buffer.from(`${head}Content-Length: ${body.length}\r\n\r\n`), body]));
  }
  for (let i = 0; i < 3; i++) equal((await connection.reply()).status, 200);
  connection.write(`${head}Content-Length: ${bodies[3].length}\r\n\r\n`);
  for (const byte of bodies[3]) {
    connection.write(Uint8Array.of(byte));
    await sleep(1);
  }
  equal((await connection.reply()).status, 200);
  connection.close();
  for (const { traceId } of ids) equal(await isStored(traceId), true);
});

test('OTLP/HTTP: a body that is broken off leaves nothing', async () => {
  const ids = freshIds();
  const body = traceRequest('abort', [ids]);
  const connection = new RawConnection(spoor.otlpHttp);
  connection.write(
    `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: ${body.length + 1}\r\n\r\n`,
  );
  connection.write(body);
  await sleep(50);
  connection.close();
  await sleep(50);
  equal(await isStored(ids.traceId), false);
});

test('OTLP/HTTP: long attributes, many attributes, cut UTF-8', async () => {
  const attribute = (key: string, value: Buffer): Buffer =>
    field(9, Buffer.concat([field(1, key), field(2, field(1, value))]));
  const long = { ...freshIds(), extra: attribute('long', Buffer.alloc(mebibyte, 0x78)) };
  const many = {
    ...freshIds(),
    extra: Buffer.concat(Array.from({ length: 10_000 }, (_, i) => attribute(`k${i}`, Buffer.from('v')))),
  };
  const cut = { ...freshIds(), extra: attribute('cut', Buffer.from('é').subarray(0, 1)) };
  equal((await post(traceRequest('odd', [long, many, cut]), protobuf)).status, 200);
  const tags = async (traceId: string) =>
    (await askJaeger(spoor.jaeger, `/api/traces/${traceId}`)).data[0].spans[0].tags;
  equal((await tags(long.traceId)).find(({ key }) => key === 'long')!.value, 'x'.repeat(mebibyte));
  equal((await tags(many.traceId)).length, 4096);
  equal((await tags(cut.traceId)).find(({ key }) => key === 'cut')!.value, '\ufffd');
});

test('OTLP/HTTP: logs and metrics are answered and counted, with a warning and no rejection', async () => {
  const logs = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{},{}]}]}]}';
  const reply = await post(logs, json, '/v1/logs');
  deepEqual(
    [reply.status, await reply.json()],
    [200, { partialSuccess: { errorMessage: 'Spoor keeps traces; logs are counted, but not kept yet' } }],
  );
  equal((await post('{}', json, '/v1/metrics')).status, 200);
  const metrics = await (await fetch(`${spoor.jaeger}/metrics`)).text();
  match(metrics, /^spoor_records_not_kept_total\{signal="logs"\} 2$/m);
});

test('OTLP/HTTP: CORS', async () => {
  const headers = {
    Origin: 'https://shop.example',
    'Access-Control-Request-Method': 'POST',
    'Access-Control-Request-Headers': 'content-type,x-y',
  };
  const preflight = await fetch(`${spoor.otlpHttp}/v1/traces`, { method: 'OPTIONS', headers });
  equal(preflight.status, 204);
  const names = ['access-control-allow-origin', 'access-control-allow-methods', 'access-control-allow-headers'];
  deepEqual(
    names.map((name) => preflight.headers.get(name)),
    ['*', 'POST', 'content-type,x-y'],
  );
  const reply = await post('{}', { ...json, Origin: 'https://shop.example' });
  equal(reply.headers.get('access-control-allow-origin'), '*');
});
