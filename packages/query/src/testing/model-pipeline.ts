import type { Span } from '@spoor/model';
import {
  type Pipeline,
  printScalar,
  type ScalarExpression,
  type SpansetExpression,
  type SpansetOp,
  type Stage,
  type Static,
} from '@spoor/traceql';
import { modelCalculate, modelHolds, modelKey, modelMatches, modelNumber } from './model-evaluator.ts';
import type { ModelTrace } from './model-trace.ts';

/*
 * The slow, obvious twin of pipelines: sets of spans of one whole trace.
 */

/** One set of a pipeline's answer. */
export interface ModelSet {
  readonly spans: ReadonlySet<Span>;
  /** by the text of what was computed */
  readonly scalars: ReadonlyMap<string, Static | undefined>;
}

/** The spans of the trace that the pipeline gives, of those that it sees. */
export function modelPipeline(
  trace: ModelTrace,
  pipeline: Pipeline,
  seen: ReadonlySet<Span> = new Set(trace.spans),
): ReadonlySet<Span> {
  return new Set(modelSets(trace, pipeline, seen).flatMap(({ spans }) => [...spans]));
}

/** The same in sets, none of them empty. */
export function modelSets(
  trace: ModelTrace,
  pipeline: Pipeline,
  seen: ReadonlySet<Span> = new Set(trace.spans),
): readonly ModelSet[] {
  let sets: readonly ModelSet[] = [{ spans: seen, scalars: new Map() }];
  for (const stage of withoutBrackets(pipeline)) {
    sets = afterStage(trace, stage, sets).filter(({ spans }) => spans.size > 0);
  }
  return sets;
}

function afterStage(trace: ModelTrace, stage: Stage, sets: readonly ModelSet[]): readonly ModelSet[] {
  const all = new Set(sets.flatMap(({ spans }) => [...spans]));
  switch (stage.kind) {
    case 'scalarFilter':
      return sets.flatMap(({ spans, scalars }) => {
        const computed = new Map(scalars);
        const left = scalarOf(trace, spans, stage.left, computed);
        const right = scalarOf(trace, spans, stage.right, computed);
        return modelHolds(left, stage.op, right) ? [{ spans, scalars: computed }] : [];
      });
    case 'select':
      return sets;
    case 'coalesce':
      return [{ spans: all, scalars: new Map() }];
    case 'group':
      return sets.flatMap(({ spans, scalars }) => {
        const groups = Map.groupBy(spans, (span) => modelKey(trace, span, stage.by));
        return [...groups.values()].map((group) => ({ spans: new Set(group), scalars }));
      });
    default: {
      // Over all of them; each span keeps its own set.
      const given = modelSpanset(trace, stage, all);
      return sets.map(({ spans, scalars }) => ({ spans: spans.intersection(given), scalars }));
    }
  }
}

/** A pipeline in brackets that is a whole stage is as if it had none. */
function withoutBrackets(pipeline: Pipeline): Pipeline {
  return pipeline.flatMap((stage) => (stage.kind === 'subpipeline' ? withoutBrackets(stage.pipeline) : [stage]));
}

function modelSpanset(trace: ModelTrace, spanset: SpansetExpression, seen: ReadonlySet<Span>): ReadonlySet<Span> {
  switch (spanset.kind) {
    case 'filter':
      return new Set(modelMatches(trace, spanset.condition).filter((span) => seen.has(span)));
    case 'subpipeline':
      return modelPipeline(trace, spanset.pipeline, seen);
    case 'spansetOperation': {
      const { op, left, right } = spanset;
      return operate(trace, op, modelSpanset(trace, left, seen), modelSpanset(trace, right, seen));
    }
  }
}

function operate(
  trace: ModelTrace,
  op: SpansetOp,
  left: ReadonlySet<Span>,
  right: ReadonlySet<Span>,
): ReadonlySet<Span> {
  if (op === '||') return new Set([...left, ...right]);
  if (op === '&&') return new Set(left.size > 0 && right.size > 0 ? [...left, ...right] : []);
  const isNegated = op.startsWith('!');
  const isUnion = op.startsWith('&');
  const relation = isNegated || isUnion ? op.slice(1) : op;
  const isConnected = (span: Span) => trace.left.has(span);
  const stands = (a: Span, b: Span) => isConnected(a) && isConnected(b) && relates(trace, relation, a, b);
  const pairedRight = [...right].filter((b) => [...left].some((a) => stands(a, b)));
  if (isNegated) return new Set([...right].filter((b) => isConnected(b) && !pairedRight.includes(b)));
  if (!isUnion) return new Set(pairedRight);
  return new Set([...[...left].filter((a) => [...right].some((b) => stands(a, b))), ...pairedRight]);
}

/** Whether `b` is a child, descendant, parent, ancestor, sibling of `a`. */
function relates(trace: ModelTrace, relation: string, a: Span, b: Span): boolean {
  switch (relation) {
    case '>':
      return trace.parentOf(b) === a;
    case '<':
      return trace.parentOf(a) === b;
    case '>>':
      return ancestors(trace, b).includes(a);
    case '<<':
      return ancestors(trace, a).includes(b);
    case '~':
      return a !== b && trace.parentOf(a) !== undefined && trace.parentOf(a) === trace.parentOf(b);
    default:
      throw new Error(relation);
  }
}

function ancestors(trace: ModelTrace, span: Span): Span[] {
  const parent = trace.parentOf(span);
  return parent === undefined ? [] : [parent, ...ancestors(trace, parent)];
}

/** Notes what it computes under its text. */
function scalarOf(
  trace: ModelTrace,
  spans: ReadonlySet<Span>,
  scalar: ScalarExpression,
  computed: Map<string, Static | undefined>,
): Static | undefined {
  switch (scalar.kind) {
    case 'static':
      return scalar.value;
    case 'scalarArithmetic': {
      const left = scalarOf(trace, spans, scalar.left, computed);
      return modelCalculate(left, scalar.op, scalarOf(trace, spans, scalar.right, computed));
    }
    case 'aggregate': {
      const value = aggregate(trace, spans, scalar);
      computed.set(printScalar(scalar), value);
      return value;
    }
    case 'scalarPipeline': {
      const value = scalarOf(trace, modelPipeline(trace, scalar.pipeline), scalar.result, new Map());
      computed.set(printScalar(scalar), value);
      return value;
    }
  }
}

/** Integers give an integer, durations a duration; but for the mean of integers, and what is too large to be exact. */
function aggregate(
  trace: ModelTrace,
  spans: ReadonlySet<Span>,
  { fn, of }: Extract<ScalarExpression, { kind: 'aggregate' }>,
): Static | undefined {
  if (fn === 'count') return { type: 'int', value: spans.size };
  const values = [...spans].flatMap((span) => modelNumber(trace, span, of!) ?? []);
  const numbers = values.map((value) => Number((value as { value: number | bigint }).value));
  const counted = numbers.filter((number) => !Number.isNaN(number));
  if (counted.length === 0) return undefined;
  const sum = counted.reduce((a, b) => a + b, 0);
  const value = { min: Math.min(...counted), max: Math.max(...counted), sum, avg: sum / counted.length }[fn];
  const types = new Set(values.filter((_, i) => !Number.isNaN(numbers[i])).map(({ type }) => type));
  const [type] = types.size === 1 ? types : ['float'];
  if (type === 'duration') return { type, value };
  return type === 'int' && fn !== 'avg' && Number.isSafeInteger(value) ? { type, value } : { type: 'float', value };
}
