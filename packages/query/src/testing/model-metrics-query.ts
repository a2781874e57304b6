import type { Span } from '@spoor/model';
import {
  attribute,
  type Field,
  intrinsic,
  type Intrinsic,
  type MetricsExpression,
  type MetricsOperand,
  printField,
  type SecondStage,
} from '@spoor/traceql';
import { type ModelLabel, modelFirstNumber, modelLabel } from './model-evaluator.ts';
import { modelPipeline } from './model-pipeline.ts';
import type { ModelTrace } from './model-trace.ts';

/*
 * The slow, obvious twin of metrics queries: spans of whole traces, put into lists by interval and labels.
 */

export interface ModelTimes {
  readonly start: bigint;
  readonly end: bigint;
  readonly stepNano: bigint;
}

export interface ModelSeries {
  readonly labels: readonly (readonly [key: string, value: ModelLabel])[];
  /** one for each interval; `undefined` where there is none */
  readonly values: readonly (number | undefined)[];
}

export interface ModelQuery {
  readonly traces: readonly ModelTrace[];
  readonly times: ModelTimes;
  readonly isWeighted: boolean;
}

export function modelMetrics(query: ModelQuery, metrics: MetricsExpression): readonly ModelSeries[] {
  switch (metrics.kind) {
    case 'metricsAggregate':
      return metrics.second.reduce(afterStage, aggregated(query, metrics));
    case 'compare':
      return compared(query, metrics);
    case 'metricsArithmetic':
      return metrics.second.reduce(afterStage, calculated(query, metrics));
  }
}

interface Found {
  readonly trace: ModelTrace;
  readonly span: Span;
  readonly interval: number;
}

function found({ traces, times }: ModelQuery, pipeline: Extract<MetricsExpression, { kind: 'compare' }>['pipeline']) {
  return traces.flatMap((trace) =>
    [...modelPipeline(trace, pipeline)].flatMap((span): Found[] =>
      edges(times).flatMap((edge, interval) => {
        const isIn = span.startTimeUnixNano > edge - times.stepNano && span.startTimeUnixNano <= edge;
        return isIn ? [{ trace, span, interval }] : [];
      }),
    ),
  );
}

/** The last moment of each interval. */
function edges({ start, end, stepNano }: ModelTimes): readonly bigint[] {
  const all: bigint[] = [];
  for (let edge = start; edge <= end; edge += stepNano) all.push(edge);
  return all;
}

type Aggregate = Extract<MetricsExpression, { kind: 'metricsAggregate' }>;

function aggregated(query: ModelQuery, metrics: Aggregate): readonly ModelSeries[] {
  const { fn, of, by } = metrics;
  const all = found(query, metrics.pipeline);
  const counted = of === undefined ? all : all.filter(({ trace, span }) => amountOf(trace, span, of) !== undefined);
  if (counted.length === 0) {
    const isZero = by.length === 0 && (fn === 'rate' || fn === 'count_over_time');
    return isZero ? [{ labels: named(fn), values: edges(query.times).map(() => 0) }] : [];
  }
  const groups = Map.groupBy(counted, ({ trace, span }) =>
    JSON.stringify(by.map((field) => modelLabel(trace, span, field))),
  );
  return [...groups].flatMap(([key, members]): ModelSeries[] => {
    const labels = (JSON.parse(key) as ModelLabel[]).map((value, i) => [printField(by[i]), value] as const);
    if (fn === 'quantile_over_time') return quantiles(query, metrics, labels, members);
    if (fn === 'histogram_over_time') return histogram(query, metrics, labels, members);
    const values = edges(query.times).map((_, interval) =>
      valueOf(
        query,
        metrics,
        members.filter((one) => one.interval === interval),
      ),
    );
    return [{ labels: by.length === 0 ? named(fn) : labels, values }];
  });
}

function named(name: string): ModelSeries['labels'] {
  return [['__name__', { type: 'string', text: name }]];
}

function amountOf(trace: ModelTrace, span: Span, of: Field): number | undefined {
  return modelFirstNumber(trace, span, of);
}

function weigh({ isWeighted }: ModelQuery, spans: readonly Found[]): number {
  return spans.reduce((sum, { span }) => sum + (isWeighted ? span.adjustedCount : 1), 0);
}

function unitOf(of: Field | undefined): number {
  const isTime =
    of?.kind === 'intrinsic' && ['span:duration', 'trace:duration', 'event:timeSinceStart'].includes(of.name);
  return isTime ? 1e9 : 1;
}

