import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { askJaeger, eventually, type JaegerTrace } from './jaeger-client.ts';
import { requestOf, sendJson, stringAttribute, type JsonSpan } from './otlp-json.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

const root: JsonSpan = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: '00f067aa0ba902b7',
  name: 'GET /',
  kind: 2,
  startTimeUnixNano: '1700000000000000000',
  endTimeUnixNano: '1700000000250000000',
  attributes: [stringAttribute('user', 'ada')],
};
const child: JsonSpan = { ...root, spanId: '00f067aa0ba902b8', parentSpanId: root.spanId, name: 'query', kind: 3 };

let dataDir: string;
let spoor: RunningSpoor;
before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'spoor-archive-'));
  spoor = await startSpoor({ dataDir });
  await sendJson(spoor.otlpHttp, requestOf({ shop: [root], db: [child] }));
});
after(async () => {
  await spoor.stop();
  await rm(dataDir, { recursive: true });
});

async function post(path: string, body?: string | Uint8Array, headers: Record<string, string> = {}) {
  const response = await fetch(spoor.jaeger + path, { method: 'POST', headers, body: (body as string) ?? null });
  return { status: response.status, text: await response.text() };
}

test('/api/transform: is what the API answers of the same spans', async () => {
  const { data } = await askJaeger(spoor.jaeger, `/api/traces/${root.traceId}`);
  const document = requestOf({ shop: [root], db: [child] });
  for (const [body, headers] of [
    [document, {}],
    [gzipSync(document), { 'content-encoding': 'gzip' }],
  ] as const) {
    const { status, text } = await post('/api/transform', body, headers);
    equal(status, 200, text);
    deepEqual((JSON.parse(text) as { data: unknown }).data, data);
    match(text, /,"total":0,"limit":0,"offset":0,"errors":null\}$/);
  }
  const pretty = await post('/api/transform?prettyPrint=1', document);
  equal(pretty.text, JSON.stringify(JSON.parse(pretty.text), undefined, 4));
});

test('/api/transform: several traces, none, and spans without an id', async () => {
  const other = { ...root, traceId: '00000000000000000000000000000001' };
  const two = await post('/api/transform', requestOf({ shop: [root, other, child] }));
  const { data } = JSON.parse(two.text) as { data: readonly JaegerTrace[] };
  deepEqual(
    data.map(({ traceID, spans }) => [traceID, spans.length]),
    [
      [root.traceId, 2],
      ['0000000000000001', 1],
    ],
  );
  equal((await post('/api/transform', '{}')).text, '{"data":[],"total":0,"limit":0,"offset":0,"errors":null}');
  const invalid = await post('/api/transform', requestOf({ shop: [{ ...root, spanId: '0000000000000000' }, child] }));
  match(invalid.text, /"errors":\[\{"msg":"1 spans left out: /);
});

test('/api/transform: refuses what is not OTLP, and the next upload is served', async () => {
  for (const body of ['', '{', '[1]', '{"resourceSpans":3}']) {
    const { status, text } = await post('/api/transform', body);
    equal(status, 400, text);
    match(text, /^\{"data":null,"total":0,"limit":0,"offset":0,"errors":\[\{"code":400,"msg":"[^"]/);
  }
  equal((await post('/api/transform', 'x', { 'content-encoding': 'br' })).status, 415);
  equal((await post('/api/transform', requestOf({ shop: [root] }))).status, 200);
});

test('POST and GET: each has its own paths', async () => {
  const get = await fetch(`${spoor.jaeger}/api/transform`);
  deepEqual([get.status, get.headers.get('allow')], [405, 'POST']);
  const posted = await fetch(`${spoor.jaeger}/api/services`, { method: 'POST' });
  deepEqual([posted.status, posted.headers.get('allow')], [405, 'GET, HEAD']);
  equal((await post('/api/archive/')).status, 404);
  equal((await post('/api/nothing')).status, 404);
});

test('/api/archive: refuses ids that are none or not there, and other sites', async () => {
  const missing = await post('/api/archive/99');
  deepEqual(
    [missing.status, missing.text],
    [404, '{"data":null,"total":0,"limit":0,"offset":0,"errors":[{"code":404,"msg":"trace not found"}]}\n'],
  );
  equal((await post('/api/archive/xyz')).status, 400);
  equal((await post(`/api/archive/${root.traceId}`, '', { 'sec-fetch-site': 'cross-site' })).status, 400);
  deepEqual((await readdir(join(dataDir, 'default'))).includes('archive'), false, 'nothing was archived yet');
});

test('/api/archive: a trace outlives retention and restarts', async () => {
  const before = await askJaeger(spoor.jaeger, `/api/traces/${root.traceId}`);
  for (let round = 0; round < 2; round++) {
    const { status, text } = await post(`/api/archive/${root.traceId}`);
    deepEqual([status, text], [200, '{"data":[],"total":0,"limit":0,"offset":0,"errors":[]}']);
  }
  await spoor.stop();
  // What is left of the store without its spans, as after retention: the archive alone.
  for (const name of ['manifest', 'wal', 'segments']) {
    await rm(join(dataDir, 'default', name), { recursive: true, force: true });
  }
  spoor = await startSpoor({ dataDir });
  const archived = await eventually('the archive answers', async () => {
    const answer = await askJaeger(spoor.jaeger, `/api/traces/${root.traceId}`);
    return answer.status === 200 ? answer : undefined;
  });
  equal(archived.text, before.text);
  const v3 = await fetch(`${spoor.jaeger}/api/v3/traces/${root.traceId}`);
  equal(v3.status, 200);
  equal((await askJaeger(spoor.jaeger, '/api/traces', {})).data.length, 0, 'searches do not look there');
  equal((await post(`/api/archive/${root.traceId}`)).status, 200, 'and it can be archived again');
  ok((await readdir(join(dataDir, 'default', 'archive'))).includes('wal'));
});
