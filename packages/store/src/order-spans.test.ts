import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Resource,
  type Scope,
  type Span,
  type SpanId,
  SpanKind,
  type TraceId,
  pushSpans,
  unixNano,
} from '@spoor/model';
import { NO_ROW } from './column-source.ts';
import { allocateHeadBuffers, headCapacity } from './head-buffers.ts';
import { Head } from './head.ts';
import { orderSpans } from './order-spans.ts';
import type { OrderedSpans, SpanSelection } from './ordered-spans.ts';
import { TableSpans, traceIdOfWords } from './table-spans.ts';
import { type CanonicalRow, canonicalOrder } from './testing/canonical-order.ts';
import { randomSpans } from './testing/random-spans.ts';
import { seededRandom, testSeed } from './testing/seeded-random.ts';

const RESOURCE: Resource = { attributes: [], droppedAttributesCount: 0, schemaUrl: '', entityRefs: [] };
const SCOPE: Scope = { name: '', version: '', attributes: [], droppedAttributesCount: 0, schemaUrl: '' };
const TRACE = '0123456789abcdef0123456789abcdef' as TraceId;

/** A span whose id, parent and start are all that matters. */
function span(name: string, id: number, parent: number, start: number): Span {
  const hex = (value: number) => value.toString(16).padStart(16, '0') as SpanId;
  return {
    traceId: TRACE,
    spanId: hex(id),
    parentSpanId: parent === 0 ? '' : hex(parent),
    traceState: '',
    flags: 0,
    name,
    kind: 1,
    startTimeUnixNano: unixNano(BigInt(start)),
    endTimeUnixNano: unixNano(BigInt(start + 1)),
    attributes: [],
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    statusCode: 0,
    statusMessage: '',
    resource: RESOURCE,
    scope: SCOPE,
    adjustedCount: 1,
  };
}

function tableOf(spans: readonly Span[]): Head {
  const head = new Head(allocateHeadBuffers(headCapacity(spans.length + 64)));
  pushSpans(head, spans);
  return head;
}

function spansOf(order: OrderedSpans): Span[] {
  const readers = order.tables.map((table) => new TableSpans(table));
  return Array.from(order.sourceRow, (row, i) => readers[order.tableIndex[i]].span(row));
}

/** The trees as indented names: `-` marks what hangs on no root. */
function drawn(order: OrderedSpans): string[] {
  return spansOf(order).map(
    ({ name }, row) => `${'  '.repeat(order.depth[row])}${order.connected[row] === 1 ? '' : '-'}${name}`,
  );
}

function assertSame(order: OrderedSpans, expected: readonly CanonicalRow[][]): void {
  const rows = expected.flat();
  assert.deepEqual(
    spansOf(order),
    rows.map((row) => row.span),
  );
  const derived = (name: 'parentRow' | 'depth' | 'subtreeSize' | 'childCount') => [...order[name]];
  assert.deepEqual(
    derived('parentRow'),
    rows.map((row) => row.parentRow >>> 0),
  );
  assert.deepEqual(
    derived('depth'),
    rows.map((row) => row.depth),
  );
  assert.deepEqual(
    derived('subtreeSize'),
    rows.map((row) => row.subtreeSize),
  );
  assert.deepEqual(
    derived('childCount'),
    rows.map((row) => row.childCount),
  );
  assert.deepEqual(
    [...order.connected],
    rows.map((row) => Number(row.isConnected)),
  );
  assert.deepEqual(
    [...order.traceRow],
    expected.flatMap((trace, index) => trace.map(() => index)),
  );
  assertSameTraces(order, expected);
}

