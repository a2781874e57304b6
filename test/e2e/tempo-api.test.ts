import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { plainRequest } from './otlp-plain.ts';
import { intAttribute, requestOf, sendJson, stringAttribute, type JsonSpan } from './otlp-json.ts';
import { decodeMessage } from './proto-client.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';
import { checkShape } from './tempo-shape.ts';

/*
 *  trace 00…0a1  shop  GET /cart    server          [0 … 40 ms]   user=ada, http.status_code=500
 *                ├─ db   query      client, error   [10 … 30 ms]  rows=3
 *                │  └─ db  parse    internal        [12 … 13 ms]
 *                └─ db   close      client          [31 … 32 ms]
 *  trace 00…0a2  shop  GET /        server          [0 … 5 ms], a minute later
 *  trace 00…0a3  lost  orphan       internal        [0 … 1 ms], two minutes later, parent missing
 *  trace 00…0a4  as 0a1, three minutes later, with another query and without close
 */
const first = 1_790_000_040;
const trace = (n: number): string => n.toString(16).padStart(32, '0');
const id = (n: number): string => n.toString(16).padStart(16, '0');
const at = (minute: number, milli: number): string =>
  String((BigInt(first + 60 * minute) * 1000n + BigInt(milli)) * 1_000_000n);

function span(
  n: number,
  traceId: string,
  name: string,
  times: readonly [number, number, number],
  more: Partial<JsonSpan>,
): JsonSpan {
  const [minute, start, end] = times;
  return {
    traceId,
    spanId: id(n),
    name,
    startTimeUnixNano: at(minute, start),
    endTimeUnixNano: at(minute, end),
    ...more,
  };
}

const failed = { code: 2, message: 'no such table' };
const cart = span(1, trace(0xa1), 'GET /cart', [0, 0, 40], {
  kind: 2,
  attributes: [stringAttribute('user', 'ada'), intAttribute('http.status_code', 500)],
});
const query = span(2, trace(0xa1), 'query', [0, 10, 30], {
  kind: 3,
  parentSpanId: id(1),
  status: failed,
  attributes: [intAttribute('rows', 3)],
});
const parse = span(3, trace(0xa1), 'parse', [0, 12, 13], { kind: 1, parentSpanId: id(2) });
const close = span(4, trace(0xa1), 'close', [0, 31, 32], { kind: 3, parentSpanId: id(1) });
const index = span(5, trace(0xa2), 'GET /', [1, 0, 5], { kind: 2 });
const orphan = span(6, trace(0xa3), 'orphan', [2, 0, 1], { kind: 1, parentSpanId: id(0xdead) });
const cart2 = span(7, trace(0xa4), 'GET /cart', [3, 0, 90], { kind: 2, attributes: [stringAttribute('user', 'bob')] });
const query2 = span(8, trace(0xa4), 'query', [3, 10, 80], {
  kind: 3,
  parentSpanId: id(7),
  attributes: [intAttribute('rows', 3)],
});
const parse2 = span(9, trace(0xa4), 'parse', [3, 12, 13], { kind: 1, parentSpanId: id(8) });

let spoor: RunningSpoor;
let base: string;
before(async () => {
  spoor = await startSpoor();
  base = `http://127.0.0.1:${spoor.ports['tempo-http']}`;
  const services = { shop: [cart, index, cart2], db: [query, parse, close, query2, parse2], lost: [orphan] };
  await sendJson(spoor.otlpHttp, requestOf(services));
});
after(() => spoor.stop());

type Parameters = Readonly<Record<string, string | number>>;

async function get(
  path: string,
  parameters: Parameters = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const texts = Object.entries(parameters).map(([name, value]) => [name, String(value)]);
  return fetch(`${base}${path}?${new URLSearchParams(texts).toString()}`, { headers });
}

/** The answer as JSON, of which every field is one that Grafana knows. */
async function ask<T>(message: string, path: string, parameters: Parameters = {}): Promise<T> {
  const response = await get(path, parameters);
  const body = await response.text();
  equal(response.status, 200, body);
  equal(response.headers.get('content-type'), 'application/json');
  const value: unknown = JSON.parse(body);
  checkShape(message, value);
  return value as T;
}

