import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricsRequest } from '@spoor/query';
import { compileInstant, compileRange, metricsOfMessage, readMetricsParameters } from './metrics-request.ts';

const nowMilli = 1_790_000_010_500;
const second = 1_000_000_000n;

function range(parameters: Readonly<Record<string, string>>): MetricsRequest {
  return compileRange(readMetricsParameters(new URLSearchParams({ q: '{} | rate()', ...parameters }), nowMilli));
}

function seconds({ start, end, stepNano }: MetricsRequest): [bigint, bigint, bigint] {
  return [start / second, end / second, stepNano / second];
}

test('compileRange: ends are multiples of the step, around the range', () => {
  deepEqual(seconds(range({ start: '100', end: '200', step: '60' })), [60n, 240n, 60n]);
  deepEqual(seconds(range({ start: '120', end: '240', step: '60s' })), [120n, 240n, 60n]);
  deepEqual(seconds(range({ start: '100.9', end: '119.1', step: '10' })), [100n, 120n, 10n]);
  deepEqual(seconds(range({ start: '100', end: '200000000000', step: '1m' })), [60n, 240n, 60n]);
  deepEqual(seconds(range({ start: '1970-01-01T00:01:40Z', end: '200', step: '1m' })), [60n, 240n, 60n]);
});

test('compileRange: the last hour when nothing is said, in steps that suit a screen', () => {
  deepEqual(seconds(range({})), [
    1_789_996_410n - (1_789_996_410n % 15n),
    1_790_000_025n - (1_790_000_025n % 15n),
    15n,
  ]);
  const step = (length: number): bigint => seconds(range({ start: '0000000001', end: `${1 + length}` }))[2];
  deepEqual([60, 3_600, 3 * 3_600, 86_400, 30 * 86_400].map(step), [1n, 15n, 60n, 900n, 21_600n]);
  equal(seconds(range({ since: '10m' }))[2], 5n);
});

test('durations: as Go and as Prometheus write them', () => {
  const step = (text: string): bigint => range({ start: '1000000000', end: '1000000001', step: text }).stepNano;
  deepEqual(['1m30s', '1.5', '500us', '1d', '1d12h', '1w', '1y'].map(step), [
    90n * second,
    (3n * second) / 2n,
    500_000n,
    86_400n * second,
    129_600n * second,
    604_800n * second,
    31_536_000n * second,
  ]);
  const [start, end] = seconds(range({ since: '2d', step: '1h' }));
  equal(end - start, 49n * 3600n);
  for (const text of ['x', '5', '1d-1h', '300y']) throws(() => range({ since: text }), { code: 'QUERY_INVALID' }, text);
  for (const text of ['x', '0', '-1', '1q', '300y'])
    throws(() => range({ step: text }), { code: 'QUERY_INVALID' }, text);
});

test('compileInstant: one interval that is the range', () => {
  const ask = readMetricsParameters(new URLSearchParams({ query: '{} | rate()', start: '100', end: '160' }), nowMilli);
  deepEqual(seconds(compileInstant(ask)), [160n, 160n, 60n]);
});

test('exemplars: as asked, never more than 100; the hint wins', () => {
  const exemplars = (parameters: Readonly<Record<string, string>>): number => range(parameters).exemplarsMax;
  equal(exemplars({}), 100);
  equal(exemplars({ exemplars: '7' }), 7);
  equal(exemplars({ exemplars: '1000' }), 100);
  equal(exemplars({ exemplars: '0' }), 0);
  equal(exemplars({ q: '{} | rate() with(exemplars=false)' }), 0);
  equal(exemplars({ q: '{} | rate() with(exemplars=3)', exemplars: '9' }), 3);
});

test('metricsOfMessage: nanoseconds as Grafana sends them, seconds too', () => {
  const message = { query: '{} | rate()', start: 100n * second, end: 200n * second, step: 60n * second };
  deepEqual(seconds(compileRange(metricsOfMessage({ ...message, exemplars: 0, maxSeries: 0 }, nowMilli))), [
    60n,
    240n,
    60n,
  ]);
  deepEqual(seconds(compileRange(metricsOfMessage({ ...message, start: 100n, end: 200n }, nowMilli))), [
    60n,
    240n,
    60n,
  ]);
  const empty = metricsOfMessage({ query: '{} | rate()', start: 0n, end: 0n }, nowMilli);
  equal(empty.end - empty.start, 3_600n * second);
});

test('metrics: refusals', () => {
  throws(() => range({ q: '' }), { message: 'invalid TraceQL query: the query is empty' });
  throws(() => range({ q: '{}' }), { message: /^invalid TraceQL query: not a metrics query/ });
  throws(() => range({ start: '5', end: '5' }), { message: 'end must be greater than start' });
  throws(() => range({ step: '0' }), { message: /^invalid step/ });
  throws(() => range({ step: '-5s' }), { message: /^invalid step/ });
  throws(() => range({ start: 'yesterday' }), { code: 'QUERY_INVALID' });
});
