import type { Span } from '@spoor/model';
import type { FieldExpression, Pipeline, ScalarExpression, SpansetExpression, SpansetOp, Static } from '@spoor/traceql';
import { modelHolds, modelKey, modelMatches, modelNumber } from './model-evaluator.ts';
import type { ModelTrace } from './model-trace.ts';

/*
 * The slow, obvious twin of pipelines: sets of spans of one whole trace.
 */

/** The spans of the trace that the pipeline gives, of those that it sees. */
export function modelPipeline(
  trace: ModelTrace,
  pipeline: Pipeline,
  seen: ReadonlySet<Span> = new Set(trace.spans),
): ReadonlySet<Span> {
  let spans = seen;
  let by: readonly FieldExpression[] = [];
  for (const stage of withoutBrackets(pipeline)) {
    switch (stage.kind) {
      case 'scalarFilter': {
        const good = groupsOf(trace, spans, by).filter((group) =>
          modelHolds(aggregate(trace, group, stage.left), stage.op, aggregate(trace, group, stage.right)),
        );
        spans = new Set(good.flatMap((group) => [...group]));
        break;
      }
      case 'select':
        break;
      case 'coalesce':
        by = [];
        break;
      case 'group':
        by = [...by, stage.by];
        break;
      default:
        spans = modelSpanset(trace, stage, spans);
    }
  }
  return spans;
}

/** A pipeline in brackets that is a whole stage is as if it had none. */
function withoutBrackets(pipeline: Pipeline): Pipeline {
  return pipeline.flatMap((stage) => (stage.kind === 'subpipeline' ? withoutBrackets(stage.pipeline) : [stage]));
}

function groupsOf(
  trace: ModelTrace,
  spans: ReadonlySet<Span>,
  by: readonly FieldExpression[],
): readonly ReadonlySet<Span>[] {
  const groups = new Map<string, Set<Span>>();
  for (const span of spans) {
    const key = JSON.stringify(by.map((expression) => modelKey(trace, span, expression)));
    groups.set(key, (groups.get(key) ?? new Set()).add(span));
  }
  return [...groups.values()];
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

function aggregate(trace: ModelTrace, spans: ReadonlySet<Span>, scalar: ScalarExpression): Static | undefined {
  if (scalar.kind === 'static') return scalar.value;
  if (scalar.kind !== 'aggregate') throw new Error('not in the model');
  if (scalar.fn === 'count') return { type: 'int', value: spans.size };
  const numbers = [...spans]
    .map((span) => modelNumber(trace, span, scalar.of!))
    .filter((value) => value !== undefined && !Number.isNaN(value)) as number[];
  if (numbers.length === 0) return undefined;
  const sum = numbers.reduce((a, b) => a + b, 0);
  const value = { min: Math.min(...numbers), max: Math.max(...numbers), sum, avg: sum / numbers.length }[scalar.fn];
  return { type: 'float', value };
}
