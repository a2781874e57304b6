import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttributeValue } from '@spoor/model';
import {
  type AttributeScope,
  type BinaryOp,
  type Field,
  type FieldExpression,
  type Intrinsic,
  type Static,
  allOf,
  anyOf,
  attribute,
  compare,
  constant,
  intrinsic,
  not,
  searchFor,
} from '@spoor/traceql';
import { searchTraces } from './search-traces.ts';
import { headSource, sourcesOf } from './testing/partition.ts';
import { double, type PlainSpan, plainSpan, resourceOf } from './testing/plain-span.ts';

/*
 * What TraceQL's conditions mean, by example: each row is a condition, a span, and whether they match. Rows marked
 * "Tempo differs" are where Tempo 2 answers otherwise because of a known bug.
 */

type Operand = FieldExpression | string | number | bigint | boolean | null;

function field(name: string): Field {
  const [scope, ...rest] = name.split('.');
  const scopes: Record<string, AttributeScope> = {
    '': 'any',
    span: 'span',
    resource: 'resource',
    event: 'event',
    link: 'link',
  };
  return scopes[scope] === undefined ? intrinsic(name as Intrinsic) : attribute(scopes[scope], rest.join('.'));
}

function operand(value: Operand): FieldExpression {
  if (value === null) return constant({ type: 'nil' });
  if (typeof value === 'object') return value;
  if (typeof value === 'string') return constant({ type: 'string', value });
  if (typeof value === 'boolean') return constant({ type: 'bool', value });
  return constant(
    typeof value === 'number' && !Number.isInteger(value) ? { type: 'float', value } : { type: 'int', value },
  );
}

function is(left: Operand, op: BinaryOp, right: Operand): FieldExpression {
  return compare(operand(left), op, operand(right));
}

const fixed = (value: Static): FieldExpression => constant(value);
const float = (value: number): FieldExpression => fixed({ type: 'float', value });
const duration = (value: number): FieldExpression => fixed({ type: 'duration', value });
const bytes: AttributeValue = { type: 'bytes', value: Uint8Array.of(1) };
const kvlist: AttributeValue = { type: 'kvlist', value: [] };
const empty: AttributeValue = { type: 'empty' };
const both: PlainSpan = { attributes: { both: 'S' }, resource: resourceOf({ both: 'R', only: 'R' }) };

type Row = readonly [what: string, condition: FieldExpression, span: PlainSpan, matches: boolean];

