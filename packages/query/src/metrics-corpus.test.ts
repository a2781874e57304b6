import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Attribute, UnixNano } from '@spoor/model';
import { parseQuery } from '@spoor/traceql';
import { labelsKey } from './metric-label.ts';
import { queryMetrics } from './query-metrics.ts';
import { knownSpans } from './testing/known-trace.ts';
import { headSource, sourcesOf } from './testing/partition.ts';
import type { MetricSeries } from './trace-store.ts';

/*
 * Metrics queries over the known trace of traceql-corpus.test.ts, with the series that a reference implementation
 * answered: intervals end at −49, 11, 71, 131 and 191 s, and the spans start between 71 and 131.
 */
const corpus = join(import.meta.dirname, '../../../../shared/data/traceql');
const skip = existsSync(corpus) ? false : 'the shared corpus ../shared/data/traceql is not there';
const SECOND = 1_000_000_000n;

interface Recorded {
  readonly form: string;
  readonly text: string;
  readonly series: ReadonlyMap<string, RecordedSeries>;
}

interface RecordedSeries {
  readonly labels: readonly Attribute[];
  /** one for each interval; NaN where there is none */
  readonly values: readonly number[];
  readonly exemplarCount: number | undefined;
}

function recordedQueries(text: string): readonly Recorded[] {
  const queries: { form: string; text: string; series: Map<string, RecordedSeries> }[] = [];
  for (const line of text.split('\n')) {
    const start = /^(query_range|query) (.*)$/.exec(line);
    if (start !== null) queries.push({ form: start[1], text: start[2], series: new Map() });
    const recorded = /^ {3}\{(.*)\} (?:\[(.*)\] ex=(\d+)|(\S+))$/.exec(line);
    if (recorded === null) continue;
    const [, labelText, points, exemplars, single] = recorded;
    const labels = Array.from(labelText.matchAll(/(?:^|, )([^={]+)=(\{[^}]*\})/g), ([, key, json]) =>
      labelFrom(key, json),
    );
    const values = points === undefined ? [Number(single)] : valuesAt(points);
    const exemplarCount = exemplars === undefined ? undefined : Number(exemplars);
    queries.at(-1)!.series.set(labelsKey(labels), { labels, values, exemplarCount });
  }
  return queries;
}

function labelFrom(key: string, json: string): Attribute {
  const { stringValue, intValue, doubleValue, boolValue } = JSON.parse(json) as Record<string, unknown>;
  if (intValue !== undefined) return { key, value: { type: 'int', value: Number(intValue) } };
  if (doubleValue !== undefined) return { key, value: { type: 'double', value: Number(doubleValue) } };
  if (boolValue !== undefined) return { key, value: { type: 'bool', value: boolValue === true } };
  // What is missing is `empty` here, the string `nil` there.
  if (stringValue === 'nil' && key !== 'span.nilstr') return { key, value: { type: 'empty' } };
  return { key, value: { type: 'string', value: String(stringValue) } };
}

function valuesAt(points: string): readonly number[] {
  const values = [Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN];
  for (const [, time, value] of points.matchAll(/\((-?\d+), ([^)]*)\)/g))
    values[(Number(time) + 49) / 60] = Number(value);
  return values;
}

async function answered(form: string, text: string): Promise<readonly MetricSeries[]> {
  const moment = 1_700_000_100n * SECOND;
  const spans = knownSpans(readFileSync(join(corpus, 'trace.json'), 'utf8'), moment);
  const from = moment - 120n * SECOND;
  const times =
    form === 'query'
      ? { start: from + 180n * SECOND, end: from + 180n * SECOND, stepNano: 180n * SECOND }
      : { start: from - 49n * SECOND, end: from + 191n * SECOND, stepNano: 60n * SECOND };
  const { series, incomplete } = await queryMetrics(sourcesOf([headSource('known', spans)], [spans]), {
    query: parseQuery(text),
    start: times.start as UnixNano,
    end: times.end as UnixNano,
    stepNano: times.stepNano,
    exemplarsMax: 100,
    seriesMax: 1000,
  });
  assert.equal(incomplete, undefined);
  return series;
}

function near(a: number, b: number): boolean {
  return Number.isNaN(a) ? Number.isNaN(b) : Math.abs(a - b) <= 1e-12 * Math.abs(b);
}

