import type { Attribute } from '@spoor/model';
import type { Exemplar, MetricsAnswer, MetricSeries, MetricsRequest } from '@spoor/query';
import type {
  TempoExemplar,
  TempoInstantSeries,
  TempoPartialStatus,
  TempoQueryInstantResponse,
  TempoQueryRangeResponse,
  TempoSample,
  TempoTimeSeries,
} from '@spoor/wire';
import { searchMetricsOf, withNil } from './search-answer.ts';

/** Samples stand at the ends of their intervals; what has no value is left out. */
export function rangeResponse(request: MetricsRequest, answer: MetricsAnswer): TempoQueryRangeResponse {
  return { series: answer.series.map((series) => timeSeries(request, series)), ...envelopeOf(answer) };
}

export function instantResponse(answer: MetricsAnswer): TempoQueryInstantResponse {
  const series = answer.series.flatMap(({ labels, values }): TempoInstantSeries[] =>
    Number.isNaN(values[0] ?? Number.NaN) ? [] : [{ labels: labels.map(withNil), value: values[0] }],
  );
  return { series, ...envelopeOf(answer) };
}

function envelopeOf({ progress, incomplete }: MetricsAnswer) {
  const status: TempoPartialStatus = incomplete === undefined ? 'COMPLETE' : 'PARTIAL';
  return { metrics: searchMetricsOf(progress), status, message: incomplete ?? '' };
}

/** Its samples are made when they are written, since those of all series at once are a lot of objects. */
function timeSeries(request: MetricsRequest, { labels, values, exemplars }: MetricSeries): TempoTimeSeries {
  return {
    labels: labels.map(withNil),
    get samples() {
      return samplesOf(request, values);
    },
    exemplars: exemplars.map(exemplarOf),
  };
}

function samplesOf({ start, stepNano }: MetricsRequest, values: Float64Array): TempoSample[] {
  const samples: TempoSample[] = [];
  for (const [i, value] of values.entries()) {
    if (!Number.isNaN(value)) samples.push({ timestampMs: (start + BigInt(i) * stepNano) / 1_000_000n, value });
  }
  return samples;
}

function exemplarOf({ traceId, value, time }: Exemplar): TempoExemplar {
  const label: Attribute = { key: 'trace:id', value: { type: 'string', value: traceId } };
  return { labels: [label], value, timestampMs: time / 1_000_000n };
}