async function refusal(path: string, parameters: Parameters = {}): Promise<[number, string | null, string]> {
  const response = await get(path, parameters);
  return [response.status, response.headers.get('content-type'), await response.text()];
}

const bad = (text: string): [number, string, string] => [400, 'text/plain; charset=utf-8', text];

interface SearchResponse {
  readonly traces?: readonly {
    readonly traceID: string;
    readonly rootServiceName: string;
    readonly rootTraceName?: string;
    readonly durationMs?: number;
    readonly spanSet?: SpanSet;
    readonly spanSets?: readonly SpanSet[];
    readonly serviceStats?: object;
  }[];
}
interface SpanSet {
  readonly spans: readonly { readonly spanID: string; readonly attributes?: readonly object[] }[];
  readonly matched: number;
  readonly attributes?: readonly object[];
}

test('what machines ask', async () => {
  const answers = await Promise.all(
    [
      '/api/echo',
      '/ready',
      '/status',
      '/status/version',
      '/status/services',
      '/status/endpoints',
      '/status/config',
    ].map(async (path) => (await get(path)).text()),
  );
  equal(answers[0], 'echo');
  equal(answers[1], 'ready\n');
  match(answers[2], /version[^]*services[^]*endpoints[^]*config/);
  match(answers[3], /^spoor, version /);
  match(answers[5], /^\/api\/v2\/search\/tags$/m);
  ok(answers.every((text) => text.length > 0));
  match(await (await get('/metrics')).text(), /^spoor_wal_bytes_total /m);
  deepEqual(Object.keys((await (await get('/api/status/buildinfo')).json()) as object), [
    'version',
    'revision',
    'branch',
    'buildUser',
    'buildDate',
    'goVersion',
  ]);
  equal((await get('/status/bogus')).status, 404);
  equal((await get('/api/metrics/summary')).status, 404);
  equal((await get('/api/v2/traces/diff')).status, 405);
});

test('GET /api/traces/{id}: protobuf’s JSON under batches, protobuf itself, or nothing', async () => {
  const json = (await (await get(`/api/traces/${trace(0xa1)}`)).json()) as {
    batches: { scopeSpans: { spans: object[] }[] }[];
  };
  deepEqual(Object.keys(json), ['batches']);
  const [root] = json.batches[0].scopeSpans[0].spans;
  deepEqual(root, {
    traceId: 'AAAAAAAAAAAAAAAAAAAAoQ==',
    spanId: 'AAAAAAAAAAE=',
    name: 'GET /cart',
    kind: 'SPAN_KIND_SERVER',
    startTimeUnixNano: at(0, 0),
    endTimeUnixNano: at(0, 40),
    attributes: [stringAttribute('user', 'ada'), intAttribute('http.status_code', 500)],
  });
  const response = await get('/api/traces/a1', {}, { Accept: 'application/protobuf' });
  equal(response.headers.get('content-type'), 'application/protobuf');
  const { resourceSpans } = plainRequest(Buffer.from(await response.arrayBuffer())) as { resourceSpans: object[] };
  equal(resourceSpans.length, 2);
  deepEqual(await refusal('/api/traces/ff'), [404, 'text/plain; charset=utf-8', '']);
  deepEqual(
    await refusal('/api/traces/az'),
    bad("trace IDs can only contain hex characters: invalid character 'z' at position 2"),
  );
  deepEqual(
    await refusal('/api/traces/a1', { start: 5, end: 5 }),
    bad('http parameter start must be before end. received start=5 end=5'),
  );
});