function valueOf(query: ModelQuery, { fn, of }: Aggregate, spans: readonly Found[]): number | undefined {
  if (fn === 'count_over_time') return weigh(query, spans);
  if (fn === 'rate') return weigh(query, spans) / (Number(query.times.stepNano) / 1e9);
  if (spans.length === 0) return undefined;
  const amounts = spans.map(({ trace, span }) => amountOf(trace, span, of!)!);
  const sum = spans.reduce((total, { span }, i) => total + amounts[i] * (query.isWeighted ? span.adjustedCount : 1), 0);
  switch (fn) {
    case 'min_over_time':
      return Math.min(...amounts) / unitOf(of);
    case 'max_over_time':
      return Math.max(...amounts) / unitOf(of);
    case 'sum_over_time':
      return sum / unitOf(of);
    default:
      return sum / weigh(query, spans) / unitOf(of);
  }
}

/** The smallest power of two that is not below; 0 for what is not above 0. */
function boundOf(amount: number): number {
  if (amount <= 0) return 0;
  let bound = 2 ** -31;
  while (bound < amount && bound < 2 ** 95) bound *= 2;
  return bound;
}

function histogram(
  query: ModelQuery,
  { of }: Aggregate,
  labels: ModelSeries['labels'],
  members: readonly Found[],
): ModelSeries[] {
  const byBound = Map.groupBy(members, ({ trace, span }) => boundOf(amountOf(trace, span, of!)!));
  return [...byBound].map(([bound, inBucket]) => ({
    labels: [...labels, ['__bucket', { type: 'double', text: String(bound / unitOf(of)) }]],
    values: edges(query.times).map((_, interval) =>
      weigh(
        query,
        inBucket.filter((one) => one.interval === interval),
      ),
    ),
  }));
}

function quantiles(
  query: ModelQuery,
  { of, arguments: shares }: Aggregate,
  labels: ModelSeries['labels'],
  members: readonly Found[],
): ModelSeries[] {
  return shares.map((share) => ({
    labels: [...labels, ['p', { type: 'double', text: String(share) }]],
    values: edges(query.times).map((_, interval) => {
      const inside = members.filter((one) => one.interval === interval);
      // One entry for each span that is counted, in the order of the buckets; adjusted counts are whole here.
      const bounds = inside
        .flatMap((one) =>
          Array.from({ length: weigh(query, [one]) }, () => boundOf(amountOf(one.trace, one.span, of!)!)),
        )
        .sort((a, b) => a - b);
      if (bounds.length === 0) return 0;
      const rank = Math.max(1, Math.ceil(share * bounds.length));
      const bound = bounds[rank - 1];
      const first = bounds.indexOf(bound);
      const count = bounds.lastIndexOf(bound) - first + 1;
      return (bound * 2 ** ((rank - first) / count - 1)) / unitOf(of);
    }),
  }));
}

function afterStage(series: readonly ModelSeries[], stage: SecondStage): readonly ModelSeries[] {
  if (stage.kind === 'threshold') {
    const limit = (stage.value as { value: number }).value / (stage.value.type === 'duration' ? 1e9 : 1);
    return withPoints(
      series.map(({ labels, values }) => ({
        labels,
        values: values.map((value) => (value !== undefined && holds(value, stage.op, limit) ? value : undefined)),
      })),
    );
  }
  const sign = stage.kind === 'topk' ? -1 : 1;
  const ranked = (interval: number) =>
    series
      .filter(({ values }) => values[interval] !== undefined)
      .sort((a, b) => sign * (a.values[interval]! - b.values[interval]! || -labelOrder(a, b)))
      .slice(0, stage.count);
  return withPoints(
    series.map((one) => ({
      labels: one.labels,
      values: one.values.map((value, interval) => (ranked(interval).includes(one) ? value : undefined)),
    })),
  );
}

function withPoints(series: readonly ModelSeries[]): readonly ModelSeries[] {
  return series.filter(({ values }) => values.some((value) => value !== undefined));
}

function holds(a: number, op: string, b: number): boolean {
  const verdicts: Readonly<Record<string, boolean>> = {
    '=': a === b,
    '!=': a !== b,
    '<': a < b,
    '<=': a <= b,
    '>': a > b,
    '>=': a >= b,
  };
  return verdicts[op];
}

/** Numbers before texts, what is missing as `nil`. */
function labelOrder(a: ModelSeries, b: ModelSeries): number {
  for (const [i, [key, value]] of a.labels.entries()) {
    const [otherKey, other] = b.labels[i];
    if (key !== otherKey) return Buffer.compare(Buffer.from(key), Buffer.from(otherKey));
    const isNumber = (label: ModelLabel) => ['int', 'double'].includes(label.type) && label.text !== 'NaN';
    if (isNumber(value) !== isNumber(other)) return isNumber(value) ? -1 : 1;
    if (isNumber(value)) {
      const [x, y] = [value, other].map(({ type, text }) => (type === 'int' ? BigInt(text) : Number(text)));
      if (x < y) return -1;
      if (x > y) return 1;
    }
    const shown = (label: ModelLabel) => (label.type === 'empty' ? 'nil' : label.text);
    const order = isNumber(value) ? 0 : Buffer.compare(Buffer.from(shown(value)), Buffer.from(shown(other)));
    if (order !== 0) return order;
    if (value.type !== other.type) return value.type < other.type ? -1 : 1;
  }
  return 0;
}

