import type { ArithmeticOp, ComparisonOp, SpansetOp } from '@spoor/traceql';
import type { Condition } from './condition.ts';
import type { RowExpression } from './row-expression.ts';
import type { Value } from './value.ts';

/** Which spans of a source a part of the query gives, as a tree of operations on sets of spans. */
export type SpansPlan =
  | { readonly kind: 'condition'; readonly condition: Condition }
  | { readonly kind: 'operation'; readonly op: SpansetOp; readonly left: SpansPlan; readonly right: SpansPlan }
  /** what the second gives when it sees nothing but the spans of the first */
  | { readonly kind: 'then'; readonly first: SpansPlan; readonly second: SpansPlan }
  /** the spans of those groups whose scalars compare so */
  | {
      readonly kind: 'groups';
      readonly of: SpansPlan;
      /** spans of one trace for which these are equal are a group */
      readonly by: readonly RowExpression[];
      readonly left: ScalarPlan;
      readonly op: ComparisonOp;
      readonly right: ScalarPlan;
    };

/** What has one value for each group. */
export type ScalarPlan =
  | { readonly kind: 'constant'; readonly value: Value | undefined }
  | { readonly kind: 'aggregate'; readonly aggregate: Aggregate }
  | {
      readonly kind: 'arithmetic';
      readonly op: ArithmeticOp;
      readonly left: ScalarPlan;
      readonly right: ScalarPlan;
    }
  /** of a pipeline of its own over the whole trace; all groups of a trace have the same */
  | { readonly kind: 'pipeline'; readonly of: SpansPlan; readonly result: ScalarPlan };

export interface Aggregate {
  readonly fn: 'count' | 'min' | 'max' | 'sum' | 'avg';
  /** `undefined` for `count` */
  readonly of: RowExpression | undefined;
}
