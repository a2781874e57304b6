import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { unixNano } from '@spoor/model';
import type { LabelledSeriesAnswer, ServiceGraphRequest, SpanMetricsRequest } from '@spoor/query';
import * as fc from 'fast-check';
import { PromEvaluation } from './evaluate-promql.ts';
import { bucketQuantile } from './histogram-quantile.ts';
import { parsePromql } from './parse-promql.ts';
import { PromError } from './prom-error.ts';
import { numberText } from './prom-json.ts';
import { promStep, promTime } from './prom-time.ts';
import { parseStringLiteral } from './promql-text.ts';

/*
 * A store of three services whose counts are known: a 30 calls (3 of them wrong), b 20, c 0.
 */
const calls: readonly (readonly [service: string, status: string, count: number])[] = [
  ['a', 'STATUS_CODE_UNSET', 27],
  ['a', 'STATUS_CODE_ERROR', 3],
  ['b', 'STATUS_CODE_UNSET', 20],
];

const asked: (SpanMetricsRequest | ServiceGraphRequest)[] = [];

async function answer(request: SpanMetricsRequest | ServiceGraphRequest): Promise<LabelledSeriesAnswer> {
  asked.push(request);
  const { by, matchers, windows } = request;
  const sums = new Map<string, number>();
  for (const [service, status, count] of calls) {
    const label = (name: string): string => ({ service, status_code: status })[name] ?? '';
    if (!matchers.every(({ name, op, value }) => (op === '=' ? label(name) === value : label(name) !== value)))
      continue;
    const key = JSON.stringify(by.map(label));
    sums.set(key, (sums.get(key) ?? 0) + count);
  }
  const isLatency = request.measure === 'latency';
  return {
    series: [...sums].map(([key, count]) => ({
      labels: JSON.parse(key) as string[],
      // Every duration is in the bucket up to 0.008 s, and 5 ms long.
      values: Float64Array.from({ length: windows.count }, () => count).reduce<Float64Array>(
        (all, value) =>
          Float64Array.from([
            ...all,
            ...(isLatency ? [...Array.from({ length: 15 }, (_, i) => (i < 2 ? 0 : value)), 0.005 * value] : [value]),
          ]),
        new Float64Array(0),
      ),
    })),
  };
}

async function evaluated(query: string, count = 1): Promise<unknown> {
  const evaluation = new PromEvaluation({
    traces: { spanMetrics: (_, request) => answer(request), serviceGraph: (_, request) => answer(request) },
    tenant: 'default',
    steps: { start: unixNano(10n ** 18n), stepNano: 10n ** 9n, count },
    signal: undefined,
  });
  const value = await evaluation.evaluate(parsePromql(query));
  if (value.kind === 'scalar') return value.values[0];
  return Object.fromEntries(
    value.series
      .filter(({ isPresent }) => isPresent[0] === 1)
      .map(({ labels, values }) => [[...labels].map(([name, text]) => `${name}=${text}`).join(), values[0]]),
  );
}

const total = 'increase(traces_spanmetrics_calls_total[1m])';

test('PromEvaluation: aggregations', async () => {
  deepEqual(await evaluated(`sum(${total})`), { '': 50 });
  deepEqual(await evaluated(`sum by (service) (${total})`), { 'service=a': 30, 'service=b': 20 });
  deepEqual(await evaluated(`sum without (status_code) (${total})`), { 'service=a': 30, 'service=b': 20 });
  deepEqual(await evaluated(`max by (service) (${total})`), { 'service=a': 27, 'service=b': 20 });
  deepEqual(await evaluated(`min(${total})`), { '': 3 });
  deepEqual(await evaluated(`avg(${total})`), { '': 50 / 3 });
  deepEqual(await evaluated(`count by (service) (${total})`), { 'service=a': 2, 'service=b': 1 });
  deepEqual(await evaluated(`group by (service) (traces_spanmetrics_calls_total)`), { 'service=a': 1, 'service=b': 1 });
  deepEqual(await evaluated(`topk(1, sum by (service) (${total}))`), { 'service=a': 30 });
  deepEqual(await evaluated(`bottomk by (service) (1, ${total})`), {
    'service=a,status_code=STATUS_CODE_ERROR': 3,
    'service=b,status_code=STATUS_CODE_UNSET': 20,
  });
  deepEqual(await evaluated(`sum(rate(traces_spanmetrics_calls_total[10s]))`), { '': 5 });
});

