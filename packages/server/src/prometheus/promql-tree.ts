import type { LabelMatcher } from '@spoor/query';

/** What is evaluated of PromQL, as a tree. Everything else is refused by name when the text is read. */
export type PromExpression =
  | { readonly kind: 'number'; readonly value: number }
  /** the value of counters: all that is stored up to a moment */
  | { readonly kind: 'selector'; readonly selector: Selector }
  | {
      readonly kind: 'window';
      readonly function: 'rate' | 'increase';
      readonly selector: Selector;
      readonly rangeNano: bigint;
    }
  | {
      readonly kind: 'aggregate';
      readonly function: AggregateFunction;
      /** of `topk` and `bottomk` */
      readonly parameter: PromExpression | undefined;
      readonly labels: readonly string[];
      /** `without` the labels rather than `by` them */
      readonly isWithout: boolean;
      readonly of: PromExpression;
    }
  | { readonly kind: 'quantile'; readonly quantile: PromExpression; readonly of: PromExpression }
  | { readonly kind: 'sort'; readonly isDescending: boolean; readonly of: PromExpression }
  | { readonly kind: 'negative'; readonly of: PromExpression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      /** a comparison that gives 0 or 1 rather than leaving series out */
      readonly isBool: boolean;
      readonly matching: VectorMatching;
      readonly left: PromExpression;
      readonly right: PromExpression;
    };

export interface Selector {
  /** those of the name, `__name__`, among them */
  readonly matchers: readonly LabelMatcher[];
  /** where it stands in the text, for messages */
  readonly at: number;
}

export const aggregateFunctions = ['sum', 'min', 'max', 'avg', 'count', 'group', 'topk', 'bottomk'] as const;
export type AggregateFunction = (typeof aggregateFunctions)[number];

export const arithmeticOperators = ['+', '-', '*', '/', '%', '^'] as const;
export const comparisonOperators = ['==', '!=', '<', '<=', '>', '>='] as const;
export const setOperators = ['and', 'or', 'unless'] as const;
export type BinaryOperator =
  | (typeof arithmeticOperators)[number]
  | (typeof comparisonOperators)[number]
  | (typeof setOperators)[number];

/** Which labels two series must have in common: those, or all but those. */
export interface VectorMatching {
  readonly labels: readonly string[];
  readonly isOn: boolean;
}