function assertSameTraces({ traces }: OrderedSpans, expected: readonly CanonicalRow[][]): void {
  const time = (low: Uint32Array, high: Uint32Array, i: number) => (BigInt(high[i]) << 32n) | BigInt(low[i]);
  let firstRow = 0;
  for (const [i, trace] of expected.entries()) {
    const spans = trace.map((row) => row.span);
    const starts = spans.map((span) => span.startTimeUnixNano).toSorted((a, b) => (a < b ? -1 : 1));
    const ends = [...starts, ...spans.map((span) => span.endTimeUnixNano)].toSorted((a, b) => (a < b ? -1 : 1));
    const roots = trace.filter((row) => row.span.parentSpanId === '');
    assert.equal(traceIdOfWords(traces.id, 4 * i), spans[0].traceId);
    assert.equal(traces.firstRow[i], firstRow);
    assert.equal(traces.spanCount[i], trace.length);
    assert.equal(traces.errorCount[i], spans.filter((span) => span.statusCode === 2).length);
    assert.equal(time(traces.startLow, traces.startHigh, i), starts[0]);
    assert.equal(time(traces.endLow, traces.endHigh, i), ends.at(-1));
    const earliest = roots.find((root) =>
      roots.every((other) => root.span.startTimeUnixNano <= other.span.startTimeUnixNano),
    );
    assert.equal(traces.rootRow[i], earliest === undefined ? NO_ROW : firstRow + trace.indexOf(earliest));
    firstRow += trace.length;
  }
}

