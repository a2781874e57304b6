import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkQuery } from './check-query.ts';
import { arithmeticOps, comparisonOps, logicalOps } from './operator-levels.ts';
import { parseQuery } from './parse-query.ts';
import { attribute, compare, constant, searchFor } from './tree.ts';

/** Without the place, which every message has. */
function messageOf(text: string): string {
  try {
    parseQuery(text);
    return 'accepted';
  } catch (error) {
    const { message } = error as Error;
    const place = / \(line 1, col \d+\)/;
    assert.match(message, place, text);
    return message.replace(place, '');
  }
}

/** One operand of each static type, in the order of the tables below. */
const operands = Object.freeze(['.x', '1', '1.5', '1s', '"x"', 'true', 'error', 'server', 'nil']);

/*
 * Every operator × type × type. Rows are left operands, columns right ones.
 *   .  accepted          S  must operate on the same type    I  illegal operation
 *   N  nil is compared by = and != only                      R  the pattern has to be a string constant
 */
const tables: readonly (readonly [ops: readonly string[], rows: readonly string[]])[] = [
  [
    ['=', '!='],
    //  .x 1 1.5 1s "x" true error server nil
    [
      '. . . . . . . . .',
      '. . . . S S S S .',
      '. . . . S S S S .',
      '. . . . S S S S .',
      '. S S S . S S S .',
      '. S S S S . S S .',
      '. S S S S S . S .',
      '. S S S S S S . .',
      '. . . . . . . . .',
    ],
  ],
  [
    ['<', '<=', '>', '>='],
    [
      '. . . . . I I I N',
      '. . . . S S S S N',
      '. . . . S S S S N',
      '. . . . S S S S N',
      '. S S S . S S S N',
      'I S S S S I S S N',
      'I S S S S S I S N',
      'I S S S S S S I N',
      'N N N N N N N N N',
    ],
  ],
  [
    ['=~', '!~'],
    [
      'R I I I . I I I N',
      'I I I I S S S S N',
      'I I I I S S S S N',
      'I I I I S S S S N',
      'R S S S . S S S N',
      'I S S S S I S S N',
      'I S S S S S I S N',
      'I S S S S S S I N',
      'N N N N N N N N N',
    ],
  ],
  [
    ['&&', '||'],
    [
      '. I I I I . I I N',
      'I I I I S S S S N',
      'I I I I S S S S N',
      'I I I I S S S S N',
      'I S S S I S S S N',
      '. S S S S . S S N',
      'I S S S S S I S N',
      'I S S S S S S I N',
      'N N N N N N N N N',
    ],
  ],
  [
    ['+', '-', '*', '/', '%', '^'],
    [
      '. . . . I I I I N',
      '. . . . S S S S N',
      '. . . . S S S S N',
      '. . . . S S S S N',
      'I S S S I S S S N',
      'I S S S S I S S N',
      'I S S S S S I S N',
      'I S S S S S S I N',
      'N N N N N N N N N',
    ],
  ],
];

const verdicts: Readonly<Record<string, (expression: string) => string>> = {
  '.': () => 'accepted',
  S: (expression) => `binary operations must operate on the same type: ${expression}`,
  I: (expression) => `illegal operation for the given types: ${expression}`,
  N: (expression) => `nil can only be compared by = and !=: ${expression}`,
  R: (expression) => `the right side of ${expression.split(' ')[1]} must be a string: ${expression}`,
};

test('checkQuery: every operator between every two types', () => {
  let rowCount = 0;
  for (const [ops, rows] of tables) {
    const areNumbers = ops.includes('+');
    for (const op of ops) {
      rows.forEach((row, left) => {
        row.split(' ').forEach((verdict, right) => {
          const expression = `${operands[left]} ${op} ${operands[right]}`;
          const text = areNumbers ? `{ ${expression} = 1 }` : `{ ${expression} }`;
          assert.equal(messageOf(text), verdicts[verdict](expression), text);
          rowCount++;
        });
      });
    }
  }
  assert.equal(rowCount, (comparisonOps.length + 2 + logicalOps.length + arithmeticOps.length) * 81);
});