test('GET /api/v2/traces/{id}: always a trace message; filters keep who they are asked to', async () => {
  const names = async (parameters: Parameters): Promise<string[]> => {
    const response = await get(`/api/v2/traces/${trace(0xa1)}`, parameters, { Accept: 'application/protobuf' });
    const message = decodeMessage('tempopb.TraceByIDResponse', await response.bytes()) as {
      trace: { resourceSpans?: { scopeSpans: { spans: { name: string }[] }[] }[] };
      status?: string;
    };
    equal(message.status, 'q' in parameters ? 'PARTIAL' : undefined);
    const groups = message.trace.resourceSpans ?? [];
    return groups.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name))).sort();
  };
  deepEqual(await names({}), ['GET /cart', 'close', 'parse', 'query']);
  deepEqual(await names({ start: first - 10, end: first + 10 }), ['GET /cart', 'close', 'parse', 'query']);
  deepEqual(await names({ q: '{ status = error }' }), ['query']);
  deepEqual(await names({ q: '{ status = error }', match_depth: 1 }), ['parse', 'query']);
  deepEqual(await names({ q: '{ name = "parse" }', keep_hierarchy: 'true' }), ['GET /cart', 'parse', 'query']);
  deepEqual(await names({ q: '{ name = "parse" }', keep_hierarchy: 'true', ancestor_depth: 1 }), ['parse', 'query']);
  deepEqual(await names({ q: '{ name = "GET /cart" }', match_depth: -1 }), ['GET /cart', 'close', 'parse', 'query']);
  deepEqual(await names({ q: '{ name = "nobody" }' }), []);
  equal(await (await get('/api/v2/traces/ff')).text(), '{"trace":{},"metrics":{}}');
  const missing = await get('/api/v2/traces/ff', {}, { Accept: 'application/protobuf' });
  deepEqual(decodeMessage('tempopb.TraceByIDResponse', await missing.bytes()), { trace: {}, metrics: {} });
  const json = (await (await get('/api/v2/traces/a1', { q: '{}' })).json()) as Record<string, unknown>;
  deepEqual(Object.keys(json), ['trace', 'metrics', 'status', 'message']);
  equal((await get('/api/v2/traces/a1', { q: '{} | count() > 1' })).status, 400);
  equal((await get('/api/v2/traces/a1', { q: '{' })).status, 400);
});

test('GET /api/search: TraceQL, newest first, with span sets and what services did', async () => {
  const all = await ask<SearchResponse>('SearchResponse', '/api/search', { q: '{}' });
  deepEqual(
    all.traces?.map(({ traceID }) => traceID),
    ['a4', 'a3', 'a2', 'a1'],
  );
  deepEqual(
    all.traces?.map(({ rootServiceName }) => rootServiceName),
    ['shop', '<root span not yet received>', 'shop', 'shop'],
  );
  deepEqual(all.traces?.[3].serviceStats, { db: { spanCount: 3, errorCount: 1 }, shop: { spanCount: 1 } });
  equal(all.traces?.[3].durationMs, 40);
  const q = '{ resource.service.name = "db" && span:parentID != "" } | select(span.rows)';
  const { traces = [] } = await ask<SearchResponse>('SearchResponse', '/api/search', { q, spss: 1 });
  deepEqual(
    traces.map(({ spanSets }) => spanSets?.map(({ matched, spans }) => [matched, spans.length])),
    [[[2, 1]], [[3, 1]]],
  );
  deepEqual(traces[1].spanSet, traces[1].spanSets?.[0]);
  ok(JSON.stringify(traces[1].spanSet).includes('{"key":"rows","value":{"intValue":"3"}}'));
  const grouped = await ask<SearchResponse>('SearchResponse', '/api/search', {
    q: '{} | by(resource.service.name) | count() > 1',
  });
  deepEqual(grouped.traces?.[0].spanSets?.[0].attributes, [
    stringAttribute('by(resource.service.name)', 'db'),
    intAttribute('count()', 2),
  ]);
  const counted = await ask<SearchResponse>('SearchResponse', '/api/search', { q: '{ status = error } | rate()' });
  deepEqual(
    counted.traces?.map(({ traceID }) => traceID),
    ['a1'],
  );
});

