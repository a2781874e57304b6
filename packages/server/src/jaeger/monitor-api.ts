import { limits } from '@spoor/model';
import { type LabelledSeries, spanLatencyBounds, type TraceStore } from '@spoor/query';
import { namelessService } from '@spoor/wire';
import { bucketQuantile } from '../prometheus/histogram-quantile.ts';
import { plainEnvelope } from './envelope.ts';
import type { JaegerAnswer, JaegerAsk } from './jaeger-ask.ts';
import { type MonitorRequest, readMonitorRequest } from './monitor-request.ts';

/** One line of a chart: the values at all points, NaN where there is nothing to say. */
interface MonitorSeries {
  readonly service: string;
  readonly operation: string | undefined;
  readonly values: readonly number[];
}

interface MonitorOptions {
  readonly traces: Pick<TraceStore, 'spanMetrics'>;
  readonly now: () => number;
}

type Handler = (ask: JaegerAsk) => Promise<JaegerAnswer>;

/**
 * What Jaeger's Monitor tab asks, `/api/metrics/*`, answered from the stored spans: there is nothing to scrape or configure.
 * Source: Jaeger v2.20, HTTP query service and its metric store over Prometheus; jaeger-idl, metrics/openmetrics.proto.
 */
export class MonitorApi {
  readonly #options: MonitorOptions;
  readonly #routes: ReadonlyMap<string, Handler>;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#routes = new Map<string, Handler>([
      ['minstep', async ({ indent }) => ({ body: plainEnvelope(minStepMilli, {}, indent) })],
      ['latencies', (ask) => this.#latencies(ask)],
      ['calls', (ask) => this.#calls(ask)],
      ['errors', (ask) => this.#errors(ask)],
    ]);
  }

  /** The answer to a `GET` of `/api/metrics/…`; `undefined` where there is nothing. */
  route(ask: JaegerAsk): (() => Promise<JaegerAnswer>) | undefined {
    const handler = ask.segments.length === 2 ? this.#routes.get(ask.segments[1]) : undefined;
    return handler && (() => handler(ask));
  }

  async #latencies(ask: JaegerAsk): Promise<JaegerAnswer> {
    const request = this.#read(ask, true);
    const found = await this.#measure(ask, request, 'latency');
    const bounds = [...spanLatencyBounds, Infinity];
    const width = bounds.length + 1;
    const series = found.map((one): MonitorSeries => ({
      ...labelsOf(one, request),
      values: request.pointsMilli.map((_, i) => {
        const counts = Array.from(one.values.subarray(i * width, i * width + bounds.length));
        return 1000 * bucketQuantile(request.quantile!, bounds, counts);
      }),
    }));
    return family('latencies', `${request.quantile!.toFixed(2)}th quantile latency`, request, series);
  }

  async #calls(ask: JaegerAsk): Promise<JaegerAnswer> {
    const request = this.#read(ask, false);
    const series = (await this.#measure(ask, request, 'calls')).map((one): MonitorSeries => ({
      ...labelsOf(one, request),
      values: Array.from(one.values, (count) => count / request.ratePerSeconds),
    }));
    return family('call_rate', 'calls/sec', request, series);
  }

  /** A service that had calls and no error has zeros, not nothing. */
  async #errors(ask: JaegerAsk): Promise<JaegerAnswer> {
    const request = this.#read(ask, false);
    const failed = { name: 'status_code', op: '=', value: 'STATUS_CODE_ERROR' } as const;
    const errors = await this.#measure(ask, { ...request, matchers: [...request.matchers, failed] }, 'calls');
    const errorsOf = new Map(errors.map(({ labels, values }) => [JSON.stringify(labels), values]));
    const series = (await this.#measure(ask, request, 'calls')).map((calls): MonitorSeries => {
      const counts = errorsOf.get(JSON.stringify(calls.labels));
      const values = Array.from(calls.values, (count, i) => (counts === undefined ? 0 : counts[i] / count));
      return { ...labelsOf(calls, request), values };
    });
    return family('error_rate', 'error rate, computed as a fraction of errors/sec over calls/sec', request, series);
  }

  #read({ parameters }: JaegerAsk, isQuantile: boolean): MonitorRequest {
    return readMonitorRequest(parameters, isQuantile, this.#options.now());
  }

  async #measure(
    { tenant, signal }: JaegerAsk,
    { windows, matchers, groupByOperation }: MonitorRequest,
    measure: 'calls' | 'latency',
  ): Promise<readonly LabelledSeries[]> {
    const by = groupByOperation ? ['service', 'span_name'] : ['service'];
    const request = { windows, measure, by, matchers, seriesMax: limits.spanMetricsSeriesMax };
    return (await this.#options.traces.spanMetrics(tenant, request, signal)).series;
  }
}

/** As short as a Prometheus takes it. */
const minStepMilli = 1;

function labelsOf({ labels }: LabelledSeries, { groupByOperation }: MonitorRequest): Omit<MonitorSeries, 'values'> {
  return { service: labels[0] || namelessService, operation: groupByOperation ? labels[1] : undefined };
}

/** A `MetricFamily` as gogo's jsonpb writes it: no envelope, empty lists left out, a NaN as text. */
function family(
  what: string,
  help: string,
  { groupByOperation, pointsMilli }: MonitorRequest,
  series: readonly MonitorSeries[],
): JaegerAnswer {
  const times = pointsMilli.map((milli) => new Date(milli).toISOString().replace('.000Z', 'Z'));
  const metrics = series.map(({ service, operation, values }) => ({
    labels: [
      ...(operation === undefined ? [] : [{ name: 'operation', value: operation }]),
      { name: 'service_name', value: service },
    ],
    metricPoints: values.map((value, i) => ({
      gaugeValue: { doubleValue: Number.isFinite(value) ? value : numberName(value) },
      timestamp: times[i],
    })),
  }));
  const body = {
    name: groupByOperation ? `service_operation_${what}` : `service_${what}`,
    type: 'GAUGE',
    help: `${help}, grouped by service${groupByOperation ? ' & operation' : ''}`,
    ...(metrics.length > 0 && { metrics }),
  };
  return { body: [Buffer.from(JSON.stringify(body))] };
}

function numberName(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
}
