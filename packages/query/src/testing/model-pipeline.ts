import type { Span } from '@spoor/model';
import type { ComparisonOp, Pipeline, ScalarExpression, SpansetExpression, SpansetOp, Static } from '@spoor/traceql';
import { modelHolds, modelMatches, modelNumber } from './model-evaluator.ts';
import type { ModelTrace } from './model-trace.ts';

/*
 * The slow, obvious twin of pipelines: sets of spans of one whole trace.
 */

/** The spans of the trace that the pipeline gives. Stages that group are not known here. */
export function modelPipeline(trace: ModelTrace, pipeline: Pipeline): ReadonlySet<Span> {
  let spans: ReadonlySet<Span> = new Set(trace.spans);
  for (const stage of pipeline) {
    switch (stage.kind) {
      case 'scalarFilter': {
        const left = aggregate(trace, spans, stage.left);
        const right = aggregate(trace, spans, stage.right);
        if (spans.size === 0 || !modelHolds(left, stage.op as ComparisonOp, right)) spans = new Set();
        break;
      }
      case 'select':
      case 'coalesce':
        break;
      case 'group':
        throw new Error('not in the model');
      default: {
        const given = modelSpanset(trace, stage);
        spans = new Set([...spans].filter((span) => given.has(span)));
      }
    }
  }
  return spans;
}

function modelSpanset(trace: ModelTrace, spanset: SpansetExpression): ReadonlySet<Span> {
  switch (spanset.kind) {
    case 'filter':
      return new Set(modelMatches(trace, spanset.condition));
    case 'subpipeline':
      return modelPipeline(trace, spanset.pipeline);
    case 'spansetOperation':
      return operate(trace, spanset.op, modelSpanset(trace, spanset.left), modelSpanset(trace, spanset.right));
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
