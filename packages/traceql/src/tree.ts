/**
 * The TraceQL tree: the one plan of the program. Every dialect (Jaeger's parameters, Tempo's tags, Zipkin's, the
 * page's own) is compiled to it, and one engine answers all. The text has its parser elsewhere; this file is the
 * types and the constructors that callers need to build a tree by hand.
 *
 *     Query = Pipeline            stages over spansets: {…} | by(…) | count() > 2
 *           | MetricsQuery        {…} | rate() by (…)
 */
export type Query =
  | { readonly kind: 'search'; readonly pipeline: Pipeline; readonly hints: Hints }
  | { readonly kind: 'metrics'; readonly metrics: MetricsExpression; readonly hints: Hints };

export type Hints = readonly { readonly name: string; readonly value: Static }[];

/** Stages run left to right; the first one is never `coalesce`. */
export type Pipeline = readonly Stage[];

export type Stage =
  | SpansetExpression
  | {
      readonly kind: 'scalarFilter';
      readonly op: ComparisonOp;
      readonly left: ScalarExpression;
      readonly right: ScalarExpression;
    }
  | { readonly kind: 'group'; readonly by: FieldExpression }
  | { readonly kind: 'coalesce' }
  | { readonly kind: 'select'; readonly fields: readonly Field[] };

export type SpansetExpression =
  /** `{ condition }`; `{ }` matches every span */
  | { readonly kind: 'filter'; readonly condition: FieldExpression | undefined }
  | {
      readonly kind: 'spansetOperation';
      readonly op: SpansetOp;
      readonly left: SpansetExpression;
      readonly right: SpansetExpression;
    }
  /** A pipeline in parentheses. One that is a single spanset expression is that expression, not a subpipeline. */
  | { readonly kind: 'subpipeline'; readonly pipeline: Pipeline };

export type SpansetOp =
  | '&&'
  | '||'
  | '>'
  | '<'
  | '>>'
  | '<<'
  | '~'
  | '!>'
  | '!<'
  | '!>>'
  | '!<<'
  | '!~'
  | '&>'
  | '&<'
  | '&>>'
  | '&<<'
  | '&~';

export type ScalarExpression =
  | { readonly kind: 'static'; readonly value: Static }
  | {
      readonly kind: 'aggregate';
      readonly fn: 'count' | 'min' | 'max' | 'sum' | 'avg';
      readonly of: FieldExpression | undefined;
    }
  | {
      readonly kind: 'scalarArithmetic';
      readonly op: ArithmeticOp;
      readonly left: ScalarExpression;
      readonly right: ScalarExpression;
    }
  /** `({…} | count())`: the scalar of a pipeline of its own, not of the stages before */
  | { readonly kind: 'scalarPipeline'; readonly pipeline: Pipeline; readonly result: ScalarExpression };

export type MetricsExpression =
  | {
      readonly kind: 'metricsAggregate';
      readonly pipeline: Pipeline;
      readonly fn: MetricsFunction;
      readonly of: Field | undefined;
      readonly by: readonly Field[];
      /** quantiles of `quantile_over_time` */
      readonly arguments: readonly number[];
      readonly second: readonly SecondStage[];
    }
  | {
      readonly kind: 'compare';
      readonly pipeline: Pipeline;
      readonly selection: SpansetExpression;
      /** values shown per attribute; 10 when the text does not say */
      readonly topN: number;
      readonly startNano: bigint | undefined;
      readonly endNano: bigint | undefined;
    }
  | {
      readonly kind: 'metricsArithmetic';
      readonly op: '+' | '-' | '*' | '/';
      readonly left: MetricsOperand;
      readonly right: MetricsOperand;
      readonly second: readonly SecondStage[];
    };
export type MetricsOperand = MetricsExpression | { readonly kind: 'static'; readonly value: Static };
export type MetricsFunction =
  | 'rate'
  | 'count_over_time'
  | 'min_over_time'
  | 'max_over_time'
  | 'sum_over_time'
  | 'avg_over_time'
  | 'quantile_over_time'
  | 'histogram_over_time';
export type SecondStage =
  | { readonly kind: 'topk' | 'bottomk'; readonly count: number }
  /** `value` is a number or a duration */
  | { readonly kind: 'threshold'; readonly op: ComparisonOp; readonly value: Static };

