import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Span, pushSpans } from '@spoor/model';
import { type HeadBuffers, type HeadCapacity, allocateHeadBuffers, headCapacity } from './head-buffers.ts';
import { HeadFullError } from './head-full-error.ts';
import { Head } from './head.ts';
import type { SpanTableCounts } from './span-table.ts';
import { findStringCode } from './string-interner.ts';
import { reusedHead } from './store-generation.ts';
import { TableSource } from './table-source.ts';
import { wordsOfTraceId } from './table-spans.ts';
import { randomSpans } from './testing/random-spans.ts';
import { seededRandom, testSeed } from './testing/seeded-random.ts';
import { rowsOfTrace } from './trace-index.ts';

const HASH_SEED = 12345;

function newHead(capacity: HeadCapacity = headCapacity(2048)): Head {
  return new Head(allocateHeadBuffers(capacity, HASH_SEED));
}

function someSpans(seed: number, traceCount = 20): Span[] {
  return randomSpans(seededRandom(seed), { traceCount, spansPerTraceMax: 12 });
}

/** Every array of a head as far as it is used, and the hash slots whole: equal for heads that behave alike. */
function contents({ buffers, counts, startMin, startMax }: Head): object {
  const used = new Map<string, number | undefined>();
  for (const name of Object.keys(buffers)) used.set(name, usedLength(name, counts));
  const arrays = Object.entries(buffers).filter(([, value]) => ArrayBuffer.isView(value)) as [
    keyof HeadBuffers,
    Uint8Array,
  ][];
  return {
    counts: { ...counts },
    startMin,
    startMax,
    stringSlots: buffers.stringSlots.map((slots) => Buffer.from(slots.slice().buffer).toString('base64')),
    ...Object.fromEntries(
      arrays.map(([name, array]) => [name, Buffer.from(array.slice(0, used.get(name)).buffer).toString('base64')]),
    ),
  };
}

function usedLength(name: string, counts: SpanTableCounts): number | undefined {
  if (name.endsWith('Slots')) return undefined;
  if (name === 'stringBytes') return counts.stringBytes;
  if (name === 'stringOffset') return counts.strings + 1;
  if (name === 'eventStart' || name === 'linkStart') return counts.spans + 1;
  if (name === 'traceId') return 4 * counts.traces;
  if (name === 'traceLastRow') return counts.traces;
  if (name === 'values') return counts.values;
  for (const kind of ['shape', 'resource', 'scope', 'event', 'link'] as const) {
    if (new RegExp(`^${kind}[A-Z]`).test(name)) return counts[`${kind}s`];
  }
  return counts.spans;
}

async function spansOf(head: Head): Promise<Span[]> {
  const source = new TableSource({ id: 'test', table: head.table, index: head.buffers });
  return source.spans(Uint32Array.from({ length: source.rowCount }, (_, row) => row));
}