test('PromEvaluation: only what is wanted is asked of the store', async () => {
  asked.length = 0;
  await evaluated(`sum by (service, le) (rate(traces_spanmetrics_latency_bucket{status_code!="x"}[1m]))`);
  deepEqual(asked[0].by, ['service']);
  await evaluated(`max by (service) (${total})`);
  deepEqual(asked[1].by, ['service', 'span_name', 'span_kind', 'status_code']);
});

test('PromEvaluation: arithmetic, comparisons and sets', async () => {
  equal(await evaluated('1 + 2 * 3 ^ 2 % 5 - -1'), 1 + ((2 * 3 ** 2) % 5) + 1);
  equal(await evaluated('3 > bool 2'), 1);
  const byService = `sum by (service) (${total})`;
  deepEqual(await evaluated(`${byService} * 2`), { 'service=a': 60, 'service=b': 40 });
  deepEqual(await evaluated(`${byService} > 25`), { 'service=a': 30 });
  deepEqual(await evaluated(`25 < ${byService}`), { 'service=a': 30 });
  deepEqual(await evaluated(`${byService} > bool 25`), { 'service=a': 1, 'service=b': 0 });
  const errors = 'sum by (service) (increase(traces_spanmetrics_calls_total{status_code="STATUS_CODE_ERROR"}[1m]))';
  deepEqual(await evaluated(`${errors} / ${byService}`), { 'service=a': 0.1 });
  deepEqual(await evaluated(`${errors} or ${byService}`), { 'service=a': 3, 'service=b': 20 });
  deepEqual(await evaluated(`${byService} unless ${errors}`), { 'service=b': 20 });
  deepEqual(await evaluated(`${byService} and on (service) ${errors}`), { 'service=a': 30 });
  deepEqual(
    await evaluated(`${byService} - ignoring (service) sum(${errors})`).catch((error: Error) => error.message),
    'found duplicate series for the match group on the left hand-side of the operation: many-to-many matching not allowed: matching labels must be unique on one side',
  );
  deepEqual(await evaluated(`-${byService}`), { 'service=a': -30, 'service=b': -20 });
});

test('PromEvaluation: histograms', async () => {
  const buckets = 'rate(traces_spanmetrics_latency_bucket[1m])';
  deepEqual(await evaluated(`histogram_quantile(0.5, sum by (le) (${buckets}))`), { '': 0.006 });
  deepEqual(await evaluated(`sum(increase(traces_spanmetrics_latency_count[1m]))`), { '': 50 });
  deepEqual(await evaluated(`sum(increase(traces_spanmetrics_latency_sum[1m])) / sum(${total})`), { '': 0.005 });
  deepEqual(await evaluated(`sum(increase(traces_spanmetrics_latency_bucket{le="0.004"}[1m]))`), { '': 0 });
  deepEqual(await evaluated(`sum by (service) (rate(traces_spanmetrics_calls_total{le="1"}[1m]))`), {});
});

test('bucketQuantile: as Prometheus works it out', () => {
  const bounds = [1, 2, 4, Infinity];
  equal(bucketQuantile(0.5, bounds, [0, 10, 10, 10]), 1.5);
  equal(bucketQuantile(0.25, bounds, [4, 8, 8, 8]), 0.5);
  equal(bucketQuantile(0.99, bounds, [0, 0, 0, 5]), 4);
  ok(Number.isNaN(bucketQuantile(0.5, bounds, [0, 0, 0, 0])));
  ok(Number.isNaN(bucketQuantile(0.5, [1, 2], [1, 2])));
  equal(bucketQuantile(-1, bounds, [1, 1, 1, 1]), -Infinity);
  equal(bucketQuantile(2, bounds, [1, 1, 1, 1]), Infinity);
});