/** An expression over one span. True and false only: a comparison with a missing value is false, `!` of it true. */
export type FieldExpression =
  | Field
  | { readonly kind: 'static'; readonly value: Static }
  /**
   * `some`: the condition holds for some event, or some link, of the span. The language has no text for it, since a whole filter
   * is about one event there; Jaeger's filters tell apart what is of one event and what is of several.
   */
  | { readonly kind: 'unary'; readonly op: '-' | '!' | 'some'; readonly operand: FieldExpression }
  | { readonly kind: 'binary'; readonly op: BinaryOp; readonly left: FieldExpression; readonly right: FieldExpression };

export type Field = AttributeField | IntrinsicField;
export interface AttributeField {
  readonly kind: 'attribute';
  /** `any` is the unscoped `.name`: the span's attribute when it has one, else the resource's */
  readonly scope: AttributeScope;
  readonly name: string;
  /** `parent.…`: the attribute of the parent span. The language has it, the static checks refuse it so far. */
  readonly parent?: true;
}
export interface IntrinsicField {
  readonly kind: 'intrinsic';
  readonly name: Intrinsic;
}

export type AttributeScope = 'any' | 'span' | 'resource' | 'event' | 'link' | 'instrumentation';
export type Intrinsic =
  | 'span:duration'
  | 'span:name'
  | 'span:status'
  | 'span:statusMessage'
  | 'span:kind'
  | 'span:id'
  | 'span:parentID'
  | 'span:childCount'
  /** the span's W3C trace state as it was sent; Tempo has no such intrinsic */
  | 'span:traceState'
  | 'trace:duration'
  | 'trace:rootName'
  | 'trace:rootService'
  | 'trace:id'
  | 'nestedSetLeft'
  | 'nestedSetRight'
  | 'nestedSetParent'
  | 'event:name'
  | 'event:timeSinceStart'
  | 'link:traceID'
  | 'link:spanID'
  | 'instrumentation:name'
  | 'instrumentation:version';

export type ComparisonOp = '=' | '!=' | '<' | '<=' | '>' | '>=';
export type RegexOp = '=~' | '!~';
export type ArithmeticOp = '+' | '-' | '*' | '/' | '%' | '^';
export type BinaryOp = ComparisonOp | RegexOp | ArithmeticOp | '&&' | '||';

/**
 * A constant. Durations are nanoseconds. Integers are a `number` where that is exact, else a `bigint` within 64 bits,
 * signed. Numbers compare by value whatever their type.
 */
export type Static =
  | { readonly type: 'nil' }
  | { readonly type: 'int'; readonly value: number | bigint }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'duration'; readonly value: number }
  | { readonly type: 'status'; readonly value: 'unset' | 'ok' | 'error' }
  | {
      readonly type: 'kind';
      readonly value: 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';
    };

export function attribute(scope: AttributeScope, name: string): AttributeField {
  return { kind: 'attribute', scope, name };
}
export function intrinsic(name: Intrinsic): IntrinsicField {
  return { kind: 'intrinsic', name };
}
export function constant(value: Static): FieldExpression {
  return { kind: 'static', value };
}
export function compare(left: FieldExpression, op: BinaryOp, right: FieldExpression): FieldExpression {
  return { kind: 'binary', op, left, right };
}
/** `field != nil` */
export function exists(field: Field): FieldExpression {
  return compare(field, '!=', constant({ type: 'nil' }));
}
export function not(operand: FieldExpression): FieldExpression {
  return { kind: 'unary', op: '!', operand };
}
export function some(operand: FieldExpression): FieldExpression {
  return { kind: 'unary', op: 'some', operand };
}
/** All of them; `undefined` (no condition) for an empty list. */
export function allOf(conditions: readonly FieldExpression[]): FieldExpression | undefined {
  return conditions.length === 0 ? undefined : conditions.reduce((left, right) => compare(left, '&&', right));
}
/** Any of them; `undefined` for an empty list. */
export function anyOf(conditions: readonly FieldExpression[]): FieldExpression | undefined {
  return conditions.length === 0 ? undefined : conditions.reduce((left, right) => compare(left, '||', right));
}
/** The plan `{ condition }`. */
export function searchFor(condition: FieldExpression | undefined): Query {
  return { kind: 'search', pipeline: [{ kind: 'filter', condition }], hints: [] };
}
