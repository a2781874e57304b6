import { limits, milliFromUnixNano, QueryError, unixNano } from '@spoor/model';
import type { MetricsAnswer, MetricSeries, MetricsRequest, TimeBounds, TimeRange, TraceStore } from '@spoor/query';
import {
  fieldsAsked,
  fieldType,
  type MetricsExpression,
  type MetricsOperand,
  parsePlainDuration,
  printField,
  printQuery,
  type Query,
  type SpansetExpression,
} from '@spoor/traceql';
import { type CompareTable, compareTable } from './compare-table.ts';
import type { PageAsk } from './page-ask.ts';
import { type PageAttribute, pageAttribute } from './page-attribute.ts';
import { type PageProgress, pageProgress } from './page-progress.ts';
import { timeRange, traceqlQuery } from './search-json.ts';

/** What a series' values are. */
export type MetricUnit = 'perSecond' | 'count' | 'seconds' | 'number';

interface PageMetricsFacts {
  /** why this is not the whole answer */
  readonly incomplete?: string;
  readonly warnings: readonly string[];
  readonly progress: PageProgress;
  /** Unix milliseconds */
  readonly startMilli: number;
  readonly endMilli: number;
  /** the query's spans as a search, to be narrowed; absent when it calculates with several */
  readonly tracesQuery?: string;
}

export type PageMetrics =
  | (PageMetricsFacts & { readonly kind: 'compare'; readonly table: CompareTable })
  | (PageMetricsFacts & {
      readonly kind: 'series';
      readonly unit: MetricUnit;
      readonly stepMilli: number;
      readonly series: readonly PageSeries[];
    });

export interface PageSeries {
  readonly labels: readonly PageAttribute[];
  /** of the intervals that end at `startMilli + i × stepMilli`; missing ones are `null` */
  readonly values: readonly (number | null)[];
  readonly exemplars: readonly PageExemplar[];
}

export interface PageExemplar {
  readonly traceId: string;
  readonly spanId: string;
  readonly milli: number;
  readonly value: number;
}

/** More lines than anybody tells apart. */
const seriesMax = 200;
/** Of a comparison, which has a series for each side and value. */
const compareSeriesMax = 20_000;
const exemplarsMax = 60;
const intervalsWanted = 120;
/** More than a wide screen has pixels to show. */
const intervalsMax = 2_000;
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400];

/**
 * `GET metrics?q&step`, with `start`, `end` and the fields as for `search`: a metrics query over time. Without `start` or `end` it
 * is of all that is stored; without `step` it has some hundred intervals.
 * @throws {QueryError} `QUERY_INVALID`, `QUERY_LIMIT`
 */
export async function metricsJson(store: TraceStore, ask: PageAsk): Promise<string> {
  const { tenant, parameters, signal, onSoFar } = ask;
  const query = traceqlQuery(parameters.get('q') ?? '', parameters);
  if (query.kind !== 'metrics') throw new QueryError('QUERY_INVALID', 'a metrics query ends with a function');
  const range = await boundedRange(store, tenant, timeRange(parameters), signal);
  const isCompare = query.metrics.kind === 'compare';
  const stepNano = isCompare ? range.end - range.start + 1n : stepOf(parameters.get('step'), range);
  const request: MetricsRequest = {
    query,
    ...(isCompare ? { start: range.end, end: range.end } : aligned(range, stepNano)),
    stepNano,
    exemplarsMax: isCompare ? 0 : exemplarsMax,
    seriesMax: isCompare ? compareSeriesMax : seriesMax,
    timeMilliMax: limits.pageQueryMilliMax,
  };
  const shown = (answer: MetricsAnswer): PageMetrics => pageMetrics(query.metrics, range, request, answer);
  const onProgress = onSoFar && ((soFar: MetricsAnswer) => onSoFar(() => shown(soFar)));
  return JSON.stringify(shown(await store.metrics(tenant, request, signal, onProgress)));
}

