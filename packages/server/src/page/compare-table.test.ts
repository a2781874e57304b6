import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attribute, AttributeValue } from '@spoor/model';
import type { MetricSeries } from '@spoor/query';
import { compareTable } from './compare-table.ts';

function series(type: string, name: string, value: AttributeValue, ...values: number[]): MetricSeries {
  const labels: Attribute[] = [
    { key: '__meta_type', value: { type: 'string', value: type } },
    { key: name, value },
  ];
  return { labels, values: Float64Array.from(values), exemplars: [] };
}

const text = (value: string): AttributeValue => ({ type: 'string', value });
const nil = text('nil');

test('compareTable: shares of all spans, the most different first', () => {
  const { selectionCount, baselineCount, rows } = compareTable(
    [
      series('selection_total', 'name', nil, 4, 6),
      series('baseline_total', 'name', nil, 90, Number.NaN),
      series('selection_total', 'span.region', nil, 5, 0),
      series('selection', 'name', text('GET /'), 4, 4),
      series('baseline', 'name', text('GET /'), 72),
      series('selection', 'span.region', text('eu'), 5),
      series('baseline', 'span.retry', { type: 'int', value: 3 }, 9),
      series('selection', 'status', text('error'), 10),
      series('selection', 'kind', text('server'), 10),
    ],
    new Set(['kind']),
  );
  assert.deepEqual({ selectionCount, baselineCount }, { selectionCount: 10, baselineCount: 90 });
  assert.deepEqual(
    rows.map(({ attribute: { name, literal }, selectionShare, baselineShare }) => [
      `${name} = ${literal}`,
      selectionShare,
      baselineShare,
    ]),
    [
      ['status = error', 1, 0],
      ['span.region = "eu"', 0.5, 0],
      ['span.retry = 3', 0, 0.1],
      ['name = "GET /"', 0.8, 0.8],
    ],
  );
});

test('compareTable: nothing selected', () => {
  assert.deepEqual(compareTable([], new Set()), { selectionCount: 0, baselineCount: 0, rows: [] });
});
