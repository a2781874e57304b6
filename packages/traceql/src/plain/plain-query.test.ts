import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldExpression } from '../tree.ts';
import { parsePlainDuration } from './plain-duration.ts';
import { traceIdIn } from './pasted-trace-id.ts';
import { isTraceqlText, parsePlainQuery } from './plain-query.ts';

/** A tree in one line, so that expectations can be read. */
function shown(expression: FieldExpression): string {
  switch (expression.kind) {
    case 'attribute':
      return `${expression.scope}.${expression.name}`;
    case 'intrinsic':
      return expression.name;
    case 'unary':
      return `${expression.op}(${shown(expression.operand)})`;
    case 'binary':
      return `(${shown(expression.left)} ${expression.op} ${shown(expression.right)})`;
    case 'static': {
      const { value } = expression;
      return value.type === 'nil'
        ? 'nil'
        : value.type === 'string'
          ? `"${value.value}"`
          : `${value.type} ${value.value}`;
    }
  }
}

function read(text: string): string {
  const query = parsePlainQuery(text);
  if (query.kind === 'traceId') return `trace ${query.traceId}`;
  if (query.kind === 'error') return `error at ${query.start}–${query.end}: ${query.message}`;
  return query.condition === undefined ? 'everything' : shown(query.condition);
}

const examples: readonly (readonly [text: string, tree: string])[] = [
  ['', 'everything'],
  [
    'service=my-service duration > 1s',
    '((resource.service.name = "my-service") && (span:duration > duration 1000000000))',
  ],
  [
    'error=true tags.http.status_code >= 500',
    '((((span:status = status error) || (span.error = bool true)) || (span.error = "true")) && (any.http.status_code >= int 500))',
  ],
  ['error=false', '!((((span:status = status error) || (span.error = bool true)) || (span.error = "true")))'],
  ['service:api and not status=error', '((resource.service.name = "api") && !((span:status = status error)))'],
  ['-kind=client', '!((span:kind = kind client))'],
  [
    '(service=a or service=b), duration>=1m30s',
    '(((resource.service.name = "a") || (resource.service.name = "b")) && (span:duration >= duration 90000000000))',
  ],
  ['http.url=http://x:80/a?b=c,d', '(any.http.url = "http://x:80/a?b=c,d")'],
  ['name="GET /a b"', '(span:name = "GET /a b")'],
  ['operation=GET*', '(span:name =~ "GET.*")'],
  ['http.route=*', '(any.http.route != nil)'],
  ['resource.k8s.pod.name!=web-1', '((resource.k8s.pod.name != nil) && !((resource.k8s.pod.name = "web-1")))'],
  ['http.status_code="500"', '(any.http.status_code = "500")'],
  [
    'http.status_code!=200',
    '((any.http.status_code != nil) && !(((any.http.status_code = int 200) || (any.http.status_code = "200"))))',
  ],
  ['checkout', '((span:name =~ ".*checkout.*") || (resource.service.name =~ ".*checkout.*"))'],
  ['retry=true', '((any.retry = bool true) || (any.retry = "true"))'],
  ['duration > soon', 'error at 11–15: “soon” is no duration; write 500ms, 1.5s or 2m'],
  ['service=', 'error at 7–8: a value is missing after “service =”'],
  ['(a=1', 'error at 0–1: this “(” is never closed'],
  ['a=1 )', 'error at 4–5: unexpected “)”'],
  ['4bf92f3577b34da6a3ce929d0e0e4736', 'trace 4bf92f3577b34da6a3ce929d0e0e4736'],
];

for (const [text, tree] of examples) {
  test(`parsePlainQuery: ${text === '' ? '(nothing)' : text}`, () => assert.equal(read(text), tree));
}

test('traceIdIn: every spelling of an id', () => {
  const id = '4bf92f3577b34da6a3ce929d0e0e4736';
  const spellings = [
    id,
    id.toUpperCase(),
    `0x${id}`,
    '4bf92f35-77b3-4da6-a3ce-929d0e0e4736',
    `00-${id}-00f067aa0ba902b7-01`,
    `2026-09-01 ERROR trace_id=${id} span_id=00f067aa0ba902b7 payment failed`,
    `{"traceId":"${id}"}`,
    Buffer.from(id, 'hex').toString('base64'),
  ];
  for (const spelling of spellings) assert.equal(traceIdIn(spelling), id, spelling);
  assert.equal(traceIdIn('a3ce929d0e0e4736'), '0000000000000000a3ce929d0e0e4736');
  for (const word of ['checkout', '500', 'deadbeef', '0'.repeat(32)]) assert.equal(traceIdIn(word), undefined, word);
});

test('parsePlainDuration: sums its parts; a bare number is none', () => {
  assert.equal(parsePlainDuration('1m30s'), 90e9);
  assert.equal(parsePlainDuration('1.5ms'), 1.5e6);
  assert.equal(parsePlainDuration('10µs'), 10e3);
  for (const text of ['', '10', '1s!', 's', '1 s']) assert.equal(parsePlainDuration(text), undefined, text);
});

test('parsePlainQuery: survives any text', () => {
  const pieces = ['(', ')', '=', '!', '-', '"', "'", 'a', ' ', ',', '*', '&&', '||', 'or', 'not', '<', '~', '\\', '1s'];
  for (let i = 0; i < 20_000; i++) {
    let text = '';
    for (let at = i; at > 0; at = Math.floor(at / pieces.length)) text += pieces[at % pieces.length];
    parsePlainQuery(text);
  }
  parsePlainQuery('('.repeat(10_000));
  parsePlainQuery('not '.repeat(10_000));
});

test('isTraceqlText: a brace comes first, whatever parentheses are around it', () => {
  for (const text of ['{', ' { status = error }', '(({ } | rate()) / 2)', '(\n{}'])
    assert.ok(isTraceqlText(text), text);
  for (const text of ['', '(', 'a={', '(service=a or b)', '"{"']) assert.ok(!isTraceqlText(text), text);
});
