import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Span, pushSpans } from '@spoor/model';
import { allocateHeadBuffers, headCapacity } from './head-buffers.ts';
import type { ColumnSource } from './column-source.ts';
import { Head } from './head.ts';
import { orderSpans } from './order-spans.ts';
import { openSegment, readSegmentTable } from './segment-reader.ts';
import { writeSegment } from './segment-writer.ts';
import type { SpanTable } from './span-table.ts';
import { TableSource } from './table-source.ts';
import { contentOf } from './testing/canonical-order.ts';
import { FakeDisk } from './testing/fake-disk.ts';
import { randomSpans } from './testing/random-spans.ts';
import { assertSameSource } from './testing/same-source.ts';
import { seededRandom, testSeed } from './testing/seeded-random.ts';

const origin = { id: 7, receivedMaxMilli: 1, mergeLevel: 0, consumedWals: [1], joined: [], replaces: [] };
const PATH = '/data/7.segment';

function tableOf(spans: readonly Span[]): SpanTable {
  const head = new Head(allocateHeadBuffers(headCapacity(2 * spans.length + 1024)));
  pushSpans(head, spans);
  return { ...head.buffers, counts: head.countsNow() };
}

async function roundTrip(tables: readonly SpanTable[]) {
  const disk = new FakeDisk();
  const info = await writeSegment(disk, PATH, orderSpans(tables.map((table) => ({ table }))), { origin });
  const segment = await openSegment(disk, PATH);
  assert.equal(segment.entry.sizeBytes, info.sizeBytes);
  return { disk, segment };
}

/** The same spans in memory, in canonical order. */
async function inMemory(spans: readonly Span[]): Promise<TableSource> {
  return (await new TableSource({ id: 'memory', table: tableOf(spans) }).ordered()) as TableSource;
}

async function contents(source: ColumnSource): Promise<string[]> {
  const spans = await source.spans(Uint32Array.from({ length: source.rowCount }, (_, row) => row));
  return spans.map(contentOf).toSorted();
}

describe('segment', () => {
  it('holds the same spans as memory, in every column', async () => {
    const seed = testSeed();
    console.log(`SEED=${seed}`);
    for (let round = 0; round < 20; round++) {
      const random = seededRandom(seed + round);
      const spans = randomSpans(random, { traceCount: 1 + Math.floor(60 * random()), spansPerTraceMax: 12 });
      const expected = await inMemory(spans);
      const { segment } = await roundTrip([tableOf(spans)]);
      await assertSameSource(segment, expected);
      // Different spans with one id and start keep their order, which may not be that of their arrival: not `expected`.
      const table = await readSegmentTable(segment);
      const again = await roundTrip([table]);
      await assertSameSource(again.segment, await new TableSource({ id: 'again', table }).ordered());
      assert.deepEqual(await contents(again.segment), await contents(expected));
      const half = spans.length >> 1;
      const merged = await roundTrip([tableOf(spans.slice(0, half)), tableOf(spans.slice(half))]);
      await assertSameSource(merged.segment, expected);
    }
  });
});
