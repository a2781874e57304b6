import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { MetricRegistry } from './metric-registry.ts';

test('MetricRegistry: Prometheus text', () => {
  const registry = new MetricRegistry();
  const spans = registry.counter('spans_total', 'Spans.\nAll.', ['reason']);
  spans.add(2, 'a"b\\c\nd');
  spans.add(1, 'a"b\\c\nd');
  registry.counter('plain_total', 'Plain.').add(0.5);
  const seconds = registry.histogram('query_seconds', 'Time.', [0.1, 1], ['kind']);
  for (const value of [0.1, 0.5, 7]) seconds.observe(value, 'search');
  registry.observed('gauge', 'depth', 'Depth.', () => 3);
  registry.observed('gauge', 'parts', 'Parts.', () => [{ labels: { of: 'x' }, value: Number.NaN }]);
  registry.observedDurations('sync_seconds', 'Syncs.', () => ({
    boundsMilli: [1, 2],
    counts: [3, 0, 1],
    count: 4,
    sumMilli: 250,
  }));
  equal(
    registry.render(),
    `# HELP spans_total Spans.\\nAll.
# TYPE spans_total counter
spans_total{reason="a\\"b\\\\c\\nd"} 3
# HELP plain_total Plain.
# TYPE plain_total counter
plain_total 0.5
# HELP query_seconds Time.
# TYPE query_seconds histogram
query_seconds_bucket{kind="search",le="0.1"} 1
query_seconds_bucket{kind="search",le="1"} 2
query_seconds_bucket{kind="search",le="+Inf"} 3
query_seconds_sum{kind="search"} 7.6
query_seconds_count{kind="search"} 3
# HELP depth Depth.
# TYPE depth gauge
depth 3
# HELP parts Parts.
# TYPE parts gauge
parts{of="x"} NaN
# HELP sync_seconds Syncs.
# TYPE sync_seconds histogram
sync_seconds_bucket{le="0.001"} 3
sync_seconds_bucket{le="0.002"} 3
sync_seconds_bucket{le="+Inf"} 4
sync_seconds_sum 0.25
sync_seconds_count 4
`,
  );
});

test('Counter.sumWhere: sums the series with a label value, or all of them', () => {
  const spans = new MetricRegistry().counter('spans_total', 'Spans.', ['transport', 'encoding']);
  spans.add(2, 'http', 'json');
  spans.add(3, 'http', 'protobuf');
  spans.add(5, 'grpc', 'protobuf');
  equal(spans.sumWhere('transport', 'http'), 5);
  equal(spans.sumWhere('encoding', 'protobuf'), 8);
  equal(spans.sumWhere('encoding', 'http'), 0);
  equal(spans.sumWhere(), 10);
});
