import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SegmentEntry } from './manifest-record.ts';
import { chooseMerge } from './store-merge-policy.ts';
import { chooseExpired } from './store-retention.ts';
import { seededRandom, testSeed } from './testing/seeded-random.ts';

const limits = { mergeSegmentsMin: 4, mergeRowsMax: 100_000 };

function entry(id: number, rowCount: number, more: Partial<SegmentEntry> = {}): SegmentEntry {
  const times = { startMinNano: '0', endMaxNano: '0', receivedMaxMilli: id };
  const origin = { mergeLevel: 0, consumedWals: [], joined: [], replaces: [] };
  return { id, rowCount, traceCount: 1, sizeBytes: 10 * rowCount, ...times, ...origin, ...more };
}

const idsOf = (entries: readonly SegmentEntry[]): number[] => entries.map(({ id }) => id);

test('chooseMerge: takes a run of neighbours of one size, with smaller ones between them', () => {
  const small = [1, 2, 3].map((id) => entry(id, 100));
  assert.deepEqual(idsOf(chooseMerge(small, 0, limits)), []);
  assert.deepEqual(idsOf(chooseMerge([entry(5, 200), ...small, entry(4, 1)], 0, limits)), [1, 2, 3, 4, 5]);
  assert.deepEqual(idsOf(chooseMerge([entry(5, 200), ...small, entry(4, 4000)], 0, limits)), [], 'cut by a larger one');
  assert.deepEqual(
    idsOf(chooseMerge([...small, entry(4, 4000)], 0, limits)),
    [],
    'a large one is not written for a few rows',
  );
});

test('chooseMerge: stays within the limit of rows', () => {
  const large = Array.from({ length: 6 }, (_, index) => entry(index + 1, 30_000));
  const mixed = [20_000, 25_000, 15_000, 25_000, 30_000].map((rows, index) => entry(index + 1, rows));
  assert.deepEqual(idsOf(chooseMerge(mixed, 0, limits)), [1, 2, 3, 4], 'they fill a segment');
  assert.deepEqual(idsOf(chooseMerge(large, 0, limits)), []);
  const fitting = Array.from({ length: 6 }, (_, index) => entry(index + 1, 25_000));
  assert.deepEqual(idsOf(chooseMerge(fitting, 0, limits)), [1, 2, 3, 4]);
});

test('chooseMerge and chooseExpired: leave a segment that replay asks', () => {
  const pinned = { joined: [{ walId: 7, offset: 100 }] };
  const entries = [entry(1, 1), entry(2, 1), entry(3, 1, pinned), entry(4, 1), entry(5, 1), entry(6, 1)];
  assert.deepEqual(idsOf(chooseMerge(entries, 7, limits)), [], 'it cuts the run');
  assert.deepEqual(idsOf(chooseMerge(entries, 8, limits)), [1, 2, 3, 4, 5, 6]);
  const all = { oldestMilli: 100, bytesMax: 1e9 };
  assert.deepEqual(
    chooseExpired(entries, 7, all).flatMap(({ segments }) => idsOf(segments)),
    [1, 2, 4, 5, 6],
  );
});

test('chooseMerge: with sealed segments of any size, each row is written a few times only, and few segments stay', () => {
  const seed = testSeed();
  console.log(`SEED=${seed}`);
  const random = seededRandom(seed);
  for (const rowsMax of [10, 1000, 20_000, 90_000]) {
    let entries: SegmentEntry[] = [];
    let sealed = 0;
    let merged = 0;
    for (let id = 1; id <= 2000; id++) {
      const rows = 1 + Math.floor(random() * rowsMax);
      sealed += rows;
      entries.push(entry(id, rows));
      for (let run = chooseMerge(entries, 0, limits); run.length > 0; run = chooseMerge(entries, 0, limits)) {
        const rowCount = run.reduce((sum, one) => sum + one.rowCount, 0);
        assert.ok(rowCount <= limits.mergeRowsMax);
        merged += rowCount;
        entries = [...entries.filter((one) => !run.includes(one)), entry(Math.max(...idsOf(run)), rowCount)];
      }
    }
    assert.ok(merged / sealed < 8, `rows of up to ${rowsMax}: written ${(merged / sealed).toFixed(1)} times again`);
    const least = sealed / limits.mergeRowsMax;
    assert.ok(
      entries.length < 40 + 5 * least,
      `rows of up to ${rowsMax}: ${entries.length} segments for ${sealed} rows`,
    );
  }
});

test('chooseExpired: first by age, then the oldest beyond the bytes', () => {
  const entries = [entry(4, 100), entry(1, 100), entry(3, 100), entry(2, 100)];
  const expired = chooseExpired(entries, 0, { oldestMilli: 2, bytesMax: 2000 });
  assert.deepEqual(
    expired.map(({ reason, segments }) => [reason, idsOf(segments)]),
    [
      ['age', [1]],
      ['bytes', [2]],
    ],
  );
  assert.deepEqual(chooseExpired(entries, 0, { oldestMilli: 0, bytesMax: 4000 }), []);
});