function calculated(
  query: ModelQuery,
  { op, left, right }: Extract<MetricsExpression, { kind: 'metricsArithmetic' }>,
): readonly ModelSeries[] {
  const [a, b] = [operand(query, left), operand(query, right)];
  const apply = (x: number | undefined, y: number | undefined): number | undefined => {
    if (x === undefined || y === undefined) return undefined;
    const value = { '+': x + y, '-': x - y, '*': x * y, '/': x / y }[op];
    return Number.isFinite(value) ? value : undefined;
  };
  if (typeof a === 'number') {
    return withPoints((b as ModelSeries[]).map((one) => ({ ...one, values: one.values.map((y) => apply(a, y)) })));
  }
  if (typeof b === 'number') {
    return withPoints(a.map((one) => ({ ...one, values: one.values.map((x) => apply(x, b)) })));
  }
  const isNamed = ({ labels }: ModelSeries) => labels[0]?.[0] === '__name__';
  const pairs = a.flatMap((x) =>
    b.flatMap((y) => {
      const isPair = isNamed(x) || isNamed(y) || JSON.stringify(x.labels) === JSON.stringify(y.labels);
      return isPair ? [[x, y] as const] : [];
    }),
  );
  return withPoints(
    pairs.map(([x, y]) => {
      const name = `(${x.labels[0][1].text} ${op} ${y.labels[0][1].text})`;
      const labels = isNamed(x) && isNamed(y) ? named(name) : isNamed(x) ? y.labels : x.labels;
      return { labels, values: x.values.map((value, i) => apply(value, y.values[i])) };
    }),
  );
}

function operand(query: ModelQuery, of: MetricsOperand): readonly ModelSeries[] | number {
  return of.kind === 'static' ? (of.value as { value: number }).value : modelMetrics(query, of);
}

const comparedIntrinsics: readonly Intrinsic[] = [
  'span:kind',
  'span:name',
  'span:status',
  'span:statusMessage',
  'span:childCount',
  'trace:rootName',
  'trace:rootService',
  'instrumentation:name',
  'instrumentation:version',
];

/** Every (attribute, value) of a span. Of a repeated key the first counts. */
function valuesOf(trace: ModelTrace, span: Span): readonly (readonly [string, ModelLabel])[] {
  const owned = (scope: 'span' | 'resource' | 'instrumentation', attributes: Span['attributes']) =>
    attributes
      .filter(({ key, value }, i) => value.type !== 'empty' && attributes.findIndex((one) => one.key === key) === i)
      .map(({ key, value }) => [printField(attribute(scope, key)), modelLabel(trace, span, value)] as const);
  return [
    ...owned('span', span.attributes),
    ...owned('resource', span.resource.attributes),
    ...owned('instrumentation', span.scope.attributes),
    ...comparedIntrinsics.map(
      (name) => [printField(intrinsic(name)), modelLabel(trace, span, intrinsic(name))] as const,
    ),
  ];
}

function compared(query: ModelQuery, metrics: Extract<MetricsExpression, { kind: 'compare' }>): readonly ModelSeries[] {
  const { pipeline, selection, startNano, endNano, topN } = metrics;
  const selected = new Set(found(query, [...pipeline, selection]).map(({ span }) => span));
  const isSelected = ({ span }: Found): boolean =>
    selected.has(span) &&
    (startNano === undefined || (span.startTimeUnixNano >= startNano && span.startTimeUnixNano < endNano!));
  const sides = Map.groupBy(found(query, pipeline), (one) => (isSelected(one) ? 'selection' : 'baseline'));
  return [...sides].flatMap(([side, members]) => {
    const entries = members.flatMap((one) =>
      valuesOf(one.trace, one.span).map(([key, value]) => ({ one, key, value })),
    );
    return [...Map.groupBy(entries, ({ key }) => key)].flatMap(([key, ofKey]): ModelSeries[] => {
      const seriesOf = (meta: string, value: ModelLabel, some: readonly { readonly one: Found }[]): ModelSeries => ({
        labels: [
          ['__meta_type', { type: 'string', text: meta }],
          [key, value],
        ],
        values: edges(query.times).map((_, i) =>
          weigh(
            query,
            some.map(({ one }) => one).filter(({ interval }) => interval === i),
          ),
        ),
      });
      const byValue = [...Map.groupBy(ofKey, ({ value }) => JSON.stringify(value)).values()];
      const ranked = byValue
        .map((same) => ({
          series: seriesOf(side, same[0].value, same),
          total: weigh(
            query,
            same.map(({ one }) => one),
          ),
        }))
        .sort((a, b) => b.total - a.total || labelOrder(a.series, b.series));
      return [
        ...ranked.slice(0, topN).map(({ series }) => series),
        seriesOf(`${side}_total`, { type: 'empty', text: '' }, ofKey),
      ];
    });
  });
}
