import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Attribute, type Span, type SpanId, type TraceId, codeOf, pushSpans, unixNano } from '@spoor/model';
import { allocateHeadBuffers, headCapacity } from './head-buffers.ts';
import type { ColumnSource } from './column-source.ts';
import { Head } from './head.ts';
import { orderSpans } from './order-spans.ts';
import { type SegmentReader, openSegment, readSegmentTable } from './segment-reader.ts';
import { writeSegment } from './segment-writer.ts';
import type { SpanTable } from './span-table.ts';
import { TableSource } from './table-source.ts';
import { FakeDisk } from './testing/fake-disk.ts';
import { randomSpans } from './testing/random-spans.ts';
import { assertSameSource } from './testing/same-source.ts';
import { seededRandom, testSeed } from './testing/seeded-random.ts';

const origin = { id: 7, receivedMaxMilli: 1, mergeLevel: 0, consumedWals: [1], joined: [], replaces: [] };
const PATH = '/data/7.segment';

function tableOf(spans: readonly Span[]): SpanTable {
  const head = new Head(allocateHeadBuffers(headCapacity(Math.max(1024, 20 * spans.length))));
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

describe('segment', () => {
  it('holds the same spans as memory, in every column', async () => {
    const seed = testSeed();
    console.log(`SEED=${seed}`);
    for (let round = 0; round < 8; round++) {
      const random = seededRandom(seed + round);
      const spans = randomSpans(random, { traceCount: 1 + Math.floor(60 * random()), spansPerTraceMax: 12 });
      const expected = await inMemory(spans);
      const { segment } = await roundTrip([tableOf(spans)]);
      await assertSameSource(segment, expected);
      const again = await roundTrip([await readSegmentTable(segment)]);
      await assertSameSource(again.segment, expected);
      const half = spans.length >> 1;
      const merged = await roundTrip([tableOf(spans.slice(0, half)), tableOf(spans.slice(half))]);
      await assertSameSource(merged.segment, expected);
    }
  });

  it('holds no span at all, or one', async () => {
    for (const count of [0, 1]) {
      const spans = randomSpans(seededRandom(4), { traceCount: 1, spansPerTraceMax: 1, oddity: 0 }).slice(0, count);
      const { segment } = await roundTrip([tableOf(spans)]);
      await assertSameSource(segment, await inMemory(spans));
      assert.equal(await segment.findString(Buffer.from('not there')), undefined);
      assert.equal(await segment.findString(Buffer.alloc(0)), 0);
      assert.deepEqual(await segment.findTrace('0123456789abcdef0123456789abcdef' as TraceId), new Uint32Array(0));
    }
  });

  it('finds every string it holds by its bytes', async () => {
    const { segment } = await roundTrip([
      tableOf(randomSpans(seededRandom(5), { traceCount: 80, spansPerTraceMax: 9 })),
    ]);
    const codes = Uint32Array.from({ length: segment.columns.footer.stringCount }, (_, code) => code);
    for (const [code, bytes] of (await segment.bytes(codes)).entries())
      assert.equal(await segment.findString(bytes), code);
  });

  it('holds a trace that spans many blocks, deep and wide', async () => {
    for (const parentOf of [(i: number) => i, (i: number) => (i < 3 ? i : 3), (i: number) => (i * 7919) % (i + 1)]) {
      const spans = Array.from({ length: 20_000 }, (_, i): Span => plainSpan(i, parentOf(i)));
      const { segment } = await roundTrip([tableOf(spans)]);
      const expected = await inMemory(spans);
      assert.deepEqual(await segment.traces(), await expected.traces());
      assert.equal((await segment.findTrace(spans[0].traceId)).length, spans.length);
      const ordered = expected.order!;
      for (let index = 0; index * segment.blockRows < spans.length; index++) {
        const block = await segment.block(index, { words: DERIVED });
        const rows = [block.firstRow, block.firstRow + block.rowCount] as const;
        for (const word of DERIVED)
          assert.deepEqual([...block.words(word)], [...ordered[word].subarray(...rows)], word);
      }
      assert.deepEqual(await readAll(segment), await readAll(expected));
    }
  });

  it('gives some spans as it gives all, wherever they lie', async () => {
    const seed = testSeed();
    console.log(`SEED=${seed}`);
    const random = seededRandom(seed);
    const large = Array.from({ length: 9000 }, (_, i): Span => plainSpan(i, i % 1000 === 0 ? 0 : i));
    const spans = [...randomSpans(random, { traceCount: 150, spansPerTraceMax: 9 }), ...large];
    const { segment } = await roundTrip([tableOf(spans)]);
    const all = await segment.spans(Uint32Array.from({ length: segment.rowCount }, (_, row) => row));
    for (let round = 0; round < 150; round++) {
      const from = Math.floor(random() * (round % 2 === 0 ? 500 : segment.rowCount));
      const to = Math.min(segment.rowCount, from + 1 + Math.floor(random() ** 4 * 1000));
      const step = 1 + Math.floor(3 * random());
      const rows = Uint32Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);
      assert.deepEqual(
        await segment.spans(rows),
        Array.from(rows, (row) => all[row]),
      );
    }
  });

  it('keeps thousands of keys, the rarest in a column they share', async () => {
    const spans = Array.from({ length: 2100 }, (_, i): Span => {
      const attributes = [`key${i}`, `key${(i * 7) % 40}`, 'common'].map((key, j): Attribute => ({
        key,
        value:
          j === 1
            ? { type: 'double', value: [0, -0, NaN, Infinity, i / 3][i % 5] }
            : { type: 'string', value: `v${i}` },
      }));
      return {
        ...plainSpan(i, 0),
        attributes,
        events: i % 3 === 0 ? [{ timeUnixNano: unixNano(5n), name: 'e', attributes, droppedAttributesCount: i }] : [],
      };
    });
    const { segment } = await roundTrip([tableOf(spans)]);
    assert.ok(segment.columns.level('span').columns.some((column) => column.isOverflow));
    const expected = await inMemory(spans);
    await assertSameSource(segment, expected);
    for (let row = 0; row < spans.length; row += 97) {
      const rows = Uint32Array.of(row, Math.min(row + 2, spans.length - 1));
      assert.deepEqual(await segment.spans(rows), await expected.spans(rows));
    }
    const again = await roundTrip([await readSegmentTable(segment)]);
    await assertSameSource(again.segment, await inMemory(spans));
  });

  it('answers right or reports damage, whatever byte is flipped and wherever the file is cut', async () => {
    const spans = randomSpans(seededRandom(6), { traceCount: 2, spansPerTraceMax: 4 });
    const { disk } = await roundTrip([tableOf(spans)]);
    const file = await disk.open(PATH, 'read');
    const whole = await file.read(0, await file.sizeBytes());
    const expected = await everything(await openSegment(disk, PATH));
    for (let at = 0; at < whole.length; at++) {
      const flipped = whole.slice();
      flipped[at] ^= 1 << (at % 8);
      await assertRightOrDamaged(flipped, expected);
      await assertRightOrDamaged(whole.subarray(0, at), expected);
    }
  });

  it('leaves nothing under its name when the disk is full', async () => {
    const disk = new FakeDisk();
    disk.failWith = ({ kind }) => (kind === 'write' ? 'ENOSPC' : undefined);
    const table = tableOf(randomSpans(seededRandom(7), { traceCount: 5, spansPerTraceMax: 5 }));
    await assert.rejects(writeSegment(disk, PATH, orderSpans([{ table }]), { origin }), { code: 'ENOSPC' });
    assert.deepEqual(await disk.readdir('/data'), []);
  });
});

