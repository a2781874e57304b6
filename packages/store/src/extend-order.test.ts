import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pushSpans } from '@spoor/model';
import { extendOrder } from './extend-order.ts';
import { allocateHeadBuffers, headCapacity } from './head-buffers.ts';
import { Head } from './head.ts';
import { orderSpans } from './order-spans.ts';
import type { OrderedSpans } from './ordered-spans.ts';
import { randomSpans } from './testing/random-spans.ts';
import { seededRandom, testSeed } from './testing/seeded-random.ts';

const seed = testSeed();
console.log(`SEED=${seed}`);
const random = seededRandom(seed);
const below = (count: number): number => Math.floor(random() * count);

function columnsOf({ rowCount, tableIndex, sourceRow, traces, ...columns }: OrderedSpans): unknown {
  const { traceRow, parentRow, depth, subtreeSize, connected, childCount } = columns;
  return { rowCount, tableIndex, sourceRow, traces, traceRow, parentRow, depth, subtreeSize, connected, childCount };
}

test('extendOrder: rows that come bit by bit lie as if they had been ordered at once', () => {
  for (let round = 0; round < 60; round++) {
    // Traces mixed, spans of one id, parents that come late or never, and what a client sent twice.
    const spans = randomSpans(random, { traceCount: 1 + below(12), spansPerTraceMax: 1 + below(9) });
    for (let i = below(4); i > 0; i--) spans.push(spans[below(spans.length)]);
    for (let i = spans.length - 1; i > 0; i--) {
      const j = random() < 0.5 ? below(i + 1) : i;
      [spans[i], spans[j]] = [spans[j], spans[i]];
    }
    const head = new Head(allocateHeadBuffers(headCapacity(spans.length + 64)));
    pushSpans(head, spans);
    const { table } = head;
    // Some rows are sealed already, and not seen.
    const rows = Uint32Array.from(spans.keys()).filter(() => round % 3 > 0 || random() < 0.8);
    let end = below(rows.length + 1);
    let order = orderSpans([{ table, rows: rows.subarray(0, end) }]);
    while (end < rows.length) {
      const next = Math.min(rows.length, end + below(2 + rows.length / 3));
      order = extendOrder(order, table, rows.slice(end, next));
      end = next;
      assert.deepEqual(columnsOf(order), columnsOf(orderSpans([{ table, rows: rows.subarray(0, end) }])));
      assert.deepEqual(order.tables, [table]);
    }
  }
});