describe('Head', () => {
  const seed = testSeed();
  it(`gives back every span as it was pushed (SEED=${seed})`, async () => {
    const spans = someSpans(seed, 100);
    const head = newHead();
    pushSpans(head, spans);
    assert.deepEqual(await spansOf(head), spans);
  });

  it('keeps equal resources and scopes once', () => {
    const head = newHead();
    for (const spans of [someSpans(1), someSpans(1)]) pushSpans(head, spans);
    assert.ok(head.counts.resources <= 3 && head.counts.scopes <= 3, JSON.stringify(head.counts));
  });

  it(`rollback restores every array, index and count (SEED=${seed})`, async () => {
    const head = newHead();
    pushSpans(head, someSpans(seed));
    const mark = head.mark();
    const before = contents(head);
    pushSpans(head, someSpans(seed + 1));
    assert.notDeepEqual(contents(head), before);
    head.rollback(mark);
    assert.deepEqual(contents(head), before);
    // What follows is as if nothing had been taken back.
    const twin = newHead();
    for (const part of [seed, seed + 2]) pushSpans(twin, someSpans(part));
    pushSpans(head, someSpans(seed + 2));
    assert.deepEqual(contents(head), contents(twin));
    assert.deepEqual(await spansOf(head), [...someSpans(seed), ...someSpans(seed + 2)]);
  });

  it('rollback drops an open set and the events before an unfinished span', () => {
    const head = newHead();
    pushSpans(head, someSpans(7));
    const mark = head.mark();
    const before = contents(head);
    head.attribute(head.intern(Buffer.from('half'), 0, 4), 3, 1);
    head.endAttributes();
    head.endEvent(0, 1, 2, 3);
    head.attribute(1, 3, 1);
    head.rollback(mark);
    assert.deepEqual(contents(head), before);
    pushSpans(head, someSpans(8));
    const twin = newHead();
    for (const part of [7, 8]) pushSpans(twin, someSpans(part));
    assert.deepEqual(contents(head), contents(twin));
  });

  for (const what of Object.keys(headCapacity(1)) as (keyof HeadCapacity)[]) {
    it(`throws HeadFullError when there is no room for ${what}, and takes the request back`, () => {
      const spans = someSpans(3, 40);
      const whole = newHead();
      pushSpans(whole, spans);
      const head = newHead({ ...headCapacity(2048), [what]: whole.counts[what] - 1 });
      const mark = head.mark();
      const before = contents(head);
      assert.throws(
        () => pushSpans(head, spans),
        (error) => error instanceof HeadFullError && error.what === what,
      );
      head.rollback(mark);
      assert.deepEqual(contents(head), before);
      pushSpans(head, spans.slice(0, 3));
      assert.equal(head.counts.spans, 3);
    });
  }

  it('findStringCode and rowsOfTrace see what the counts cover and nothing newer', () => {
    const head = newHead();
    pushSpans(head, someSpans(11));
    const old = head.countsNow();
    const newer = head.intern(Buffer.from('newer'), 0, 5);
    assert.equal(findStringCode(head.buffers, head.counts.strings, Buffer.from('newer')), newer);
    assert.equal(findStringCode(head.buffers, old.strings, Buffer.from('newer')), undefined);
    assert.equal(findStringCode(head.buffers, old.strings, Buffer.from('')), 0);
    const spans = someSpans(11);
    pushSpans(head, spans);
    for (const { traceId } of spans) {
      const trace = head.findTrace(wordsOfTraceId(traceId));
      const rows = [...spans.keys()].filter((row) => spans[row].traceId === traceId);
      assert.deepEqual([...rowsOfTrace(head.buffers, trace, old.spans)], rows);
      assert.deepEqual(
        [...rowsOfTrace(head.buffers, trace, head.counts.spans)],
        [...rows, ...rows.map((row) => row + old.spans)],
      );
    }
    assert.equal(head.findTrace(Uint32Array.of(1, 2, 3, 4)), -1);
  });

  it('finds every string, at every count, when one hash after the other is full and taken back', () => {
    const capacity = { ...headCapacity(2048), strings: 500_000, stringBytes: 1 << 23 };
    const head = newHead(capacity);
    const levels = head.buffers.stringSlots.length;
    assert.equal(levels, 4);
    const texts = Array.from({ length: 450_000 }, (_, i) => Buffer.from(`s${i}`));
    const push = (from: number, to: number): void => {
      for (const text of texts.slice(from, to)) head.intern(text, 0, text.length);
    };
    const first = head.counts.strings;
    const find = (count: number, i: number): number | undefined => findStringCode(head.buffers, count, texts[i]);
    const check = (pushed: number): void => {
      for (let i = 0; i < pushed; i += 97) {
        assert.equal(head.intern(texts[i], 0, texts[i].length), first + i);
        // Readers know of fewer strings.
        for (const count of [first + i, first + i + 1, first + pushed]) {
          assert.equal(find(count, i), count > first + i ? first + i : undefined);
        }
      }
    };
    push(0, 20_000);
    const mark = head.mark();
    const before = contents(head);
    push(20_000, texts.length);
    check(texts.length);
    head.rollback(mark);
    assert.deepEqual(contents(head), before);
    check(20_000);
    push(20_000, 120_000);
    check(120_000);
    const twin = newHead(capacity);
    for (const text of texts.slice(0, 120_000)) twin.intern(text, 0, text.length);
    assert.deepEqual(contents(head), contents(twin));
    const reused = reusedHead({ buffers: head.buffers, counts: head.counts });
    assert.deepEqual(contents(reused), contents(newHead(capacity)));
  });

  it('knows when each trace last got a span', () => {
    const head = newHead();
    const [one, two] = [someSpans(5, 1), someSpans(6, 1)];
    head.arrivalMilli = 1000;
    pushSpans(head, one);
    head.arrivalMilli = 2000;
    pushSpans(head, two);
    const mark = head.mark();
    head.arrivalMilli = 3000;
    pushSpans(head, one);
    const [first, second] = [one, two].map((spans) => head.findTrace(wordsOfTraceId(spans[0].traceId)));
    assert.deepEqual([head.traceArrivalMilli(first), head.traceArrivalMilli(second)], [3000, 2000]);
    head.rollback(mark);
    assert.deepEqual([head.traceArrivalMilli(first), head.traceArrivalMilli(second)], [1000, 2000]);
  });

  it('spans share one buffer, so that posting a head shares it', () => {
    const { buffers } = newHead();
    const arrays = Object.values(buffers).filter((value) => ArrayBuffer.isView(value));
    assert.equal(new Set(arrays.map((array) => array.buffer)).size, 1);
    assert.ok(buffers.values.buffer instanceof SharedArrayBuffer);
  });
});