test('checkQuery: unary operators', () => {
  const rows: readonly (readonly [operand: string, minus: boolean, not: boolean])[] = [
    ['.x', true, true],
    ['duration', true, false],
    ['span:childCount', true, false],
    ['name', false, false],
    ['"x"', false, false],
    ['true', false, true],
    ['status', false, false],
    ['kind', false, false],
    ['nil', false, false],
    ['(.a = 1)', false, true],
    ['(.a * 1)', true, false],
  ];
  for (const [operand, minus, not] of rows) {
    const inside = operand.startsWith('(.a *') ? '.a * 1' : operand;
    const illegal = 'illegal operation for the given type:';
    assert.equal(messageOf(`{ -${operand} = 1 }`), minus ? 'accepted' : `${illegal} -${operand}`, `-${operand}`);
    const shown = operand.startsWith('(.a *') ? `!${inside}` : `!${operand}`;
    assert.equal(messageOf(`{ !${operand} }`), not ? 'accepted' : `${illegal} ${shown}`, `!${operand}`);
  }
});

/** Each intrinsic with a constant of its type, and with one that is of no number type nor its own. */
const intrinsics: readonly (readonly [spellings: string, fitting: string, other: string])[] = [
  ['duration span:duration traceDuration trace:duration event:timeSinceStart', '1s', '"x"'],
  ['span:childCount nestedSetLeft nestedSetRight nestedSetParent', '1', 'true'],
  [
    'name span:name statusMessage span:statusMessage rootName trace:rootName rootServiceName trace:rootService',
    '"x"',
    '1',
  ],
  ['trace:id span:id span:parentID span:traceState event:name link:traceID link:spanID', '"x"', 'server'],
  ['instrumentation:name instrumentation:version', '"x"', '1s'],
  ['status span:status', 'ok', '2'],
  ['kind span:kind', 'client', 'error'],
];

test('checkQuery: types of intrinsics', () => {
  for (const [spellings, fitting, other] of intrinsics) {
    for (const spelling of spellings.split(' ')) {
      assert.equal(messageOf(`{ ${spelling} = ${fitting} }`), 'accepted', spelling);
      assert.match(
        messageOf(`{ ${spelling} = ${other} }`),
        /^binary operations must operate on the same type: /,
        spelling,
      );
      assert.match(messageOf(`{ ${spelling} = nil }`), / always has a value and is never nil: /, spelling);
      assert.equal(messageOf(`{ ${spelling} != nil }`), 'accepted', spelling);
    }
  }
});

