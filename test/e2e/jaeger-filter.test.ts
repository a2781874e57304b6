import { deepEqual, equal, match } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { intAttribute, requestOf, sendJson, stringAttribute, type JsonSpan } from './otlp-json.ts';
import { ProtoClient, type Message } from './proto-client.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

/*
 *  trace …01  api  GET /a   server, 40 ms, http.status_code 500, events: exception at 1 ms, retry at 30 ms
 *  trace …02  api  GET /b   server, 5 ms, http.status_code "200", events: exception at 3 ms
 *  trace …03  web  render   internal, 1 ms, prompt "No Refund, policy!", resource env=staging
 */
const second = 1_700_000_000n;
const nano = (milli: number): string => String(second * 1_000_000_000n + BigInt(milli) * 1_000_000n);

function span(n: number, name: string, kind: number, milli: number, more: Partial<JsonSpan>): JsonSpan {
  const id = n.toString(16);
  const times = { startTimeUnixNano: nano(0), endTimeUnixNano: nano(milli) };
  return { traceId: id.padStart(32, '0'), spanId: id.padStart(16, '0'), name, kind, ...times, ...more };
}
const exception = { name: 'exception', attributes: [stringAttribute('exception.type', 'Timeout')] };

let spoor: RunningSpoor;
let queries: ProtoClient;
let storage: ProtoClient;
before(async () => {
  spoor = await startSpoor();
  queries = new ProtoClient(`127.0.0.1:${spoor.ports['jaeger-query-grpc']}`);
  storage = new ProtoClient(`127.0.0.1:${spoor.ports['remote-storage']}`);
  const one = span(1, 'GET /a', 2, 40, {
    attributes: [intAttribute('http.status_code', 500)],
    events: [
      { ...exception, timeUnixNano: nano(1) },
      { name: 'retry', timeUnixNano: nano(30) },
    ],
  });
  const two = span(2, 'GET /b', 2, 5, {
    attributes: [stringAttribute('http.status_code', '200')],
    events: [{ ...exception, timeUnixNano: nano(3) }],
  });
  const three = span(3, 'render', 1, 1, { attributes: [stringAttribute('prompt', 'No Refund, policy!')] });
  await sendJson(spoor.otlpHttp, requestOf({ api: [one, two], web: [three] }));
});
after(async () => {
  queries.close();
  storage.close();
  await spoor.stop();
});

const range = 'query.startTimeMin=2023-11-14T00:00:00Z&query.startTimeMax=2023-11-15T00:00:00Z';

async function asked(filter: object, more = ''): Promise<{ code: number; text: string }> {
  const query = `${range}&query.filter=${encodeURIComponent(JSON.stringify(filter))}${more}`;
  const reply = await fetch(`${spoor.jaeger}/api/v3/trace-summaries?${query}`);
  return { code: reply.status, text: await reply.text() };
}

/** Numbers of the traces that a filter finds. */
async function found(filter: object): Promise<readonly number[]> {
  const { code, text } = await asked(filter);
  equal(code, 200, text);
  const { summaries = [] } = JSON.parse(text) as { summaries?: { traceId: string }[] };
  const numbers = summaries.map(({ traceId }) => Number.parseInt(traceId, 16)).sort((a, b) => a - b);
  deepEqual(await foundByGrpc(filter), [numbers, numbers], 'over gRPC as over HTTP');
  return numbers;
}

/** The same of Jaeger's query API, and of its storage. */
async function foundByGrpc(filter: object): Promise<readonly (readonly number[])[]> {
  const query = { filter: messageOf(filter) };
  const messages = await queries.all<{ summaries: readonly { traceId: string }[] }>(
    'jaeger.api_v3.QueryService',
    'FindTraceSummaries',
    { query },
  );
  const summaries = messages.flatMap((message) => message.summaries.map(({ traceId }) => traceId));
  const { traceIds = [] } = (await storage.unary('jaeger.storage.v2.TraceReader', 'FindTraceIDs', { query })) as {
    traceIds?: readonly { traceId: Buffer }[];
  };
  const ids = traceIds.map(({ traceId }) => traceId.toString('hex'));
  return [summaries, ids].map((each) => each.map((text) => Number.parseInt(text, 16)).toSorted((a, b) => a - b));
}

/** Of the JSON's two ways to write a call within a call, protobuf has one. */
function messageOf(filter: object): Message {
  const { op, args } = filter as ReturnType<typeof call>;
  return { op, args: args.map((arg) => ('op' in arg ? { call: messageOf(arg) } : arg)) };
}

const attr = (key: string, level = '') => ({ attr: { key, level } });
const field = (level: string, name: string) => ({ field: { level, name } });
const scalar = (value: string, type = '') => ({ scalar: { value, type } });
const call = (op: string, ...args: object[]) => ({ op, args });
const events = { nested: { level: 'event' } };

test('query.filter: attributes of whatever type, fields, sets, patterns and words', async () => {
  deepEqual(await found(call('eq', attr('http.status_code', 'span'), scalar('500', 'int'))), [1]);
  deepEqual(await found(call('eq', attr('http.status_code'), scalar('200'))), [2]);
  deepEqual(await found(call('gte', attr('http.status_code'), scalar('400'))), [1]);
  deepEqual(await found(call('ne', attr('http.status_code'), scalar('500'))), [2]);
  deepEqual(await found(call('not', call('eq', attr('http.status_code'), scalar('500')))), [2, 3]);
  deepEqual(await found(call('gt', field('span', 'duration'), scalar('4ms'))), [1, 2]);
  deepEqual(await found(call('in', field('resource', 'service'), { list: { values: ['web', 'x'] } })), [3]);
  deepEqual(await found(call('regex', field('span', 'name'), scalar('T /[ab]'))), [1, 2]);
  deepEqual(await found(call('phrase', attr('prompt'), { list: { values: ['refund', 'policy'] } })), [3]);
  deepEqual(await found(call('fulltext', attr('prompt'), { list: { values: ['policy', 'no'] } })), [3]);
  deepEqual(await found(call('fulltext', attr('prompt'), { list: { values: ['fund'] } })), []);
});

test('query.filter: one event or several', async () => {
  const isException = call('eq', field('event', 'name'), scalar('exception'));
  const isLate = call('gt', field('event', 'timeSinceStart'), scalar('10ms'));
  deepEqual(await found(call('and', isException, isLate)), [1], 'of any two events');
  deepEqual(await found(call('some', events, call('and', isException, isLate))), [], 'of one and the same event');
  deepEqual(await found(call('some', events, call('not', isException))), [1], 'spans without events have none');
  deepEqual(await found(call('not', call('some', events, call('not', isException)))), [2, 3], 'every event');
  deepEqual(await found(call('and', isException, call('eq', field('event', 'name'), scalar('retry')))), [1]);
  deepEqual(await found(call('eq', attr('exception.type', 'event'), scalar('Timeout'))), [1, 2]);
});

test('query.filter: is refused by name, and beside other predicates', async () => {
  const unknown = await asked(call('like', attr('a'), scalar('x')));
  equal(unknown.code, 400);
  match(unknown.text, /malformed parameter query\.filter: unknown filter operator \\"like\\"/);
  const both = await asked(call('exists', attr('a')), '&query.serviceName=api');
  match(both.text, /query\.filter and query\.serviceName exclude each other/);
});
