import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { unixNano } from '@spoor/model';
import type { FieldExpression } from '@spoor/traceql';
import { compileSearch, parseBool, traceIdComplaint } from './compile-search.ts';

test('compileSearch: every parameter', () => {
  const search = compiled(
    'service=shop&operation=GET+%2F&minDuration=1ms&maxDuration=2s&start=1000000&end=2000000&limit=7',
  );
  equal(search.limit, 7);
  deepEqual(search.range, { start: unixNano(1_000_000_000n), end: unixNano(2_000_000_999n) });
  equal(
    search.text,
    '(((resource.service.name = "shop" && span:name = "GET /") && span:duration >= 1000000ns) && span:duration <= 2000000000ns)',
  );
});

test('compileSearch: defaults', () => {
  const search = compiled('');
  equal(search.text, '');
  equal(search.limit, 100);
  equal(search.raw, false);
  deepEqual(search.range, { start: undefined, end: undefined });
});

test('compileSearch: a tag is looked up in span, process and logs', () => {
  equal(compiled('tag=a.b:x:y').text, '((span.a.b = "x:y" || resource.a.b = "x:y") || some(event.a.b = "x:y"))');
  equal(
    compiled(`tags=${encodeURIComponent('{"k":"v"}')}`).text,
    '((span.k = "v" || resource.k = "v") || some(event.k = "v"))',
  );
});

test('compileSearch: a value matches by what it reads like, whatever its type', () => {
  const number = '((span.k = "500" || span.k = 500) || (resource.k = "500" || resource.k = 500))';
  equal(tags({ k: '500' }), `(${number} || some(event.k = "500" || event.k = 500))`);
  equal(tags({ k: 500 }), tags({ k: '500' }));
  equal(tags({ k: true }), tags({ k: 'true' }));
  equal(tags({ k: 'true' }).includes('span.k = true'), true);
  equal(tags({ k: '9007199254740993' }).includes('span.k = 9007199254740993'), true);
});

test('compileSearch: comparisons', () => {
  equal(tags({ k: '>=500' }), '((span.k >= 500 || resource.k >= 500) || some(event.k >= 500))');
  equal(tags({ k: '< 1.5' }), '((span.k < 1.5 || resource.k < 1.5) || some(event.k < 1.5))');
  equal(tags({ k: '=~5..' }), '((span.k =~ "5.." || resource.k =~ "5..") || some(event.k =~ "5.."))');
  equal(tags({ k: '!~5..' }), '.k !~ "5.."');
  equal(tags({ k: '!=GET' }), '(.k != nil && !.k = "GET")');
  equal(tags({ k: '<unknown>' }).includes('span.k = "<unknown>"'), true, 'a word in angle brackets is a word');
  equal(
    tags({ k: '==>=5' }).includes('span.k = ">=5"'),
    true,
    'the way to ask for a value that looks like a comparison',
  );
});

test('compileSearch: what Jaeger shows as tags but OTLP has as fields', () => {
  equal(tags({ 'span.kind': 'server' }), 'span:kind = server');
  equal(tags({ 'span.kind': 'nonsense' }), 'false');
  equal(tags({ 'span.kind': '=~(client|server)' }), '(span:kind = server || span:kind = client)');
  equal(tags({ 'otel.status_code': 'ERROR' }), 'span:status = error');
  equal(tags({ 'otel.status_code': '!=ERROR' }), '(span:status = ok || span:status = unset)');
  equal(tags({ 'otel.status_description': 'oops' }), 'span:statusMessage = "oops"');
  equal(tags({ 'w3c.tracestate': 'a=b' }), 'span:traceState = "a=b"');
  equal(tags({ 'otel.scope.name': 'lib' }), 'instrumentation:name = "lib"');
  const failed = '(span:status = error || (span.error = "true" || span.error = true))';
  equal(tags({ error: 'true' }), failed);
  equal(tags({ error: true }), failed);
  equal(tags({ error: 'false' }), `!${failed}`);
  equal(tags({ error: 'any' }), `(${failed} || some(event:name = "exception"))`);
});

