import { checkExpression, cut, type Refuse } from './check-expression.ts';
import { fieldsOf } from './field-properties.ts';
import { printScalar, printStage } from './printer.ts';
import { queryLimits } from './query-limits.ts';
import type { Place } from './token-cursor.ts';
import { TraceqlError } from './traceql-error.ts';
import type {
  MetricsExpression,
  MetricsOperand,
  Pipeline,
  Query,
  ScalarExpression,
  SecondStage,
  SpansetExpression,
  Stage,
} from './tree.ts';
import { isNumericType, type ValueType } from './value-type.ts';

/**
 * Refuses queries whose types cannot fit, whatever the spans are, and numbers that make no sense.
 * @param source the text and where its nodes stand, when the query was parsed from one
 * @throws {TraceqlError} `QUERY_INVALID`
 */
export function checkQuery(
  query: Query,
  source?: { readonly text: string; readonly places: ReadonlyMap<object, Place> },
): void {
  const refuse: Refuse = (node, complaint) => {
    const place = source?.places.get(node);
    throw TraceqlError.meaning(complaint, place && { text: source!.text, ...place });
  };
  if (query.kind === 'search') checkPipeline(query.pipeline, refuse);
  else checkMetrics(query.metrics, refuse);
}

function checkPipeline(pipeline: Pipeline, refuse: Refuse): void {
  for (const stage of pipeline) checkStage(stage, refuse);
}

function checkStage(stage: Stage, refuse: Refuse): void {
  switch (stage.kind) {
    case 'scalarFilter':
      checkScalarFilter(stage, refuse);
      break;
    case 'group':
      checkExpression(stage.by, refuse);
      if (fieldsOf(stage.by).length === 0) {
        refuse(stage, { message: `grouping field expressions must reference the span: ${cut(printStage(stage))}` });
      }
      break;
    case 'coalesce':
      break;
    case 'select':
      for (const field of stage.fields) checkExpression(field, refuse);
      break;
    default:
      checkSpanset(stage, refuse);
  }
}

/** Down the left side by a loop, since chains are long. */
function checkSpanset(spanset: SpansetExpression, refuse: Refuse): void {
  let left = spanset;
  for (; left.kind === 'spansetOperation'; left = left.left) checkSpanset(left.right, refuse);
  if (left.kind === 'subpipeline') return checkPipeline(left.pipeline, refuse);
  if (left.kind !== 'filter' || left.condition === undefined) return;
  const type = checkExpression(left.condition, refuse);
  if (type === 'bool' || type === 'attribute') return;
  refuse(left, { message: `span filter field expressions must resolve to a boolean: ${cut(printStage(left))}` });
}

function checkScalarFilter(stage: Extract<Stage, { kind: 'scalarFilter' }>, refuse: Refuse): void {
  const left = checkScalar(stage.left, refuse);
  const right = checkScalar(stage.right, refuse);
  const fits = left === 'attribute' || right === 'attribute' || (isNumericType(left) && isNumericType(right));
  if (!fits) refuse(stage, { message: `binary operations must operate on the same type: ${cut(printStage(stage))}` });
}

function checkScalar(scalar: ScalarExpression, refuse: Refuse): ValueType {
  switch (scalar.kind) {
    case 'static':
      return scalar.value.type;
    case 'aggregate':
      return checkAggregate(scalar, refuse);
    case 'scalarPipeline':
      checkPipeline(scalar.pipeline, refuse);
      return checkScalar(scalar.result, refuse);
    case 'scalarArithmetic': {
      const types = [checkScalar(scalar.left, refuse), checkScalar(scalar.right, refuse)];
      return types.find((type) => !isNumericType(type)) ?? 'float';
    }
  }
}

function checkAggregate(aggregate: Extract<ScalarExpression, { kind: 'aggregate' }>, refuse: Refuse): ValueType {
  if (aggregate.of === undefined) return 'int';
  const type = checkExpression(aggregate.of, refuse);
  const text = () => cut(printScalar(aggregate));
  if (type !== 'attribute' && !isNumericType(type)) {
    refuse(aggregate, { message: `aggregate field expressions must resolve to a number type: ${text()}` });
  }
  if (fieldsOf(aggregate.of).length === 0) {
    refuse(aggregate, { message: `aggregate field expressions must reference the span: ${text()}` });
  }
  return type;
}

/** Without times the selection is of all the time; with them, an empty span of time could only be a mistake. */
function checkCompareTimes(compare: Extract<MetricsExpression, { kind: 'compare' }>, refuse: Refuse): void {
  const { startNano, endNano } = compare;
  if (startNano === undefined || endNano === undefined || startNano < endNano) return;
  refuse(compare, { message: `compare() must end after it starts, and ${endNano} is not after ${startNano}` });
}

function checkMetrics(metrics: MetricsExpression, refuse: Refuse): void {
  switch (metrics.kind) {
    case 'metricsAggregate':
      checkMetricsAggregate(metrics, refuse);
      break;
    case 'compare':
      checkPipeline(metrics.pipeline, refuse);
      checkSpanset(metrics.selection, refuse);
      if (metrics.topN < 1 || metrics.topN > queryLimits.compareTopMax) {
        const message = `compare() top number must be between 1 and ${queryLimits.compareTopMax}, got ${metrics.topN}`;
        refuse(metrics, { message });
      }
      checkCompareTimes(metrics, refuse);
      break;
    case 'metricsArithmetic':
      checkOperand(metrics.left, metrics, refuse);
      checkOperand(metrics.right, metrics, refuse);
      checkSecondStages(metrics.second, metrics, refuse);
      break;
  }
}

function checkMetricsAggregate(
  metrics: Extract<MetricsExpression, { kind: 'metricsAggregate' }>,
  refuse: Refuse,
): void {
  checkPipeline(metrics.pipeline, refuse);
  const type = metrics.of === undefined ? 'int' : checkExpression(metrics.of, refuse);
  if (type !== 'attribute' && !isNumericType(type)) {
    refuse(metrics.of!, { message: `${metrics.fn}() takes a number, and this is a ${type}` });
  }
  for (const field of metrics.by) checkExpression(field, refuse);
  if (metrics.by.length > queryLimits.metricsGroupsMax) {
    const message = `metrics group by ${metrics.by.length} values; at most ${queryLimits.metricsGroupsMax} are possible`;
    refuse(metrics, { message });
  }
  const quantile = metrics.arguments.find((p) => p < 0 || p > 1);
  if (quantile !== undefined) {
    const suggestion = quantile > 1 && quantile <= 100 ? String(quantile / 100) : undefined;
    refuse(metrics, { message: `a quantile lies between 0 and 1, not at ${quantile}`, suggestion });
  }
  checkSecondStages(metrics.second, metrics, refuse);
}

function checkOperand(operand: MetricsOperand, whole: MetricsExpression, refuse: Refuse): void {
  if (operand.kind === 'compare') refuse(whole, { message: 'compare() cannot be calculated with' });
  if (operand.kind !== 'static') return checkMetrics(operand, refuse);
  const { type } = operand.value;
  if (type !== 'int' && type !== 'float')
    refuse(whole, { message: `metrics are calculated with numbers, not a ${type}` });
}

function checkSecondStages(stages: readonly SecondStage[], whole: MetricsExpression, refuse: Refuse): void {
  for (const stage of stages) {
    if (stage.kind !== 'threshold' && stage.count <= 0) {
      refuse(whole, { message: `${stage.kind}() limit must be greater than 0, got ${stage.count}` });
    }
  }
}
