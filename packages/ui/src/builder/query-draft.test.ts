import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose, parseQuery, printQuery } from '@spoor/traceql';
import * as fc from 'fast-check';
import { arbitraryQuery } from '../../../traceql/src/testing/arbitrary-queries.ts';
import { type BuilderDraft, type BuilderGroup, builderOps, builderRelations, plainTraces } from './builder-draft.ts';
import { queryOf } from './draft-query.ts';
import { draftOf } from './query-draft.ts';

const shown: readonly string[] = [
  '{ }',
  '{ resource.service.name = "frontend" }',
  '{ resource.service.name = "frontend" && status = error && duration > 1s500ms }',
  '{ span.http.response.status_code >= 500 && span.code = "500" && name =~ "GET .*" && .retry = true }',
  '{ span.x = nil && span.y = "nil" && span.z = "a\\"b" && kind != server }',
  '{ kind = server } >> { status = error }',
  '{ } > { span.db.system != nil }',
  '{ status = error } ~ { }',
  '{ } | count() > 10',
  '{ } | by(resource.service.name) | avg(duration) >= 1s',
  '{ } >> { } | max(span.n) = -1.5',
  '{ } | rate()',
  '{ status = error } | rate() by(resource.service.name, span."a, b")',
  '{ } | quantile_over_time(duration, 0.5, 0.99) by(name)',
  '{ } | histogram_over_time(duration)',
  '{ name = "a" } | compare({ status = error && kind = server })',
];
const richer: readonly string[] = [
  '{ status = error || kind = server }',
  '{ .a }',
  '{ !(.a = 1) }',
  '{ .a + 1 > 2 }',
  '{ .a = .b }',
  '{ .a = 1 && (.b = 2 && .c = 3) }',
  '{ } !>> { }',
  '({ } >> { }) > { }',
  '{ } | select(name)',
  '{ } | by(.a + 1)',
  '{ } | count() > 1 | by(name)',
  '{ } | count() + 1 > 2',
  '{ } | { status = error } | rate()',
  '{ } | rate() | topk(5)',
  '{ } | rate() with (exemplars=true)',
  '({ } | rate()) / ({ } | rate())',
  '{ } | compare({ status = error }, 5)',
];

for (const text of shown) {
  test(`draftOf: shows ${text}`, () => {
    const draft = draftOf(parseQuery(text));
    assert.ok(draft !== undefined);
    assert.equal(printQuery(queryOf(draft)), text);
  });
}

for (const text of richer) {
  test(`draftOf: ${text} is richer`, () => assert.equal(draftOf(parseQuery(text)), undefined));
}

test('draftOf: what it shows of any query is that query', () => {
  fc.assert(
    fc.property(arbitraryQuery, (query) => {
      const draft = draftOf(query);
      if (draft !== undefined) assert.equal(printQuery(queryOf(draft)), printQuery(query));
    }),
    { numRuns: 300 },
  );
});

const value = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
  fc.constantFrom(
    'frontend',
    '500',
    '"500"',
    'true',
    '1.5',
    '-3',
    '20ms',
    'nil',
    '"nil"',
    'error',
    'a b',
    '\\d+',
    '`x`',
  ),
);
const row = fc.oneof(
  fc.record({
    field: fc.constantFrom('span.a', '.b', 'resource.service.name', 'event.c', 'span."x y"', 'name', 'rootName'),
    op: fc.constantFrom(...builderOps),
    value,
  }),
  fc.record({
    field: fc.constantFrom('duration', 'traceDuration'),
    op: fc.constantFrom<('>' | '<=')[]>('>', '<='),
    value: fc.constantFrom('1s', '1.5ms', '2m', '100us', '1m30s'),
  }),
  fc.record({
    field: fc.constant('status'),
    op: fc.constantFrom<('=' | '!=')[]>('=', '!='),
    value: fc.constantFrom('error', 'ok', 'unset'),
  }),
);
const group: fc.Arbitrary<BuilderGroup> = fc.array(row, { maxLength: 4 });
const field = fc.constantFrom('duration', 'span.n', 'span."x, y"');
const outcome: fc.Arbitrary<BuilderDraft['outcome']> = fc.oneof(
  fc.constant(plainTraces),
  fc.record({
    kind: fc.constant('traces' as const),
    by: fc.constantFrom('', 'name', 'resource.service.name'),
    fn: fc.constant('count'),
    of: fc.constant(''),
    op: fc.constantFrom('>', '='),
    value: fc.constantFrom('0', '12'),
  }),
  fc.record({
    kind: fc.constant('metrics' as const),
    fn: fc.constantFrom('rate', 'count_over_time'),
    of: fc.constant(''),
    by: fc.constantFrom('', 'name', 'name, span."x, y"'),
    quantiles: fc.constant(''),
  }),
  fc.record({
    kind: fc.constant('metrics' as const),
    fn: fc.constant('quantile_over_time'),
    of: field,
    by: fc.constant(''),
    quantiles: fc.constantFrom('0.5', '0.5, 0.9', '0, 1'),
  }),
  fc.record({ kind: fc.constant('compare' as const), selection: group }),
);
const draft: fc.Arbitrary<BuilderDraft> = fc
  .record({
    spans: group,
    relation: fc.constantFrom<BuilderDraft['relation'][]>('', ...builderRelations),
    related: group,
    outcome,
  })
  .map((made) => (made.relation === '' ? { ...made, related: [] } : made));

test('queryOf: what a draft says is shown as a draft that says the same, through the text', () => {
  fc.assert(
    fc.property(draft, (made) => {
      const text = printQuery(queryOf(made));
      // The language has comparisons that no types allow: `span.a =~ 5` is text here, `name > nil` is refused.
      if (diagnose(text).length > 0) return;
      const again = draftOf(parseQuery(text));
      assert.ok(again !== undefined, text);
      assert.equal(printQuery(queryOf(again)), text);
    }),
    { numRuns: 500 },
  );
});
