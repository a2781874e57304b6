import type { DependencyEdge } from '@spoor/query';

/** Jaeger's `parent`, `child` and `callCount`, and what the same spans also tell. */
export interface JaegerDependency {
  readonly parent: string;
  readonly child: string;
  /** estimated calls, a whole number since Jaeger's clients read an integer */
  readonly callCount: number;
  readonly errorCount: number;
  /** calls per second over the asked time */
  readonly requestRate: number;
  /** 0 … 1 */
  readonly errorRate: number;
  /** mean duration of the called spans, milliseconds */
  readonly meanLatencyMs: number;
}

/** @param seconds  the length of the time range asked for */
export function jaegerDependency(edge: DependencyEdge, seconds: number): JaegerDependency {
  return {
    parent: edge.parent,
    child: edge.child,
    callCount: Math.round(edge.callCount),
    errorCount: Math.round(edge.errorCount),
    requestRate: rounded(edge.callCount / seconds),
    errorRate: edge.callCount === 0 ? 0 : rounded(edge.errorCount / edge.callCount),
    meanLatencyMs: rounded(edge.meanDurationNano / 1e6),
  };
}

/** Six significant digits are more than an estimate bears, and `0.30000000000000004` helps nobody. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
