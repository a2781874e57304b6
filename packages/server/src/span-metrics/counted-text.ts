import { type Counted, edgeLatencyBounds, type LabelledSeries, spanLatencyBounds } from '@spoor/query';
import { header, labelText } from '../metric-registry.ts';
import { boundText, edgeLabels, metricFamilies, spanLabels } from '../prometheus/metric-family.ts';

/** Series of one kind with the names of their labels, the one of all others at the end. */
interface Series {
  readonly labels: string;
  readonly values: Float64Array;
}

/** Counters in Prometheus' text form, under the names of Tempo's metrics-generator. */
export function countedText({ spans, otherSpans, calls, otherCalls }: Counted): string {
  const ofSpans = seriesOf(spans, spanLabels, otherSpans);
  const ofCalls = seriesOf(calls, edgeLabels, otherCalls);
  const spanWidth = spanLatencyBounds.length + 2;
  const callWidth = edgeLatencyBounds.length + 2;
  const count = spanWidth - 2;
  return [
    counter('traces_spanmetrics_calls_total', ofSpans, count),
    histogram('traces_spanmetrics_latency', ofSpans, spanLatencyBounds, 0),
    counter('traces_spanmetrics_size_total', ofSpans, spanWidth),
    counter('traces_service_graph_request_total', ofCalls, 0),
    counter('traces_service_graph_request_failed_total', ofCalls, 1),
    histogram('traces_service_graph_request_server_seconds', ofCalls, edgeLatencyBounds, 2),
    histogram('traces_service_graph_request_client_seconds', ofCalls, edgeLatencyBounds, 2 + callWidth),
  ].join('');
}

function seriesOf(
  series: readonly LabelledSeries[],
  names: readonly string[],
  others: Float64Array | undefined,
): readonly Series[] {
  const told = series.map(({ labels, values }) => ({ labels: labelText(names, labels), values }));
  return others === undefined ? told : [...told, { labels: 'metric_overflow="true"', values: others }];
}

/** @param at  where the counter is among the values */
function counter(name: string, series: readonly Series[], at: number): string {
  const lines = series.map(({ labels, values }) => `${name}{${labels}} ${values[at]}\n`);
  return header(name, helpOf(name), 'counter') + lines.join('');
}

/** @param first  where the histogram begins among the values; one of nothing is left out, as no side of a call may be timed */
function histogram(name: string, series: readonly Series[], bounds: readonly number[], first: number): string {
  const count = first + bounds.length;
  const lines = series
    .filter(({ values }) => values[count] > 0)
    .map(({ labels, values }) => {
      const buckets = [...bounds, Infinity].map(
        (bound, i) => `${name}_bucket{${labels},le="${boundText(bound)}"} ${values[first + i]}\n`,
      );
      return `${buckets.join('')}${name}_sum{${labels}} ${values[count + 1]}\n${name}_count{${labels}} ${values[count]}\n`;
    });
  return header(name, helpOf(name), 'histogram') + lines.join('');
}

function helpOf(base: string): string {
  return metricFamilies.find((family) => family.base === base)!.help;
}
