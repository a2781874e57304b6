import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Span, UnixNano } from '@spoor/model';
import type { SegmentReader } from '@spoor/store';
import { parseQuery } from '@spoor/traceql';
import { queryMetrics } from './query-metrics.ts';
import { headOf, headSource, sourcesOf } from './testing/partition.ts';
import { plainSpan, resourceOf } from './testing/plain-span.ts';
import { SegmentFolder } from './testing/segment-folder.ts';
import type { MetricSeries } from './trace-store.ts';

/** Spans a segment has one template for each combination of, up to this many: past it, members are columns of their own. */
const TEMPLATES = 256;
const SPAN_COUNT = 3 * TEMPLATES;

/** Traces of three spans each, some without root, over 16 µs; what they have not of their own they have in common. */
function spansOf(own: (i: number) => Partial<Span>): readonly Span[] {
  return Array.from({ length: SPAN_COUNT }, (_, i) => ({
    ...plainSpan({
      trace: 1 + Math.floor(i / 3),
      id: i + 1,
      parent: i % 3 === 0 ? (i % 2 === 0 ? 0 : 9_999) : i - (i % 3) + 1,
      start: 1_000 + 20 * i,
      statusCode: i % 7 === 0 ? 2 : 0,
      kind: i % 4,
      attributes: { same: 'everywhere', some: i % 5, ...(i % 2 === 0 ? { even: `e${i % 3}` } : {}) },
    }),
    ...own(i),
  }));
}

const text = (key: string, value: string) => ({ key, value: { type: 'string', value } }) as const;
const resources = Array.from({ length: TEMPLATES + 9 }, (_, i) =>
  resourceOf({ 'service.name': `service ${i % 11}`, host: `host ${i}` }),
);
const scopes = Array.from({ length: TEMPLATES + 9 }, (_, i) => ({
  ...plainSpan({}).scope,
  name: `scope ${i}`,
  attributes: [text('number', `${i % 13}`)],
}));

/** By what is too different to be part of the templates. */
const different: Readonly<Record<string, (i: number) => Partial<Span>>> = {
  nothing: () => ({}),
  name: (i) => ({ name: `name ${i}` }),
  kind: (i) => ({ kind: i }),
  statusMessage: (i) => ({ statusMessage: `message ${i}` }),
  resource: (i) => ({ resource: resources[i % resources.length] }),
  scope: (i) => ({ scope: scopes[i % scopes.length] }),
  shape: (i) => ({
    attributes: [text(`key ${i % 300}`, `${i % 4}`), text('same', 'everywhere'), text('some', `${i}`)],
  }),
  // More columns than there may be, in shapes that are part of the templates: the rest of the columns are in one.
  columns: (i) => ({
    parentSpanId: '',
    statusCode: i % 10 === 0 ? 2 : 0,
    attributes: Array.from({ length: 21 }, (_, k) => text(`key ${i % 100} ${k}`, k % 2 === 0 ? 'same' : `${i % 4}`)),
  }),
};

async function answerOf(source: ReturnType<typeof headSource>, spans: readonly Span[], query: string) {
  const { series } = await queryMetrics(sourcesOf([source], [spans]), {
    query: parseQuery(query),
    start: 2_000n as UnixNano,
    end: 17_000n as UnixNano,
    stepNano: 1_000n,
    exemplarsMax: 0,
    seriesMax: 100_000,
  });
  return series.map(described);
}

function described({ labels, values }: MetricSeries): string {
  const named = labels.map(({ key, value }) => [key, value.type, String((value as { value?: unknown }).value)]);
  return `${JSON.stringify(named)} ${values.join(' ')}`;
}

/** The columns that templates could say something of, and do not. */
async function columnsBesides(segment: SegmentReader): Promise<readonly string[]> {
  const templates = await segment.templates();
  const columns = ['name', 'kind', 'statusCode', 'statusMessage', 'resource', 'scope'] as const;
  const attributes = segment.attributeColumns('span');
  const isShapeBesides = attributes.every((column) => templates.varying(column).length === templates.count);
  return [...columns.filter((column) => templates.words(column) === undefined), ...(isShapeBesides ? ['shape'] : [])];
}

for (const [what, own] of Object.entries(different)) {
  test(`CompareScan: a segment answers as a head does, of spans that differ in ${what}`, async () => {
    const spans = spansOf(own);
    await using folder = await SegmentFolder.create();
    const segment = await folder.write(headOf(spans));
    const besides = await columnsBesides(segment);
    assert.deepEqual(besides, what === 'nothing' || what === 'columns' ? [] : [what]);
    if (what === 'columns') assert.ok(segment.attributeColumns('span').length > 2_000);
    for (const query of [
      '{ } | compare({ status = error }, 1000)',
      '{ kind = server || span.some >= 2 } | compare({ name = "GET /" }, 3)',
      '{ status = error } | compare({ span.even = "e1" || kind = client }, 1000, 5000, 9000)',
    ]) {
      const expected = await answerOf(headSource('head', spans), spans, query);
      assert.ok(expected.length > 10);
      assert.deepEqual(await answerOf(segment, spans, query), expected, query);
    }
  });
}