function pageMetrics(
  metrics: MetricsExpression,
  range: TimeBounds,
  request: MetricsRequest,
  answer: MetricsAnswer,
): PageMetrics {
  const { series, incomplete, warnings, progress } = answer;
  const facts: PageMetricsFacts = {
    ...(incomplete !== undefined && { incomplete }),
    warnings,
    progress: pageProgress(progress),
    startMilli: milliFromUnixNano(metrics.kind === 'compare' ? range.start : request.start),
    endMilli: milliFromUnixNano(request.end),
    ...(metrics.kind !== 'metricsArithmetic' && { tracesQuery: tracesQueryOf(metrics) }),
  };
  if (metrics.kind === 'compare') {
    return { ...facts, kind: 'compare', table: compareTable(series, fieldsOfSelection(metrics.selection)) };
  }
  const stepMilli = Number(request.stepNano) / 1e6;
  return { ...facts, kind: 'series', unit: unitOf(metrics), stepMilli, series: series.map(pageSeries) };
}

/** What is open ends where the stored spans do. */
async function boundedRange(
  store: TraceStore,
  tenant: string,
  range: TimeRange,
  signal: AbortSignal,
): Promise<TimeBounds> {
  const { start, end } = range;
  const now = unixNano(BigInt(Date.now()) * 1_000_000n);
  if (start !== undefined) return { start, end: end === undefined || end > now ? now : end };
  const { start: first, end: last } = await store.bounds(tenant, range, signal);
  return { start: first, end: end ?? last };
}

/** @throws {QueryError} `QUERY_INVALID`, `QUERY_LIMIT` */
function stepOf(text: string | null, { start, end }: TimeBounds): bigint {
  if (text !== null && text !== '') {
    const nano = parsePlainDuration(text);
    if (nano === undefined || nano < 1e6)
      throw new QueryError('QUERY_INVALID', `“${text}” is no step; write 30s or 5m`);
    const step = BigInt(Math.round(nano));
    const count = (end - start) / step;
    if (count <= intervalsMax) return step;
    throw new QueryError('QUERY_LIMIT', `${count} steps of ${text} are too many for a chart; take a longer step`);
  }
  const seconds = Number(end - start) / 1e9 / intervalsWanted;
  return BigInt(steps.find((step) => step >= seconds) ?? Math.ceil(seconds / 86_400) * 86_400) * 1_000_000_000n;
}

/** Ends of intervals lie on whole steps, so that a range that moves on shows the same points. */
function aligned({ start, end }: TimeBounds, stepNano: bigint): TimeBounds {
  const up = (time: bigint): bigint => ((time + stepNano - 1n) / stepNano) * stepNano;
  return { start: unixNano(up(start)), end: unixNano(up(end)) };
}

function fieldsOfSelection(selection: SpansetExpression): ReadonlySet<string> {
  return new Set(selection.kind === 'filter' ? fieldsAsked(selection.condition).map(printField) : []);
}

function tracesQueryOf({ pipeline }: Exclude<MetricsExpression, { kind: 'metricsArithmetic' }>): string {
  const query: Query = { kind: 'search', pipeline, hints: [] };
  return printQuery(query);
}

/** Sums keep a unit, and so do multiples; what else is calculated is a number. */
export function unitOf(metrics: MetricsOperand): MetricUnit {
  switch (metrics.kind) {
    case 'metricsAggregate':
      if (metrics.fn === 'rate') return 'perSecond';
      if (metrics.fn === 'count_over_time' || metrics.fn === 'histogram_over_time') return 'count';
      return metrics.of !== undefined && fieldType(metrics.of) === 'duration' ? 'seconds' : 'number';
    case 'metricsArithmetic': {
      const { op, left, right } = metrics;
      if (right.kind === 'static') return unitOf(left);
      if (left.kind === 'static') return op === '/' ? 'number' : unitOf(right);
      const unit = unitOf(left);
      return (op === '+' || op === '-') && unit === unitOf(right) ? unit : 'number';
    }
    default:
      return 'number';
  }
}

function pageSeries({ labels, values, exemplars }: MetricSeries): PageSeries {
  return {
    labels: labels.map(pageAttribute),
    values: Array.from(values, (value) => (Number.isNaN(value) ? null : value)),
    exemplars: exemplars.map(({ traceId, spanId, time, value }) => ({
      traceId,
      spanId,
      milli: milliFromUnixNano(time),
      value,
    })),
  };
}