const DERIVED = ['parentRow', 'depth', 'subtreeSize', 'connected', 'childCount', 'traceRow'] as const;

/** Columns that need what lies in other blocks, all blocks together. */
async function readAll(source: ColumnSource): Promise<Record<string, number[]>> {
  const words = [
    'spanIdLow',
    'parentSpanIdHigh',
    'parentSpanIdLow',
    'startLow',
    'startHigh',
    'endLow',
    'endHigh',
    'eventStart',
  ] as const;
  const all: Record<string, number[]> = Object.fromEntries([...words, 'duration'].map((word) => [word, []]));
  for (let index = 0; index * source.blockRows < source.rowCount; index++) {
    const block = await source.block(index, { words, numbers: ['durationNano'] });
    for (const word of words) all[word].push(...block.words(word).slice(0, block.rowCount));
    all['duration'].push(...block.numbers('durationNano'));
  }
  return all;
}

const PLAIN = randomSpans(seededRandom(1), { traceCount: 1, spansPerTraceMax: 1, oddity: 0 })[0];

/** Span `i + 1` of one trace; parent 0 is none. */
function plainSpan(i: number, parent: number): Span {
  const id = (n: number): SpanId => n.toString(16).padStart(16, '0') as SpanId;
  const start = unixNano(1_000_000n + BigInt(i));
  return {
    ...PLAIN,
    spanId: id(i + 1),
    parentSpanId: parent === 0 ? '' : id(parent),
    startTimeUnixNano: start,
    endTimeUnixNano: unixNano(start + 100n),
    attributes: [],
    events: [],
    links: [],
  };
}

/** Every answer that a segment gives, as one value. */
async function everything(segment: SegmentReader): Promise<unknown> {
  const spans = await segment.spans(Uint32Array.from({ length: segment.rowCount }, (_, row) => row));
  const { id } = await segment.traces();
  const ids = await segment.traceIds(Uint32Array.from({ length: segment.traceCount }, (_, row) => row));
  const rows = [];
  for (const trace of ids) rows.push([...(await segment.findTrace(trace))]);
  const table = await readSegmentTable(segment);
  const dictionaries = [];
  for (const column of segment.attributeColumns('span')) dictionaries.push(await segment.dictionary(column));
  for (const column of ['name', 'statusMessage', 'traceState', 'eventName', 'linkTraceId', 'linkSpanId'] as const)
    dictionaries.push(await segment.dictionary(column));
  return { spans, id, rows, table, dictionaries, entry: segment.entry };
}

async function assertRightOrDamaged(bytes: Uint8Array, expected: unknown): Promise<void> {
  const disk = new FakeDisk();
  const file = await disk.open(PATH, 'create');
  await file.write([bytes], 0);
  try {
    assert.deepEqual(await everything(await openSegment(disk, PATH)), expected);
  } catch (error) {
    if (codeOf(error) !== 'STORE_CORRUPT') throw error;
    assert.match((error as Error).message, /7\.segment at byte \d+/);
  }
}