test('compileSearch: trace ids win over everything else', () => {
  const search = compileSearch(
    new URLSearchParams('service=x&traceID=AB&traceID=ab&traceID=0af7651916cd43dd8448eb211c80319c&raw=1'),
  );
  const ids = ['000000000000000000000000000000ab', '0af7651916cd43dd8448eb211c80319c'];
  deepEqual(search, { kind: 'ids', ids, raw: true });
});

test('compileSearch: refuses in Jaeger\u2019s words', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['tag=novalue', "malformed 'tag' parameter, expecting key:value, received: novalue"],
    ['start=x', `unable to parse param 'start': strconv.ParseInt: parsing "x": invalid syntax`],
    [
      'end=99999999999999999999',
      `unable to parse param 'end': strconv.ParseInt: parsing "99999999999999999999": value out of range`,
    ],
    ['limit=many', `unable to parse param 'limit': strconv.ParseInt: parsing "many": invalid syntax`],
    ['minDuration=5', `unable to parse param 'minDuration': time: missing unit in duration "5"`],
    ['minDuration=2s&maxDuration=1s', "'maxDuration' should be greater than 'minDuration'"],
    ['traceID=xyz', 'cannot parse traceID param: strconv.ParseUint: parsing "xyz": invalid syntax'],
    ['raw=maybe', `unable to parse param 'raw': strconv.ParseBool: parsing "maybe": invalid syntax`],
  ];
  for (const [query, message] of cases) {
    throws(() => compileSearch(new URLSearchParams(query)), { code: 'QUERY_INVALID', message }, query);
  }
  const malformed = { code: 'QUERY_INVALID', message: /^malformed 'tags' parameter, cannot unmarshal JSON: / };
  for (const tags of ['{', '[]', '3', '{"a":{}}', '{"a":null}', '{"a":[1]}']) {
    throws(() => compileSearch(new URLSearchParams({ tags })), malformed, tags);
  }
});

test('traceIdComplaint, parseBool: as Go', () => {
  equal(traceIdComplaint('1F'), undefined);
  equal(traceIdComplaint('0'.repeat(33)), `TraceID cannot be longer than 32 hex characters: ${'0'.repeat(33)}`);
  equal(traceIdComplaint('g'), 'strconv.ParseUint: parsing "g": invalid syntax');
  deepEqual(
    ['1', 'T', 'true', 'f', '0', ''].map((text) => parseBool('raw', text)),
    [true, true, true, false, false, false],
  );
});

function compiled(query: string): { text: string; limit: number; raw: boolean; range: unknown } {
  const search = compileSearch(new URLSearchParams(query));
  if (search.kind !== 'search' || search.query.kind !== 'search') throw new Error('a search is expected');
  const stage = search.query.pipeline[0];
  if (stage.kind !== 'filter') throw new Error('a filter is expected');
  const { limit, raw, range } = search;
  return { text: stage.condition === undefined ? '' : print(stage.condition), limit, raw, range };
}

function tags(values: Readonly<Record<string, unknown>>): string {
  return compiled(new URLSearchParams({ tags: JSON.stringify(values) }).toString()).text;
}

/** A condition as TraceQL would spell it, with all parentheses. */
function print(expression: FieldExpression): string {
  switch (expression.kind) {
    case 'attribute':
      return `${expression.scope === 'any' ? '' : expression.scope}.${expression.name}`;
    case 'intrinsic':
      return expression.name;
    case 'unary': {
      const operand = print(expression.operand);
      return expression.op === 'some' && !operand.startsWith('(') ? `some(${operand})` : `${expression.op}${operand}`;
    }
    case 'binary': {
      const text = `${print(expression.left)} ${expression.op} ${print(expression.right)}`;
      return expression.op === '&&' || expression.op === '||' ? `(${text})` : text;
    }
    case 'static': {
      const { value } = expression;
      if (value.type === 'nil') return 'nil';
      if (value.type === 'duration') return `${value.value}ns`;
      return value.type === 'string' ? JSON.stringify(value.value) : String(value.value);
    }
  }
}