test('numberText: as Go writes floats without an exponent', () => {
  equal(numberText(1e21), '1000000000000000000000');
  equal(numberText(1.5e-7), '0.00000015');
  equal(numberText(-1.25e22), '-12500000000000000000000');
  equal(numberText(0.1), '0.1');
  equal(numberText(Infinity), '+Inf');
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (value) => {
      const text = numberText(value);
      equal(/e/i.test(text), false);
      equal(
        text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text),
        value === 0 ? Number(text) : value,
      );
    }),
  );
});

test('promTime, promStep: seconds, RFC 3339 and durations', () => {
  equal(promTime('time', '1.5'), 1_500_000_000n);
  equal(promTime('time', '1970-01-01T00:00:01Z'), 1_000_000_000n);
  equal(promStep('step', '15'), 15_000_000_000n);
  equal(promStep('step', '1m30s'), 90_000_000_000n);
  for (const bad of ['', 'x', '-1', '1e30', 'NaN']) throws(() => promTime('time', bad), PromError);
  for (const bad of ['', '0', '-5', '5x', '1e99']) throws(() => promStep('step', bad), PromError);
});

test('parseStringLiteral: Go’s escapes', () => {
  equal(parseStringLiteral(String.raw`"a\"b\n\x41\u00e9\101"`), 'a"b\nA\u00e9A');
  equal(parseStringLiteral(String.raw`'it\'s'`), "it's");
  equal(parseStringLiteral('`a\\n`'), String.raw`a\n`);
});

test('fuzz: whatever is asked is answered, or refused in words', async () => {
  const name = fc.constantFrom(
    'traces_spanmetrics_calls_total',
    'traces_spanmetrics_latency_bucket',
    'nothing',
    '{a="b"}',
  );
  const { expression } = fc.letrec<{ expression: string }>((tie) => {
    const inner = tie('expression');
    return {
      expression: fc.oneof(
        { maxDepth: 4, depthSize: 'medium' },
        fc.oneof(name, fc.constantFrom('1', '-0.5', 'NaN', '+Inf', '"x"', '1h')),
        name.map((one) => `rate(${one}[5m])`),
        fc
          .tuple(fc.constantFrom('sum', 'avg', 'count', 'group', 'max', 'stddev'), inner)
          .map(([fn, of]) => `${fn} by (service, le) (${of})`),
        fc
          .tuple(fc.constantFrom('topk', 'bottomk', 'histogram_quantile'), fc.constantFrom('0.9', '3', 'NaN'), inner)
          .map(([fn, n, of]) => `${fn}(${n}, ${of})`),
        fc
          .tuple(
            inner,
            fc.constantFrom('+', '/', '%', '^', '==', '> bool', 'and', 'or on (service)', 'unless', '* ignoring (le)'),
            inner,
          )
          .map(([a, op, b]) => `(${a}) ${op} (${b})`),
        inner.map((of) => `-${of}`),
        inner.map((of) => `sort_desc(${of})`),
        fc.string(),
      ),
    };
  });
  let answeredCount = 0;
  await fc.assert(
    fc.asyncProperty(expression, fc.nat(40), async (query, cut) => {
      for (const text of [query, query.slice(0, cut)]) {
        try {
          await evaluated(text, 3);
          answeredCount++;
        } catch (error) {
          ok(error instanceof PromError, `${text}: ${String(error)}`);
        }
      }
    }),
    { numRuns: 1500 },
  );
  ok(answeredCount > 300, `only ${answeredCount} were answered`);
});

test('parsePromql: what is deep or long ends in an error, never in an overflow', async () => {
  throws(() => parsePromql('('.repeat(50_000)), PromError);
  throws(() => parsePromql(`${'-'.repeat(5_000)}1`), PromError);
  throws(() => parsePromql('x'.repeat(200_000)), PromError);
  throws(() => parsePromql(Array.from({ length: 500 }, () => 'a').join('+')), PromError);
  await rejects(evaluated('topk(NaN, traces_spanmetrics_calls_total)'), PromError);
});
