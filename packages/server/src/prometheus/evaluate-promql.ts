import { limits, type UnixNano } from '@spoor/model';
import {
  type LabelledSeriesAnswer,
  type LabelMatcher,
  matcherTest,
  type MetricWindows,
  type TraceStore,
} from '@spoor/query';
import { boundText, metricFamilies, type MetricFamily } from './metric-family.ts';
import { aggregate, compareRank, type Grouping } from './prom-aggregate.ts';
import { binary } from './prom-binary.ts';
import { PromError } from './prom-error.ts';
import { allPresent, type Labels, labelsKey, type PromSeries, type PromValue, withoutName } from './prom-value.ts';
import type { PromExpression, Selector } from './promql-tree.ts';
import { histogramQuantiles } from './histogram-quantile.ts';

export interface EvaluationSteps {
  readonly start: UnixNano;
  readonly stepNano: bigint;
  readonly count: number;
}

export interface EvaluationContext {
  readonly traces: Pick<TraceStore, 'spanMetrics' | 'serviceGraph'>;
  readonly tenant: string;
  readonly steps: EvaluationSteps;
  readonly signal: AbortSignal | undefined;
}

/** Series × steps of one value on the way; 8 bytes each. */
const numbersMax = limits.spanMetricsNumbersMax;

/**
 * Evaluates PromQL at each step over the metrics of the stored spans. What a selector stands for is asked of the store, with
 * the labels that are wanted of it only; everything else is worked out here.
 */
export class PromEvaluation {
  readonly #context: EvaluationContext;
  /** what people should know about the answer */
  readonly warnings = new Set<string>();

  constructor(context: EvaluationContext) {
    this.#context = context;
  }