test('GET /api/search: ranges, pages and what is said beside the answer', async () => {
  const ids = async (parameters: Parameters): Promise<[string[], Headers]> => {
    const response = await get('/api/search', parameters);
    const { traces = [] } = (await response.json()) as SearchResponse;
    return [traces.map(({ traceID }) => traceID), response.headers];
  };
  deepEqual((await ids({ q: '{}', start: first + 60, end: first + 120 }))[0], ['a3', 'a2']);
  deepEqual((await ids({ q: '{}', start: 1, end: 2_000_000_000 }))[0].length, 4);
  const [page, headers] = await ids({ q: '{}', limit: 3 });
  deepEqual([page, headers.get('x-spoor-total')], [['a4', 'a3', 'a2'], '4']);
  const [rest, last] = await ids({ q: '{}', limit: 3, cursor: headers.get('x-spoor-cursor')! });
  deepEqual([rest, last.get('x-spoor-cursor')], [['a1'], null]);
  deepEqual((await ids({ q: '{}', order: 'longest' }))[0], ['a4', 'a1', 'a2', 'a3']);
  deepEqual((await ids({}))[0].length, 4);
});

test('GET /api/search: by tags', async () => {
  const search = (parameters: Parameters) => ask<SearchResponse>('SearchResponse', '/api/search', parameters);
  const ids = async (parameters: Parameters): Promise<(string | undefined)[]> =>
    ((await search(parameters)).traces ?? []).map(({ traceID }) => traceID);
  deepEqual(await ids({ tags: 'service.name=db user=ad' }), ['a1']);
  deepEqual(await ids({ tags: 'name="GET /c"' }), ['a4', 'a1']);
  deepEqual(await ids({ tags: 'http.status_code=500' }), ['a1']);
  deepEqual(await ids({ tags: 'status.code=error' }), ['a1']);
  deepEqual(await ids({ tags: 'error=true' }), ['a1']);
  deepEqual(await ids({ tags: 'user=ADA' }), []);
  deepEqual(await ids({ tags: 'user=a.a' }), [], 'no pattern');
  deepEqual(await ids({ tags: '', minDuration: '50ms' }), ['a4']);
  deepEqual(await ids({ tags: 'service.name=shop', maxDuration: '10ms' }), ['a2']);
  deepEqual(await ids({ user: 'bob' }), ['a4'], 'parameters that are none are tags');
  const [found] = (await search({ tags: 'user=ada' })).traces ?? [];
  deepEqual(Object.keys(found), ['traceID', 'rootServiceName', 'rootTraceName', 'startTimeUnixNano', 'durationMs']);
});

test('GET /api/search: refusals in Tempo’s words', async () => {
  deepEqual(await refusal('/api/search', { limit: 0 }), bad('invalid limit: must be a positive number'));
  deepEqual(await refusal('/api/search', { limit: 262_145 }), bad('limit 262145 exceeds max limit 262144'));
  deepEqual(
    await refusal('/api/search', { q: '{}', spss: 1000 }),
    bad('spans per span set exceeds 100. received 1000'),
  );
  deepEqual(
    await refusal('/api/search', { q: '{}', start: 100 }),
    bad('http parameter start must be before end. received start=100 end=0'),
  );
  deepEqual(
    await refusal('/api/search', { q: '{}', tags: 'a=b' }),
    bad("invalid request: can't specify tags and q in the same query"),
  );
  const [status, , text] = await refusal('/api/search', { q: '{ .foo = ' });
  equal(status, 400);
  match(text, /^invalid TraceQL query: parse error at line 1, col 10: syntax error: unexpected/);
});