const rows: readonly Row[] = [
  ['unscoped: the span has it', is(field('.both'), '=', 'S'), both, true],
  ['unscoped: the span hides the resource', is(field('.both'), '=', 'R'), both, false],
  ['unscoped: the resource has it', is(field('.only'), '=', 'R'), both, true],
  ['unscoped: not from events', is(field('.x'), '=', 'e'), { events: [{ x: 'e' }] }, false],
  ['missing: =', is(field('span.foo'), '=', 'x'), {}, false],
  ['missing: !=', is(field('span.foo'), '!=', 'x'), {}, false],
  ['missing: !~', is(field('span.foo'), '!~', 'x'), {}, false],
  ['missing: exists', is(field('span.foo'), '!=', null), {}, false],
  ['missing: = nil', is(field('span.foo'), '=', null), {}, true],
  ['present: = nil', is(field('span.foo'), '=', null), { attributes: { foo: 1 } }, false],
  ['nil = nil', is(null, '=', null), {}, false],
  ['nil != nil', is(null, '!=', null), {}, false],
  ['unscoped = nil, resource has it (Tempo differs)', is(field('.only'), '=', null), both, false],
  ['not of a missing value (Tempo differs)', not(is(field('span.foo'), '=', 'x')), {}, true],
  ['constant in an or (Tempo differs)', anyOf([is(field('span.foo'), '=', 'a'), is(1, '=', 1)])!, {}, true],
  ['the string "nil" is not nil', is(field('span.s'), '=', null), { attributes: { s: 'nil' } }, false],
  ['an empty value is nil', is(field('span.s'), '=', null), { attributes: { s: empty } }, true],
  ['int = whole float (Tempo differs)', is(field('span.n'), '=', float(5)), { attributes: { n: 5 } }, true],
  ['int > float (Tempo differs)', is(field('span.n'), '>', 4.5), { attributes: { n: 5 } }, true],
  ['float = int (Tempo differs)', is(field('span.f'), '=', 5), { attributes: { f: double(5) } }, true],
  ['int > duration (Tempo differs)', is(field('span.lat'), '>', duration(1e9)), { attributes: { lat: 2e9 } }, true],
  ['2^53 + 1 is not 2^53', is(field('span.n'), '=', 2n ** 53n), { attributes: { n: 2n ** 53n + 1n } }, false],
  ['2^53 + 1 > 2^53 as float', is(field('span.n'), '>', float(2 ** 53)), { attributes: { n: 2n ** 53n + 1n } }, true],
  ['duration > int is nanoseconds', is(field('span:duration'), '>', 99), {}, true],
  ['int = string', is(field('span.n'), '=', '5'), { attributes: { n: 5 } }, false],
  ['int != string', is(field('span.n'), '!=', '5'), { attributes: { n: 5 } }, false],
  ['strings compare by bytes', is(field('span.s'), '<', '\u{1f600}'), { attributes: { s: '\uf8ff' } }, true],
  ['array = some element', is(field('span.a'), '=', 'b'), { attributes: { a: ['a', 'b'] } }, true],
  ['array =~ some element', is(field('span.a'), '=~', 'B|b'), { attributes: { a: ['a', 'b'] } }, true],
  ['array > some element', is(field('span.a'), '>', 1), { attributes: { a: [1, 2] } }, true],
  ['array != no element (Tempo differs)', is(field('span.a'), '!=', 'a'), { attributes: { a: ['a', 'b'] } }, false],
  ['array !~ no element (Tempo differs)', is(field('span.a'), '!~', 'a'), { attributes: { a: ['a', 'b'] } }, false],
  ['array != none of them', is(field('span.a'), '!=', 'z'), { attributes: { a: ['a', 'b'] } }, true],
  ['mixed array (Tempo differs)', is(field('span.a'), '=', 5), { attributes: { a: ['a', 5] } }, true],
  ['key-value list exists (Tempo differs)', is(field('span.k'), '!=', null), { attributes: { k: kvlist } }, true],
  ['bytes exist, and equal nothing', is(field('span.k'), '!=', 'x'), { attributes: { k: bytes } }, false],
  ['regex is anchored', is(field('span:name'), '=~', 'GET'), {}, false],
  ['regex over the whole', is(field('span:name'), '=~', 'GET.*'), {}, true],
  ['regex: case matters', is(field('span:name'), '=~', 'get.*'), {}, false],
  ['regex: (?i)', is(field('span:name'), '=~', '(?i)get.*'), {}, true],
  ['regex: . is also a newline', is(field('span:name'), '=~', 'a.b'), { name: 'a\nb' }, true],
  ['status', is(field('span:status'), '=', fixed({ type: 'status', value: 'error' })), { statusCode: 2 }, true],
  ['status is no number', is(field('span:status'), '=', 2), { statusCode: 2 }, false],
  ['kind', is(field('span:kind'), '!=', fixed({ type: 'kind', value: 'server' })), { kind: 3 }, true],
  ['a bare attribute that is true', field('span.b'), { attributes: { b: true } }, true],
  ['a bare attribute that is a string', field('span.b'), { attributes: { b: 'true' } }, false],
  ['constant left of the field', is(5, '<', field('span.n')), { attributes: { n: 6 } }, true],
  ['field to field', is(field('span.n'), '=', field('span.f')), { attributes: { n: 5, f: double(5) } }, true],
  ['arithmetic', is(is(field('span.n'), '+', 1), '=', 6), { attributes: { n: 5 } }, true],
  ['int / int truncates', is(is(field('span.n'), '/', 2), '=', 2), { attributes: { n: 5 } }, true],
  ['/ 0 matches nothing', is(is(field('span.n'), '/', 0), '!=', 2), { attributes: { n: 5 } }, false],
  ['2 ^ 3 is 8 (Tempo differs)', is(is(field('span.n'), '^', 3), '=', 8), { attributes: { n: 2 } }, true],
  [
    'two conditions on one event',
    allOf([is(field('event.e'), '=', 1), is(field('event.x'), '=', 'q')])!,
    { events: [{ e: 1, x: 'q' }] },
    true,
  ],
  [
    'two conditions on different events',
    allOf([is(field('event.e'), '=', 1), is(field('event.x'), '=', 'q')])!,
    { events: [{ e: 1 }, { x: 'q' }] },
    false,
  ],
  [
    'event or event',
    anyOf([is(field('event.e'), '=', 1), is(field('event.x'), '=', 'q')])!,
    { events: [{ e: 2 }, { x: 'q' }] },
    true,
  ],
  ['event !=: some event differs', is(field('event.e'), '!=', 1), { events: [{ e: 1 }, { e: 2 }] }, true],
  ['event = nil without events (Tempo differs)', is(field('event.z'), '=', null), {}, true],
  ['event = nil with events', is(field('event.z'), '=', null), { events: [{ e: 1 }] }, true],
  [
    'link and span',
    allOf([is(field('link.l'), '=', 1), is(field('span.n'), '=', 5)])!,
    { attributes: { n: 5 }, links: [{ l: 1 }] },
    true,
  ],
  ['event:timeSinceStart', is(field('event:timeSinceStart'), '=', duration(5)), { events: [{}] }, true],
  ['trace:id without its zeros', is(field('trace:id'), '=', '1'), {}, true],
  ['trace:id in capitals', is(field('trace:id'), '=', 'A'), { trace: 10 }, true],
  ['root: nestedSetParent', is(field('nestedSetParent'), '=', -1), {}, true],
  ['orphan: nestedSetParent', is(field('nestedSetParent'), '=', 0), { parent: 7 }, true],
  ['root: nestedSetLeft', is(field('nestedSetLeft'), '=', 1), {}, true],
  [
    'renamed attribute, sent old',
    is(field('span.http.response.status_code'), '=', 500),
    { attributes: { 'http.status_code': 500 } },
    true,
  ],
  [
    'renamed attribute, sent new',
    is(field('.http.status_code'), '>=', 500),
    { attributes: { 'http.response.status_code': 503 } },
    true,
  ],
  [
    'renamed attribute: the exact name counts first',
    is(field('.http.status_code'), '=', 500),
    { attributes: { 'http.response.status_code': 500, 'http.status_code': 200 } },
    false,
  ],
];

for (const [what, condition, span, matches] of rows) {
  test(`searchTraces: ${what}`, async () => {
    const spans = [plainSpan(span)];
    const sources = sourcesOf([headSource('head', spans)], [spans]);
    const { total } = await searchTraces(sources, {
      query: searchFor(condition),
      range: {},
      limit: 1,
      order: 'newest',
    });
    assert.equal(total, matches ? 1 : 0);
  });
}
