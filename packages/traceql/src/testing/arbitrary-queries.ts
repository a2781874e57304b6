/*
 * Test only: random trees that the language has a text for. They need not make sense: most fail the static checks.
 */
import * as fc from 'fast-check';
import { intrinsicOfSpelling } from '../intrinsics.ts';
import { arithmeticOps, comparisonOps, logicalOps, regexOps, spansetOps } from '../operator-levels.ts';
import type {
  BinaryOp,
  Field,
  FieldExpression,
  Intrinsic,
  MetricsExpression,
  MetricsFunction,
  MetricsOperand,
  Pipeline,
  Query,
  ScalarExpression,
  SecondStage,
  SpansetExpression,
  Stage,
  Static,
} from '../tree.ts';

/** As `fc.record`, with plain objects. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true });
}

function just<T extends string>(value: T): fc.Arbitrary<T> {
  return fc.constant(value);
}

const text = fc.oneof(
  fc.string({ maxLength: 8, unit: 'binary' }),
  fc.constantFrom('', 'a b', 'a"b\\c\n\u0000\u007f', '`', "'", '€😀', '\ud800', '// x', '{}'),
);
const int = fc
  .oneof(
    fc.integer(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.constantFrom(0, 1, 2n ** 63n - 1n, -(2n ** 63n), 1n - 2n ** 63n, 2n ** 53n),
  )
  .map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value));
const wholeNano = fc
  .oneof(
    fc.maxSafeInteger(),
    fc.integer(),
    fc.integer({ min: 0, max: 1000 }).map((seconds) => seconds * 1e9),
    fc.constantFrom(9.2e18, -9.2e18, 3_600_000_000_000),
  )
  .map((nano) => nano + 0);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

const numericStatic: fc.Arbitrary<Static> = fc.oneof(
  record<Extract<Static, { type: 'int' }>>({ type: just('int'), value: int }),
  record<Extract<Static, { type: 'float' }>>({ type: just('float'), value: finite }),
  record<Extract<Static, { type: 'duration' }>>({ type: just('duration'), value: wholeNano }),
);
const anyStatic: fc.Arbitrary<Static> = fc.oneof(
  { arbitrary: numericStatic, weight: 3 },
  { arbitrary: record<Extract<Static, { type: 'string' }>>({ type: just('string'), value: text }), weight: 3 },
  fc.constantFrom<Static>(
    { type: 'nil' },
    { type: 'bool', value: true },
    { type: 'bool', value: false },
    { type: 'status', value: 'error' },
    { type: 'status', value: 'unset' },
    { type: 'kind', value: 'server' },
    { type: 'kind', value: 'unspecified' },
  ),
);

const attributeName = fc.oneof(
  text,
  fc.constantFrom('foo', 'http.status_code', 'span.foo', 'resource.foo', '9lives', 'a-b', 'a"b', 'x:y', '.', 'π'),
);
const scope = fc.constantFrom('any', 'span', 'resource', 'event', 'link', 'instrumentation');
const parentScope = fc.constantFrom('any', 'span', 'resource');
const field: fc.Arbitrary<Field> = fc.oneof(
  record<Extract<Field, { kind: 'attribute' }>>({
    kind: just('attribute'),
    scope: scope,
    name: attributeName,
  }),
  fc
    .tuple(parentScope, attributeName)
    .map(([of, name]): Field => ({ kind: 'attribute', scope: of as 'any', parent: true, name })),
  fc
    .constantFrom(...new Set(intrinsicOfSpelling.values()))
    .map((name: Intrinsic): Field => ({ kind: 'intrinsic', name })),
);

const binaryOps: readonly BinaryOp[] = [...comparisonOps, ...regexOps, ...logicalOps, ...arithmeticOps];

const { expression } = fc.letrec<{ expression: FieldExpression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    field,
    anyStatic.map((value): FieldExpression => ({ kind: 'static', value })),
    record<Extract<FieldExpression, { kind: 'unary' }>>({
      kind: just('unary'),
      op: fc.constantFrom('-', '!'),
      operand: tie('expression'),
    }),
    record<Extract<FieldExpression, { kind: 'binary' }>>({
      kind: just('binary'),
      op: fc.constantFrom(...binaryOps),
      left: tie('expression'),
      right: tie('expression'),
    }),
  ),
}));

interface Parts {
  pipeline: Pipeline;
  stage: Stage;
  spanset: SpansetExpression;
  scalar: ScalarExpression;
}

function isSpanset(stage: Stage): boolean {
  return stage.kind === 'filter' || stage.kind === 'spansetOperation' || stage.kind === 'subpipeline';
}

const filter: fc.Arbitrary<SpansetExpression> = record<Extract<SpansetExpression, { kind: 'filter' }>>({
  kind: just('filter'),
  condition: fc.option(expression, { nil: undefined }),
});
const aggregate: fc.Arbitrary<ScalarExpression> = fc.oneof(
  fc.constant<ScalarExpression>({ kind: 'aggregate', fn: 'count', of: undefined }),
  record<Extract<ScalarExpression, { kind: 'aggregate' }>>({
    kind: just('aggregate'),
    fn: fc.constantFrom('min', 'max', 'sum', 'avg'),
    of: expression,
  }),
);
const number: fc.Arbitrary<ScalarExpression> = numericStatic.map((value) => ({ kind: 'static', value }));

const { pipeline, spanset } = fc.letrec<Parts>((tie: fc.LetrecTypedTie<Parts>) => ({
  pipeline: fc
    .tuple(
      tie('stage').filter((stage) => stage.kind !== 'coalesce'),
      fc.array(tie('stage'), { maxLength: 2, depthIdentifier: 'stages' }),
    )
    .map(([first, rest]) => [first, ...rest]),
  stage: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    filter,
    fc.constant<Stage>({ kind: 'coalesce' }),
    record<Extract<Stage, { kind: 'group' }>>({ kind: just('group'), by: expression }),
    record<Extract<Stage, { kind: 'select' }>>({
      kind: just('select'),
      fields: fc.array(field, { minLength: 1, maxLength: 3 }),
    }),
    tie('spanset'),
    record<Extract<Stage, { kind: 'scalarFilter' }>>({
      kind: just('scalarFilter'),
      op: fc.constantFrom(...comparisonOps),
      left: tie('scalar'),
      right: tie('scalar'),
    }).filter(({ left, right }) => left.kind !== 'static' || right.kind !== 'static'),
  ),
  spanset: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    filter,
    record<Extract<SpansetExpression, { kind: 'spansetOperation' }>>({
      kind: just('spansetOperation'),
      op: fc.constantFrom(...spansetOps),
      left: tie('spanset'),
      right: tie('spanset'),
    }),
    tie('pipeline')
      .filter((stages) => stages.length > 1 || !isSpanset(stages[0]))
      .map((stages): SpansetExpression => ({ kind: 'subpipeline', pipeline: stages })),
  ),
  scalar: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    aggregate,
    number,
    record<Extract<ScalarExpression, { kind: 'scalarArithmetic' }>>({
      kind: just('scalarArithmetic'),
      op: fc.constantFrom(...arithmeticOps),
      left: tie('scalar'),
      right: tie('scalar'),
    }).filter(({ left, right }) => left.kind !== 'static' || right.kind !== 'static'),
    record<Extract<ScalarExpression, { kind: 'scalarPipeline' }>>({
      kind: just('scalarPipeline'),
      pipeline: tie('pipeline'),
      result: tie('scalar'),
    }),
  ),
}));

const secondStages: fc.Arbitrary<readonly SecondStage[]> = fc.array(
  fc.oneof(
    record<Extract<SecondStage, { kind: 'topk' | 'bottomk' }>>({
      kind: fc.constantFrom('topk', 'bottomk'),
      count: fc.nat(),
    }),
    record<Extract<SecondStage, { kind: 'threshold' }>>({
      kind: just('threshold'),
      op: fc.constantFrom(...comparisonOps),
      value: numericStatic,
    }),
  ),
  { maxLength: 2 },
);

const functions: fc.Arbitrary<{ fn: MetricsFunction; of: Field | undefined; arguments: number[] }> = fc.oneof(
  record({
    fn: fc.constantFrom<MetricsFunction[]>('rate', 'count_over_time'),
    of: fc.constant<Field | undefined>(undefined),
    arguments: fc.constant<number[]>([]),
  }),
  record({
    fn: fc.constantFrom<MetricsFunction[]>('min_over_time', 'max_over_time', 'avg_over_time', 'histogram_over_time'),
    of: field,
    arguments: fc.constant<number[]>([]),
  }),
  record({
    fn: fc.constant<MetricsFunction>('quantile_over_time'),
    of: field,
    arguments: fc.array(finite, { minLength: 1, maxLength: 3 }),
  }),
);
const compareTimes = fc.option(
  fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 62n }), fc.bigInt({ min: 0n, max: 2n ** 62n })),
  {
    nil: [undefined, undefined] as const,
  },
);

const { metrics } = fc.letrec<{ metrics: MetricsExpression; operand: MetricsOperand }>((tie) => ({
  metrics: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc
      .tuple(pipeline, functions, fc.array(field, { maxLength: 2 }), secondStages)
      .map(([stages, call, by, second]): MetricsExpression => ({
        kind: 'metricsAggregate',
        pipeline: stages,
        ...call,
        by,
        second,
      })),
    fc
      .tuple(pipeline, spanset, fc.integer({ min: 0, max: 2000 }), compareTimes)
      .map(([stages, selection, topN, [startNano, endNano]]): MetricsExpression => ({
        kind: 'compare',
        pipeline: stages,
        selection,
        topN,
        startNano,
        endNano,
      })),
    record<Extract<MetricsExpression, { kind: 'metricsArithmetic' }>>({
      kind: just('metricsArithmetic'),
      op: fc.constantFrom('+', '-', '*', '/'),
      left: tie('operand'),
      right: tie('operand'),
      second: secondStages,
    }).filter(({ left, right }) => left.kind !== 'static' || right.kind !== 'static'),
  ),
  operand: fc.oneof(
    tie('metrics'),
    numericStatic.map((value): MetricsOperand => ({ kind: 'static', value })),
  ),
}));

const hintName = fc.constantFrom('sample', 'most_recent', 'exemplars', 'by', 'with', 'nil', 'x_1');
const hints = fc.array(record({ name: hintName, value: anyStatic }), { maxLength: 2 });

export const arbitraryQuery: fc.Arbitrary<Query> = fc.oneof(
  record<Extract<Query, { kind: 'search' }>>({ kind: just('search'), pipeline, hints }),
  record<Extract<Query, { kind: 'metrics' }>>({ kind: just('metrics'), metrics, hints }),
);