test('tags and their values, both versions', async () => {
  const tags = await ask<{ tagNames: string[] }>('SearchTagsResponse', '/api/search/tags');
  deepEqual(tags.tagNames, ['http.status_code', 'rows', 'service.name', 'user']);
  const intrinsic = await ask<{ tagNames: string[] }>('SearchTagsResponse', '/api/search/tags', { scope: 'intrinsic' });
  ok(intrinsic.tagNames.includes('rootServiceName'));
  deepEqual(await refusal('/api/search/tags', { scope: 'bogus' }), bad('invalid scope: bogus'));
  const { scopes } = await ask<{ scopes: { name: string; tags: string[] }[] }>(
    'SearchTagsV2Response',
    '/api/v2/search/tags',
    {
      limit: 2,
      start: first - 60,
      end: first + 600,
    },
  );
  deepEqual(scopes.slice(0, 2), [
    { name: 'resource', tags: ['service.name'] },
    { name: 'span', tags: ['http.status_code', 'rows'] },
  ]);
  equal(scopes.at(-1)?.name, 'intrinsic');
  const narrowed = await ask<{ scopes: object[] }>('SearchTagsV2Response', '/api/v2/search/tags', {
    scope: 'span',
    q: '{ name = "query" }',
  });
  deepEqual(narrowed.scopes, [{ name: 'span', tags: ['rows'] }]);
  const plain = await ask<{ tagValues: string[] }>('SearchTagValuesResponse', '/api/search/tag/service.name/values');
  deepEqual(plain.tagValues, ['db', 'lost', 'shop']);
  const roots = await ask<{ tagValues: string[] }>(
    'SearchTagValuesResponse',
    '/api/search/tag/root.service.name/values',
  );
  const rootsOfToday = await ask<{ tagValues: string[] }>(
    'SearchTagValuesResponse',
    '/api/search/tag/rootServiceName/values',
  );
  ok(roots.tagValues.length > 0);
  deepEqual(roots.tagValues, rootsOfToday.tagValues);
  const values = async (tag: string, parameters: Parameters = {}): Promise<unknown> =>
    (await ask<{ tagValues?: object }>('SearchTagValuesV2Response', `/api/v2/search/tag/${tag}/values`, parameters))
      .tagValues;
  deepEqual(await values('.rows'), [{ type: 'int', value: '3' }]);
  const string = (value: string) => ({ type: 'string', value });
  deepEqual(await values('resource.service.name', { limit: 2 }), [string('db'), string('lost')]);
  deepEqual(await values('resource.service.name', { q: '{ name = "query" }' }), [string('db')]);
  deepEqual(await values('span.user', { q: '{ resource.service.name = "shop" && name =' }), [
    string('ada'),
    string('bob'),
  ]);
  deepEqual(await values('name', { q: '{ resource.service.name = "shop" }' }), [string('GET /'), string('GET /cart')]);
  deepEqual(await values('duration'), undefined);
  const keyword = (value: string) => ({ type: 'keyword', value });
  deepEqual(await values('status'), ['error', 'unset'].map(keyword));
  match((await refusal('/api/v2/search/tag/service.name/values'))[2], /^please provide a valid tagName: /);
});

interface RangeResponse {
  readonly series?: readonly {
    readonly labels: readonly object[];
    readonly samples: readonly { readonly timestampMs: string; readonly value?: number }[];
    readonly exemplars?: readonly { readonly labels: readonly object[]; readonly value: number }[];
  }[];
}

test('GET /api/metrics/query_range: intervals end at multiples of the step, zeros are left out', async () => {
  const range = { start: first - 60, end: first + 181, step: 60 };
  const { series = [] } = await ask<RangeResponse>('QueryRangeResponse', '/api/metrics/query_range', {
    q: '{ resource.service.name = "shop" } | count_over_time()',
    ...range,
  });
  deepEqual(
    series.map(({ labels }) => labels),
    [[stringAttribute('__name__', 'count_over_time')]],
  );
  // The spans at the very start of a minute belong to the interval that ends there.
  deepEqual(series[0].samples, [
    { timestampMs: `${(first - 60) * 1000}` },
    { timestampMs: `${first * 1000}`, value: 1 },
    { timestampMs: `${(first + 60) * 1000}`, value: 1 },
    { timestampMs: `${(first + 120) * 1000}` },
    { timestampMs: `${(first + 180) * 1000}`, value: 1 },
    { timestampMs: `${(first + 240) * 1000}` },
  ]);
  equal(series[0].exemplars?.length, 3);
  match(JSON.stringify(series[0].exemplars?.[0]), /\{"key":"trace:id","value":\{"stringValue":"0{30}a1"\}\}/);
  const q = '{} | max_over_time(duration) by (kind)';
  const forms = [
    { start: `${range.start}.0` },
    { start: `${range.start}000000000` },
    { start: new Date(range.start * 1000).toISOString() },
    { step: '1m0s' },
  ];
  const expected = await (await get('/api/metrics/query_range', { q, ...range })).text();
  for (const form of forms)
    equal(await (await get('/api/metrics/query_range', { q, ...range, ...form })).text(), expected);
  const none = await ask<RangeResponse>('QueryRangeResponse', '/api/metrics/query_range', {
    q,
    ...range,
    exemplars: 0,
  });
  ok(none.series?.every(({ exemplars }) => exemplars === undefined));
});