const rows: readonly (readonly [text: string, message: string])[] = [
  ['{ .a }', 'accepted'],
  ['{ true }', 'accepted'],
  ['{ 2 }', 'span filter field expressions must resolve to a boolean: { 2 }'],
  ['{ "x" }', 'span filter field expressions must resolve to a boolean: { "x" }'],
  ['{ name }', 'span filter field expressions must resolve to a boolean: { name }'],
  ['{ .a + .b }', 'span filter field expressions must resolve to a boolean: { .a + .b }'],
  ['{ -.a }', 'span filter field expressions must resolve to a boolean: { -.a }'],
  ['{ nil }', 'span filter field expressions must resolve to a boolean: { nil }'],
  ['{ .a } > { 1 }', 'span filter field expressions must resolve to a boolean: { 1 }'],
  ['({ .a } | { 1 }) && {}', 'span filter field expressions must resolve to a boolean: { 1 }'],
  [
    '{ resource.service.name = nil }',
    'resource.service.name always has a value and is never nil: resource.service.name = nil',
  ],
  ['{ nil = duration }', 'duration always has a value and is never nil: nil = duration'],
  ['{ span.a = nil && .b != nil }', 'accepted'],
  ['{ parent.a = 1 }', 'parent scope is not yet supported: parent.a'],
  ['{ parent.span.a = 1 }', 'parent scope is not yet supported: parent.span.a'],
  ['{} | select(parent.resource.a)', 'parent scope is not yet supported: parent.resource.a'],
  ['{ .a =~ .b }', 'the right side of =~ must be a string: .a =~ .b'],
  ['{} | by(1)', 'grouping field expressions must reference the span: by(1)'],
  ['{} | by(1 + 1)', 'grouping field expressions must reference the span: by(1 + 1)'],
  ['{} | by(name = 1)', 'binary operations must operate on the same type: name = 1'],
  ['{} | max(1) > 1', 'aggregate field expressions must reference the span: max(1)'],
  ['{} | max(name) > 1', 'aggregate field expressions must resolve to a number type: max(name)'],
  ['{} | avg(status) > 1', 'aggregate field expressions must resolve to a number type: avg(status)'],
  ['{} | sum(.a = 1) > 1', 'aggregate field expressions must resolve to a number type: sum(.a = 1)'],
  ['({} | max(name)) > 1', 'aggregate field expressions must resolve to a number type: max(name)'],
  ['{} | min_over_time(name)', 'min_over_time() takes a number, and this is a string'],
  ['{} | quantile_over_time(status, 0.5)', 'quantile_over_time() takes a number, and this is a status'],
  ['{} | quantile_over_time(duration, 99)', 'a quantile lies between 0 and 1, not at 99; did you mean 0.99?'],
  ['{} | quantile_over_time(duration, -0.1)', 'a quantile lies between 0 and 1, not at -0.1'],
  ['{} | rate() by(.a, .b, .c, .d, .e)', 'accepted'],
  ['{} | rate() by(.a, .b, .c, .d, .e, .f)', 'metrics group by 6 values; at most 5 are possible'],
  ['{} | rate() | topk(0)', 'topk() limit must be greater than 0, got 0'],
  ['{} | rate() | bottomk(-1)', 'bottomk() limit must be greater than 0, got -1'],
  ['{} | compare({}, 0)', 'compare() top number must be between 1 and 1000, got 0'],
  ['{} | compare({}, 1000)', 'accepted'],
  ['{} | compare({}, 1001)', 'compare() top number must be between 1 and 1000, got 1001'],
  ['{} | compare({}, 5, 10, 11)', 'accepted'],
  ['{} | compare({}, 5, 10, 10)', 'compare() must end after it starts, and 10 is not after 10'],
  ['{} | compare({}, 5, 10, 5)', 'compare() must end after it starts, and 5 is not after 10'],
  ['{} | compare({ name = 1 })', 'binary operations must operate on the same type: name = 1'],
  ['({} | compare({})) * 2', 'compare() cannot be calculated with'],
  ['({} | rate()) * 1s', 'metrics are calculated with numbers, not a duration'],
  ['(({ 2 } | rate()) + 1) / 2', 'span filter field expressions must resolve to a boolean: { 2 }'],
  ['({} | rate()) / 2 | topk(0)', 'topk() limit must be greater than 0, got 0'],
];

test('checkQuery: rules beyond operators', () => {
  for (const [text, message] of rows) assert.equal(messageOf(text), message, text);
});

test('checkQuery: trees that were not parsed are checked too, without a place', () => {
  const query = searchFor(compare(attribute('any', 'a'), '<', constant({ type: 'bool', value: true })));
  assert.throws(() => checkQuery(query), {
    code: 'QUERY_INVALID',
    message: 'illegal operation for the given types: .a < true',
    position: undefined,
  });
});

test('checkQuery: long expressions are cut in messages', () => {
  const message = messageOf(`{ status = ${'1 + '.repeat(100)}1 }`);
  assert.ok(message.endsWith('…') && message.length < 300, message);
});
