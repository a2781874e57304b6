import type { BinaryOp, ComparisonOp, MetricsFunction, RegexOp, SpansetOp } from '@spoor/traceql';

/** A query as the builder's fields have it: texts, of which some may not be complete yet. */
export interface BuilderDraft {
  readonly spans: BuilderGroup;
  /** how spans of the first group and of the second are related; empty without a second */
  readonly relation: '' | BuilderRelation;
  readonly related: BuilderGroup;
  readonly outcome: BuilderOutcome;
}

/** Conditions that all hold on one span. */
export type BuilderGroup = readonly BuilderRow[];

export interface BuilderRow {
  /** as TraceQL writes it */
  readonly field: string;
  readonly op: BuilderOp;
  /** as {@link valueOf} reads it */
  readonly value: string;
}

export type BuilderOp = Extract<BinaryOp, ComparisonOp | RegexOp>;
export const builderOps: readonly BuilderOp[] = Object.freeze(['=', '!=', '>', '>=', '<', '<=', '=~', '!~']);

export type BuilderRelation = Extract<SpansetOp, '>>' | '>' | '<<' | '<' | '~' | '&&' | '||'>;
export const builderRelations: readonly BuilderRelation[] = Object.freeze(['>>', '>', '<<', '<', '~', '&&', '||']);

export type BuilderOutcome = TracesOutcome | MetricsOutcome | CompareOutcome;

/** The traces, perhaps only those where the spans of one, or of one group, come to something. */
export interface TracesOutcome {
  readonly kind: 'traces';
  /** a field, or empty */
  readonly by: string;
  readonly fn: '' | 'count' | 'min' | 'max' | 'sum' | 'avg';
  /** a field; empty with `count` */
  readonly of: string;
  readonly op: ComparisonOp;
  readonly value: string;
}

export interface MetricsOutcome {
  readonly kind: 'metrics';
  readonly fn: MetricsFunction;
  /** a field; empty for `rate` and `count_over_time` */
  readonly of: string;
  /** fields, between commas */
  readonly by: string;
  /** numbers, between commas */
  readonly quantiles: string;
}

export interface CompareOutcome {
  readonly kind: 'compare';
  readonly selection: BuilderGroup;
}

export const emptyRow: BuilderRow = Object.freeze({ field: '', op: '=', value: '' });
export const plainTraces: TracesOutcome = Object.freeze({
  kind: 'traces',
  by: '',
  fn: '',
  of: '',
  op: '>',
  value: '',
});
export const emptyDraft: BuilderDraft = Object.freeze({
  spans: [],
  relation: '',
  related: [],
  outcome: plainTraces,
});

/** True for functions that are of nothing but the spans. */
export function countsSpans(fn: MetricsFunction): boolean {
  return fn === 'rate' || fn === 'count_over_time';
}