  /** @throws {PromError} {QueryError} */
  async evaluate(expression: PromExpression): Promise<PromValue> {
    switch (expression.kind) {
      case 'number':
        return { kind: 'scalar', values: new Float64Array(this.#context.steps.count).fill(expression.value) };
      case 'selector':
      case 'window':
        return { kind: 'vector', series: await this.#read(expression, undefined) };
      case 'negative':
        return this.#negative(expression.of);
      case 'aggregate':
        return { kind: 'vector', series: await this.#aggregate(expression) };
      case 'quantile': {
        const quantiles = await this.#scalar(expression.quantile);
        return { kind: 'vector', series: unique(histogramQuantiles(quantiles, await this.#vector(expression.of))) };
      }
      case 'sort': {
        const series = await this.#vector(expression.of);
        return { kind: 'vector', series: sorted(series, expression.isDescending) };
      }
      case 'binary':
        return binary(expression, await this.evaluate(expression.left), await this.evaluate(expression.right));
    }
  }

  async #negative(of: PromExpression): Promise<PromValue> {
    const value = await this.evaluate(of);
    if (value.kind === 'scalar') return { kind: 'scalar', values: value.values.map((one) => -one) };
    const series = value.series.map((one) => ({
      ...one,
      labels: withoutName(one.labels),
      values: one.values.map((number) => -number),
    }));
    return { kind: 'vector', series: unique(series) };
  }

  async #aggregate(expression: Extract<PromExpression, { kind: 'aggregate' }>): Promise<readonly PromSeries[]> {
    const { function: fn, of, parameter, labels, isWithout } = expression;
    const counts = parameter === undefined ? undefined : await this.#scalar(parameter);
    const isAdding = fn === 'sum' || fn === 'group';
    // Sums of sums are the same: the store need not tell apart what is added up anyway.
    const series =
      isAdding && (of.kind === 'selector' || of.kind === 'window')
        ? await this.#read(of, { labels, isWithout })
        : await this.#vector(of);
    const result = aggregate(fn, { labels, isWithout }, series, counts);
    const isRanked = counts !== undefined && this.#context.steps.count === 1;
    return isRanked ? sorted(result, fn === 'topk') : result;
  }

  async #scalar(expression: PromExpression): Promise<Float64Array> {
    const value = await this.evaluate(expression);
    if (value.kind !== 'scalar') throw new PromError('bad_data', 'a scalar is expected');
    return value.values;
  }

  async #vector(expression: PromExpression): Promise<readonly PromSeries[]> {
    const value = await this.evaluate(expression);
    if (value.kind !== 'vector') throw new PromError('bad_data', 'an instant vector is expected');
    return value.series;
  }

  /** @param grouping  what the series are added up by afterwards */
  async #read(
    expression: Extract<PromExpression, { kind: 'selector' | 'window' }>,
    grouping: Grouping | undefined,
  ): Promise<readonly PromSeries[]> {
    const { selector } = expression;
    const isRate = expression.kind === 'window' && expression.function === 'rate';
    const divisor = isRate ? Number(expression.rangeNano) / 1e9 : 1;
    const lengthNano = expression.kind === 'window' ? expression.rangeNano : undefined;
    const { start, stepNano, count } = this.#context.steps;
    const windows: MetricWindows = { end: start, stepNano, count, lengthNano };
    const all: PromSeries[] = [];
    for (const family of familiesOf(selector)) {
      const read = await readFamily(this.#context, family, selector.matchers, windows, grouping);
      const isCounter = expression.kind === 'selector' && family.part !== 'bucket';
      if (read.incomplete !== undefined) this.warnings.add(`${family.name}: ${read.incomplete}`);
      for (const { labels, values } of read.series) {
        const named = expression.kind === 'selector' ? new Map([['__name__', family.name], ...labels]) : labels;
        all.push({
          labels: named,
          values: divisor === 1 ? values : values.map((value) => value / divisor),
          isPresent: isCounter ? presentFromFirst(values) : allPresent(values.length),
        });
      }
      if (all.length * count > numbersMax)
        throw new PromError('execution', 'the query needs more memory than it may have');
    }
    // Several metrics may have series of the same labels, once their names are gone.
    return expression.kind === 'selector' || grouping !== undefined ? all : unique(all);
  }
}

/** A counter is there from its first span on. */
function presentFromFirst(values: Float64Array): Uint8Array {
  const first = values.findIndex((value) => value > 0);
  return Uint8Array.from(values, (_, i) => (first >= 0 && i >= first ? 1 : 0));
}

/** @throws {PromError} `execution`, as Prometheus does when a name that told series apart is lost */
function unique(series: readonly PromSeries[]): readonly PromSeries[] {
  const keys = new Set(series.map(({ labels }) => labelsKey(labels)));
  if (keys.size < series.length)
    throw new PromError('execution', 'vector cannot contain metrics with the same labelset');
  return series;
}

/** By the last value, which of one step is the only one. */
function sorted(series: readonly PromSeries[], isDescending: boolean): readonly PromSeries[] {
  return [...series].sort((a, b) => compareRank(a.values.at(-1)!, b.values.at(-1)!, isDescending));
}

/** The metrics whose name a selector means. */
export function familiesOf({ matchers }: Selector): readonly MetricFamily[] {
  const tests = matchers.filter(({ name }) => name === '__name__').map(matcherTest);
  return metricFamilies.filter(({ name }) => tests.every((accepts) => accepts(name)));
}

interface ReadSeries {
  readonly series: readonly { readonly labels: Labels; readonly values: Float64Array }[];
  readonly incomplete: string | undefined;
}

/**
 * Series of one metric in windows of time, `le` among their labels for buckets.
 * @param grouping  labels that are wanted; without it those of the metric and those that matchers name
 */
export async function readFamily(
  { traces, tenant, signal }: Pick<EvaluationContext, 'traces' | 'tenant' | 'signal'>,
  family: MetricFamily,
  selectorMatchers: readonly LabelMatcher[],
  windows: MetricWindows,
  grouping?: Grouping,
): Promise<ReadSeries> {
  const matchers = selectorMatchers.filter(({ name }) => name !== '__name__' && name !== 'le');
  const ofBounds = selectorMatchers.filter(({ name }) => name === 'le').map(matcherTest);
  if (family.part !== 'bucket' && !ofBounds.every((accepts) => accepts('')))
    return { series: [], incomplete: undefined };
  const by = labelsToRead(family, matchers, grouping);
  const request = { windows, by, matchers, seriesMax: limits.spanMetricsSeriesMax };
  const answer: LabelledSeriesAnswer =
    family.kind === 'span'
      ? await traces.spanMetrics(tenant, { ...request, measure: family.measure }, signal)
      : await traces.serviceGraph(tenant, { ...request, measure: family.measure }, signal);
  const series = answer.series.flatMap(({ labels: texts, values }) => {
    const labels = new Map(by.flatMap((name, i) => (texts[i] === '' ? [] : [[name, texts[i]] as const])));
    return partsOf(family, values, windows.count).flatMap((part) => {
      if (part.bound === undefined) return [{ labels, values: part.values }];
      const le = boundText(part.bound);
      return ofBounds.every((accepts) => accepts(le))
        ? [{ labels: new Map([...labels, ['le', le]]), values: part.values }]
        : [];
    });
  });
  return { series, incomplete: answer.incomplete };
}

function labelsToRead(
  family: MetricFamily,
  matchers: readonly LabelMatcher[],
  grouping: Grouping | undefined,
): readonly string[] {
  const own = new Set([...family.labels, ...matchers.map(({ name }) => name)]);
  if (grouping === undefined) return [...own];
  const { labels, isWithout } = grouping;
  if (isWithout) return [...own].filter((name) => !labels.includes(name));
  return labels.filter((name) => name !== 'le' && name !== '__name__');
}

/** The numbers of the metric among those of a histogram. */
function partsOf(
  { part, bounds }: MetricFamily,
  values: Float64Array,
  windowCount: number,
): readonly { readonly bound: number | undefined; readonly values: Float64Array }[] {
  if (part === undefined) return [{ bound: undefined, values }];
  const width = bounds.length + 2;
  const at = (place: number): Float64Array =>
    Float64Array.from({ length: windowCount }, (_, i) => values[i * width + place]);
  if (part === 'sum') return [{ bound: undefined, values: at(width - 1) }];
  if (part === 'count') return [{ bound: undefined, values: at(width - 2) }];
  return [...bounds, Infinity].map((bound, i) => ({ bound, values: at(i) }));
}
