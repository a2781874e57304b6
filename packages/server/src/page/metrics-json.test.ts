import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseQuery } from '@spoor/traceql';
import { unitOf } from './metrics-json.ts';

const units: readonly (readonly [query: string, unit: string])[] = [
  ['{ } | rate()', 'perSecond'],
  ['{ } | count_over_time() by(name)', 'count'],
  ['{ } | histogram_over_time(duration)', 'count'],
  ['{ } | quantile_over_time(duration, .9)', 'seconds'],
  ['{ } | max_over_time(span.n)', 'number'],
  ['({ } | rate()) * 60', 'perSecond'],
  ['1 / ({ } | rate())', 'number'],
  ['({ status = error } | rate()) / ({ } | rate())', 'number'],
  ['({ } | avg_over_time(duration)) - ({ } | min_over_time(duration))', 'seconds'],
];

for (const [text, unit] of units) {
  test(`unitOf: ${text}`, () => {
    const query = parseQuery(text);
    assert.ok(query.kind === 'metrics');
    assert.equal(unitOf(query.metrics), unit);
  });
}