/** Of those the reference has columns, and counts as a value, and in the total, that they are missing. We count what is there. */
const dedicated: readonly string[] = [
  ...['cluster', 'container', 'namespace', 'pod'].map((name) => `resource.k8s.${name}.name`),
  ...['method', 'request.method', 'response.status_code', 'route', 'status_code', 'url'].map((n) => `span.http.${n}`),
  ...['server.address', 'server.port', 'url.path', 'url.route'].map((name) => `span.${name}`),
];

/** Of values that are as frequent the reference takes any; we take the first ones. By the number that is asked for. */
const ties: Readonly<Record<string, Readonly<Record<string, string>>>> = Object.freeze({
  '2': {
    'baseline name "GET /"': 'baseline name "/api"',
    'baseline name "sib"': 'baseline name "GET /"',
    'baseline span:childCount 2': 'baseline span:childCount 1',
  },
  '1': { 'baseline kind "server"': 'baseline kind "internal"' },
});

function described({ labels: [meta, { key, value }] }: { readonly labels: readonly Attribute[] }): string {
  const shown = 'value' in value ? JSON.stringify(value.value) : 'nil';
  return `${meta.value.type === 'string' ? meta.value.value : ''} ${key} ${shown}`;
}

/** What we answer instead of the recorded series of a `compare`. */
function correctedComparison({ text, series }: Recorded): ReadonlyMap<string, readonly number[]> {
  const corrected = new Map<string, readonly number[]>();
  const topN = /, (\d)\)$/.exec(text)![1];
  for (const each of series.values()) {
    const isTotal = described(each).includes('_total ');
    // A total's value is none; of this attribute a value is the text.
    const name = isTotal ? described(each).replace('"nil"', 'nil') : described(each);
    const key = each.labels[1].key;
    if (dedicated.includes(key) && (isTotal || name.endsWith(' nil'))) continue;
    corrected.set(ties[topN][name] ?? name, each.values);
  }
  // Totals of those are the sums of their values, all of which are shown.
  for (const [name, values] of Array.from(corrected)) {
    const [side, key] = name.split(' ');
    if (dedicated.includes(key)) corrected.set(`${side}_total ${key} nil`, values);
  }
  if (topN === '1') {
    // The one value is none there, of five spans.
    corrected.set('baseline span.http.status_code 200', [1]).set('baseline_total span.http.status_code nil', [1]);
    corrected.set('baseline resource.k8s.namespace.name "prod"', [2]);
    corrected.set('baseline_total resource.k8s.namespace.name nil', [2]);
  }
  return corrected;
}

function assertValues(found: ArrayLike<number>, expected: readonly number[], what: string): void {
  const isEqual = expected.every((value, i) => near(found[i], value));
  assert.ok(isEqual, `${what}: ${Array.from(found).join(' ')} is not ${expected.join(' ')}`);
}

test('metrics over the known trace are what the reference gave, but for what is listed', { skip }, async () => {
  const queries = recordedQueries(readFileSync(join(corpus, 'metrics.txt'), 'utf8'));
  for (const { form, text, series } of queries.filter((query) => !query.text.includes('compare('))) {
    const found = new Map((await answered(form, text)).map((each) => [labelsKey(each.labels), each]));
    assert.deepEqual([...found.keys()].sort(), [...series.keys()].sort(), `${form} ${text}`);
    for (const [key, { values, exemplarCount }] of series) {
      const own = found.get(key)!;
      assertValues(own.values, values, `${form} ${text} ${key}`);
      if (text.includes('exemplars=false')) assert.equal(own.exemplars.length, 0);
      else if (exemplarCount !== 0 && exemplarCount !== undefined)
        assert.ok(own.exemplars.length > 0, `${text} ${key}`);
    }
  }
  assert.ok(queries.length >= 20, `${queries.length} queries`);
});

test('comparisons over the known trace are what the reference gave, but for what is listed', { skip }, async () => {
  const queries = recordedQueries(readFileSync(join(corpus, 'metrics.txt'), 'utf8'));
  const comparisons = queries.filter(({ text }) => text.includes('compare('));
  assert.equal(comparisons.length, 2);
  for (const query of comparisons) {
    const expected = correctedComparison(query);
    const found = new Map((await answered(query.form, query.text)).map((each) => [described(each), each.values]));
    assert.deepEqual([...found.keys()].sort(), [...expected.keys()].sort(), query.text);
    for (const [name, values] of expected) assertValues(found.get(name)!, values, `${query.text} ${name}`);
  }
});