test('GET /api/metrics/query: one value for the whole range', async () => {
  const range = { start: first - 60, end: first + 240 };
  const instant = (q: string) =>
    ask<{ series?: { labels: object[]; value?: number }[] }>('QueryInstantResponse', '/api/metrics/query', {
      q,
      ...range,
    });
  deepEqual((await instant('{} | count_over_time() by (resource.service.name)')).series, [
    { labels: [stringAttribute('resource.service.name', 'db')], value: 5 },
    { labels: [stringAttribute('resource.service.name', 'lost')], value: 1 },
    { labels: [stringAttribute('resource.service.name', 'shop')], value: 3 },
  ]);
  deepEqual((await instant('{ name = "nobody" } | rate()')).series, [
    { labels: [stringAttribute('__name__', 'rate')] },
  ]);
  equal((await instant('{} | rate()')).series?.[0].value, 9 / 300);
});

test('metrics: refusals', async () => {
  const range = { start: first, end: first + 60 };
  match((await refusal('/api/metrics/query_range', { q: '{}', ...range }))[2], /not a metrics query/);
  deepEqual(
    await refusal('/api/metrics/query', { q: '{} | rate()', start: 5, end: 5 }),
    bad('end must be greater than start'),
  );
  const many = await refusal('/api/metrics/query_range', {
    q: '{} | rate()',
    start: first,
    end: first + 86_400,
    step: 1,
  });
  equal(many[0], 400);
  match(many[2], /intervals are more than 10000/);
  const days = await get('/api/metrics/query_range', {
    q: '{} | rate()',
    start: first - 40 * 86_400,
    end: first + 86_400,
  });
  equal(days.status, 200, 'a range of 41 days is no matter');
  equal((await refusal('/api/metrics/query_range', { q: '{} | rate()', ...range, step: 'soon' }))[0], 400);
});

test('POST /api/v2/traces/diff: how two traces differ', async () => {
  const diff = async (body: object): Promise<[number, string]> => {
    const response = await fetch(`${base}/api/v2/traces/diff`, { method: 'POST', body: JSON.stringify(body) });
    return [response.status, await response.text()];
  };
  const sides = { base: { traceId: 'a1' }, compare: { traceID: trace(0xa4) } };
  const [status, text] = await diff(sides);
  equal(status, 200, text);
  const patch = JSON.parse(text) as {
    version: string;
    changes: { op: string; target: string; name?: string; span?: { name: string } }[];
  };
  equal(patch.version, 'trace-patch-v0');
  deepEqual(
    patch.changes.map(({ op, target, name, span: one }) => `${op} ${target} ${name ?? one?.name}`),
    [
      'remove span close',
      'modify field durationMs',
      'modify attribute user',
      'remove attribute http.status_code',
      'modify field durationMs',
      'modify field status',
    ],
  );
  const summary = JSON.parse((await diff({ ...sides, format: 'trace-summary-v0-native' }))[1]) as {
    signals: object;
    stats: object;
    changedServices: { serviceName: string }[];
    patch?: object;
  };
  deepEqual(summary.signals, {
    traceLatency: 'increased',
    spanWork: 'increased',
    errors: 'decreased',
    spanCount: 'decreased',
    structure: 'changed',
  });
  deepEqual(
    summary.changedServices.map(({ serviceName }) => serviceName),
    ['shop', 'db'],
  );
  const composed = JSON.parse((await diff({ ...sides, format: 'trace-summary-v0-composed' }))[1]) as { patch: object };
  deepEqual(composed.patch, patch);
  deepEqual(await diff({ ...sides, compare: { traceId: 'ff' } }), [404, 'Not Found']);
  equal((await diff({ ...sides, format: 'prose' }))[0], 400);
  equal((await diff({ base: { traceId: 'a1' } }))[0], 400);
});