describe('orderSpans', () => {
  const seed = testSeed();

  it(`agrees with the slow model, over one table and over several (SEED=${seed})`, () => {
    for (let round = 0; round < 20; round++) {
      const random = seededRandom(seed + round);
      const spansPerTraceMax = round % 5 === 0 ? 80 : 12;
      const spans = randomSpans(random, { traceCount: 15, spansPerTraceMax, oddity: (round % 4) / 4 });
      assertSame(orderSpans([{ table: tableOf(spans).table }]), canonicalOrder(spans));
      const cuts = [0, Math.floor(random() * spans.length), spans.length];
      const parts = [spans.slice(0, cuts[1]), spans.slice(cuts[1])];
      assertSame(orderSpans(parts.map((part) => ({ table: tableOf(part).table }))), canonicalOrder(spans));
    }
  });

  it(`does not depend on the order in which spans came, nor on their tables (SEED=${seed})`, () => {
    for (let round = 0; round < 20; round++) {
      const random = seededRandom(seed + round);
      const spans = randomSpans(random, { traceCount: 12, spansPerTraceMax: 12, oddity: 1 });
      // Spans that agree in id and start, and differ elsewhere: by one field, or in several.
      for (let i = spans.length - 1; i > 0; i -= 2) {
        const { traceId, spanId, startTimeUnixNano } = spans[i];
        const other = spans[Math.floor(random() * spans.length)];
        spans.push({ ...other, traceId, spanId, startTimeUnixNano }, { ...spans[i], flags: i, name: `${i % 3}` });
      }
      const inOrder = orderSpans([{ table: tableOf(spans).table }]);
      const shuffled = spans
        .map((span) => ({ span, place: random() }))
        .toSorted((a, b) => a.place - b.place)
        .map(({ span }) => span);
      const cut = Math.floor(random() * shuffled.length);
      const parts = [shuffled.slice(0, cut), shuffled.slice(cut)];
      const again = orderSpans(parts.map((part) => ({ table: tableOf(part).table })));
      assert.deepEqual(spansOf(again), spansOf(inOrder));
      assert.deepEqual(again.parentRow, inOrder.parentRow);
    }
  });

  it(`takes part only of the rows that are selected (SEED=${seed})`, () => {
    const random = seededRandom(seed);
    const spans = randomSpans(random, { traceCount: 30, spansPerTraceMax: 10 });
    const rows = Uint32Array.from([...spans.keys()].filter(() => random() < 0.5));
    const selection: SpanSelection = { table: tableOf(spans).table, rows };
    assertSame(orderSpans([selection]), canonicalOrder(Array.from(rows, (row) => spans[row])));
  });

  it('nothing in, nothing out', () => {
    assertSame(orderSpans([]), []);
    assertSame(orderSpans([{ table: tableOf([]).table }]), []);
  });

  it('puts roots before orphans, parents before children, siblings by start', () => {
    //   a 10 ┬ b 12            x 5 (its parent is missing) ─ y 6
    //        └ c 11 ─ d 3      r 20 (a second root)
    const spans = [
      span('y', 6, 5, 6),
      span('d', 4, 3, 3),
      span('c', 3, 1, 11),
      span('b', 2, 1, 12),
      span('x', 5, 99, 5),
      span('r', 7, 0, 20),
      span('a', 1, 0, 10),
    ];
    const order = orderSpans([{ table: tableOf(spans).table }]);
    assert.deepEqual(drawn(order), ['a', '  c', '    d', '  b', 'r', '-x', '  -y']);
    assert.equal(order.traces.rootRow[0], 0);
  });

  it('cuts a cycle at its earliest span', () => {
    //   a 4 ─▶ b 2 ─▶ c 3 ─▶ a     d 1 hangs on a       s 9 is its own parent
    const spans = [span('a', 1, 3, 4), span('b', 2, 1, 2), span('c', 3, 2, 3), span('d', 4, 1, 1), span('s', 5, 5, 9)];
    assert.deepEqual(drawn(orderSpans([{ table: tableOf(spans).table }])), ['-b', '  -c', '    -a', '      -d', '-s']);
  });

  it('of spans with one id, the earliest has the children', () => {
    //   client 1 and server 2 share id 5, as Zipkin has it; work 3 hangs on 5
    const spans = [span('work', 6, 5, 3), span('server', 5, 1, 2), span('client', 5, 1, 1), span('root', 1, 0, 0)];
    assert.deepEqual(drawn(orderSpans([{ table: tableOf(spans).table }])), [
      'root',
      '  client',
      '    work',
      '  server',
    ]);
  });

  it('of a client and a server span with one id, the server has the children', () => {
    for (const fillers of [0, 20]) {
      const shared = [
        { ...span('work', 6, 5, 3), kind: SpanKind.client },
        { ...span('server', 5, 1, 2), kind: SpanKind.server },
        { ...span('client', 5, 1, 1), kind: SpanKind.client },
        span('root', 1, 0, 0),
        ...Array.from({ length: fillers }, (_, i) => span(`filler ${i}`, 100 + i, 6, 10 + i)),
      ];
      assert.deepEqual(drawn(orderSpans([{ table: tableOf(shared).table }])).slice(0, 4), [
        'root',
        '  client',
        '  server',
        '    work',
      ]);
    }
  });

  it('folds a thousand repeats and keeps a thousand that differ in one field', () => {
    const repeats = Array.from({ length: 1000 }, () => span('same', 1, 0, 5));
    assert.equal(orderSpans([{ table: tableOf(repeats).table }, { table: tableOf(repeats).table }]).rowCount, 1);
    const distinct = repeats.map((one, i) => ({
      ...one,
      attributes: [{ key: 'n', value: { type: 'int' as const, value: i } }],
    }));
    assert.equal(orderSpans([{ table: tableOf(distinct).table }, { table: tableOf(distinct).table }]).rowCount, 1000);
  });

  it('orders a chain, a star and a cycle of 100,000 spans', () => {
    const count = 100_000;
    const shape = (parentOf: (i: number) => number) =>
      Array.from({ length: count }, (_, i) => span('', i + 1, parentOf(i), count - i));
    const chain = orderSpans([{ table: tableOf(shape((i) => i)).table }]);
    assert.equal(chain.depth[count - 1], count - 1);
    assert.deepEqual([chain.subtreeSize[0], chain.subtreeSize[count - 1], chain.childCount[0]], [count, 1, 1]);
    const star = orderSpans([{ table: tableOf(shape((i) => (i === 0 ? 0 : 1))).table }]);
    assert.deepEqual([star.childCount[0], star.depth[count - 1], star.connected[count - 1]], [count - 1, 1, 1]);
    const cycle = orderSpans([{ table: tableOf(shape((i) => (i === 0 ? count : i))).table }]);
    assert.deepEqual(
      [cycle.subtreeSize[0], cycle.connected[0], cycle.parentRow[0], cycle.traces.rootRow[0]],
      [count, 0, NO_ROW, NO_ROW],
    );
  });
});
