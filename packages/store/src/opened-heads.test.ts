import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pushSpans } from '@spoor/model';
import type { AttributeLevel, ColumnSource } from './column-source.ts';
import { allocateHeadBuffers, headCapacity } from './head-buffers.ts';
import { Head } from './head.ts';
import { OpenedHeads, openHead } from './opened-heads.ts';
import type { TableSource } from './table-source.ts';
import { randomSpans } from './testing/random-spans.ts';
import { seededRandom, testSeed } from './testing/seeded-random.ts';

const levels: readonly AttributeLevel[] = ['span', 'event', 'link'];

/** What a source says, in a form that can be compared. Only every other source is asked everything, as queries do. */
async function contentOf(source: TableSource, level: AttributeLevel, isOrdered: boolean): Promise<unknown> {
  if (isOrdered) return orderedContentOf(await source.ordered());
  const columns = source.attributeColumns(level);
  const [block] =
    source.rowCount === 0 ? [] : [await source.block(0, { attributes: columns, words: ['name', 'traceRow'] })];
  return {
    columns,
    values: block && columns.map((column) => block.attribute(column)),
    names: block && (await source.strings(Uint32Array.from(block.words('name')))),
    traces: block && (await source.traceIds(Uint32Array.from(block.words('traceRow')))),
    spans: await source.spans(Uint32Array.from({ length: source.rowCount }, (_, row) => row)),
    starts: [source.startMin, source.startMax],
  };
}

async function orderedContentOf(source: ColumnSource): Promise<unknown> {
  const spans = await source.spans(Uint32Array.from({ length: source.rowCount }, (_, row) => row));
  const traces = await source.traces();
  const ids = await source.traceIds(Uint32Array.from(traces.firstRow.keys()));
  const rows = await Promise.all(ids.map((id) => source.findTrace(id)));
  const words = ['parentRow', 'depth', 'subtreeSize', 'connected', 'childCount', 'traceRow'] as const;
  const [block] = source.rowCount === 0 ? [] : [await source.block(0, { words })];
  return { spans, traces, ids, rows, words: block && words.map((word) => block.words(word)) };
}

test('OpenedHeads: a head that grew and was sealed in part is what it would be if it were opened anew', async () => {
  const seed = testSeed();
  console.log(`SEED=${seed}`);
  const random = seededRandom(seed);
  const head = new Head(allocateHeadBuffers(headCapacity(4096)));
  const opened = new OpenedHeads();
  const spans = randomSpans(random, { traceCount: 40, spansPerTraceMax: 12 });
  let version = 1;
  for (let from = 0; from < spans.length;) {
    const to = Math.min(spans.length, from + Math.floor(random() * 40));
    pushSpans(head, spans.slice(from, to));
    from = to;
    const { buffers, startMin, startMax } = head;
    const ref = { id: 'head-1', buffers, counts: head.countsNow(), startMin, startMax };
    if (random() < 0.2) {
      version++;
      // Often a publication holds nothing of this head.
      const share = random() < 0.5 ? 0 : 0.3;
      for (let row = 0; row < to; row++) {
        if (buffers.sealedVersion[row] === 0 && random() < share) buffers.sealedVersion[row] = version;
      }
    }
    const source = opened.open(ref, version);
    assert.equal(opened.open(ref, version), source, 'an unchanged head is the same source');
    for (const level of levels) {
      if (random() < 0.5) continue;
      const isOrdered = random() < 0.5;
      assert.deepEqual(
        await contentOf(source, level, isOrdered),
        await contentOf(openHead(ref, version), level, isOrdered),
      );
    }
  }
});

test('OpenedHeads: an older snapshot that comes late sees what it saw', () => {
  const random = seededRandom(1);
  const head = new Head(allocateHeadBuffers(headCapacity(4096)));
  const opened = new OpenedHeads();
  const push = () => {
    pushSpans(head, randomSpans(random, { traceCount: 5, spansPerTraceMax: 5 }));
    const { buffers, startMin, startMax } = head;
    return { id: 'head-1', buffers, counts: head.countsNow(), startMin, startMax };
  };
  const older = push();
  const newer = push();
  assert.equal(opened.open(newer, 2).rowCount, newer.counts.spans);
  newer.buffers.sealedVersion[0] = 2;
  assert.equal(opened.open(older, 1).rowCount, older.counts.spans);
  assert.equal(opened.open(newer, 2).rowCount, newer.counts.spans, 'the newest stays');
});