test('protobuf on every endpoint that has a message; JSON for what is asked in other forms', async () => {
  const asked: readonly (readonly [string, string, Parameters])[] = [
    ['SearchResponse', '/api/search', { q: '{ name = "query" }' }],
    ['SearchTagsResponse', '/api/search/tags', {}],
    ['SearchTagsV2Response', '/api/v2/search/tags', {}],
    ['SearchTagValuesResponse', '/api/search/tag/user/values', {}],
    ['SearchTagValuesV2Response', '/api/v2/search/tag/span.user/values', {}],
    ['QueryRangeResponse', '/api/metrics/query_range', { q: '{} | rate()', start: first, end: first + 60, step: 60 }],
    ['QueryInstantResponse', '/api/metrics/query', { q: '{} | rate()', start: first, end: first + 60 }],
  ];
  for (const [message, path, parameters] of asked) {
    const json: unknown = await ask(message, path, parameters);
    const response = await get(path, parameters, { Accept: 'application/protobuf, application/json' });
    equal(response.headers.get('content-type'), 'application/protobuf');
    deepEqual(decodeMessage(`tempopb.${message}`, await response.bytes()), json, path);
    const other = await get(path, parameters, { Accept: 'application/vnd.grafana.llm' });
    deepEqual(await other.json(), json);
  }
});

test('GET /api/search: a query that is too much is refused, as often as it comes', async () => {
  const words = Array.from({ length: 6_000 }, (_, i) => `.user = "u${i}"`);
  for (let i = 0; i < 20; i++) {
    const [status, , text] = await refusal('/api/search', { q: `{ ${words.join(' || ')} }` });
    deepEqual([status, text], [400, 'the query has too many conditions, one after the other']);
  }
  equal((await get('/api/search', { q: '{}' })).status, 200);
});

test('HTTP: tenants, gzip, other methods, a prefix', async () => {
  for (const tenant of ['anybody', 'a|b']) {
    equal((await get('/api/search', {}, { 'X-Scope-OrgID': tenant })).status, 200);
  }
  const posted = await fetch(`${base}/api/search?q=%7B%7D`, { method: 'POST', body: 'ignored' });
  equal(posted.status, 200);
  const q = `{ .user = "ada" /* ${' '.repeat(120 * 1024)} */ }`;
  const long = await get('/api/search', { q });
  deepEqual([long.status, long.headers.get('x-spoor-total')], [200, '1'], 'a query of 120 KiB');
  const many = Array.from({ length: 400 }, (_, i) => span(1000 + i, trace(0xb1), `GET /${i}`, [4, 0, 1], { kind: 2 }));
  await sendJson(spoor.otlpHttp, requestOf({ many }));
  const large = await get('/api/traces/b1');
  deepEqual([large.headers.get('vary'), large.headers.get('content-encoding')], ['Accept-Encoding', 'gzip']);
  match(await large.text(), /^\{"batches":/);
  const prefixed = await startSpoor({ args: ['--tempo-api-prefix', '/tempo'] });
  const port = prefixed.ports['tempo-http'];
  equal(await (await fetch(`http://127.0.0.1:${port}/tempo/api/echo`)).text(), 'echo');
  equal((await fetch(`http://127.0.0.1:${port}/api/echo`)).status, 404);
  equal((await fetch(`http://127.0.0.1:${port}/ready`)).status, 200);
  equal(await prefixed.stop(), 0);
});
