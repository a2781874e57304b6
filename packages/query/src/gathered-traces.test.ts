import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Span } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import { gatherTraces } from './gathered-traces.ts';
import type { QuerySources } from './query-sources.ts';
import { SourceMemo } from './source-memo.ts';
import { headSource, sourcesOf } from './testing/partition.ts';
import { randomTrace, traceIdOf } from './testing/random-traces.ts';
import { SeededRandom, testSeed } from './testing/seeded-random.ts';
import { TurnTaker } from './turn-taker.ts';

interface Part {
  readonly spans: readonly Span[];
  readonly source: ColumnSource;
}

/** A store whose spans are sealed part by part, merged and removed. */
class ChangingParts {
  readonly #random: SeededRandom;
  readonly #waiting: Span[][];
  #segments: Part[] = [];
  #lastId = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#waiting = Array.from({ length: 10 }, () => []);
    for (let i = 0; i < 4 + random.below(20); i++) {
      for (const span of randomTrace(random, traceIdOf(i + 1))) random.pick(this.#waiting).push(span);
    }
  }

  async seal(): Promise<void> {
    const spans = this.#waiting.pop();
    if (spans !== undefined && spans.length > 0) this.#segments.push(await this.#segment(spans));
  }

  async merge(): Promise<void> {
    if (this.#segments.length < 3) return;
    const at = 1 + this.#random.below(this.#segments.length - 2);
    const joined = this.#segments.slice(at, at + 2).flatMap(({ spans }) => spans);
    this.#segments = this.#segments.toSpliced(at, 2, await this.#segment(joined));
  }

  remove(): void {
    const at = this.#random.below(this.#segments.length);
    this.#segments = this.#segments.toSpliced(at, 1);
  }

  /** What queries see now. */
  snapshot(memo: SourceMemo): QuerySources {
    const heads = this.#waiting
      .slice(-this.#random.below(3))
      .map((spans, i) => ({ spans, source: headSource(`head ${i}`, spans) }));
    const parts = [...this.#segments, ...heads];
    const qs = sourcesOf(
      parts.map(({ source }) => source),
      parts.map(({ spans }) => spans),
    );
    const having = (id: string): ColumnSource[] =>
      parts.filter(({ spans }) => spans.some(({ traceId }) => traceId === id)).map(({ source }) => source);
    return { ...qs, memo, ...(this.#random.chance(0.7) ? { sourcesOf: having } : {}) };
  }

  async #segment(spans: readonly Span[]): Promise<Part> {
    return { spans, source: await headSource(`segment ${++this.#lastId}`, spans).ordered() };
  }
}

/** All spans that take part, trace by trace. */
async function gatheredSpans(qs: QuerySources): Promise<readonly Span[]> {
  const spans: Span[] = [];
  for (const { source, leftOut } of await gatherTraces(qs, await qs.splitTraces(), new TurnTaker())) {
    const { firstRow, spanCount } = await source.traces();
    for (let trace = 0; trace < firstRow.length; trace++) {
      if (leftOut?.[trace] === 1) continue;
      spans.push(
        ...(await source.spans(Uint32Array.from({ length: spanCount[trace] }, (_, i) => firstRow[trace] + i))),
      );
    }
  }
  const keyOf = ({ traceId, spanId, startTimeUnixNano }: Span): string => `${traceId} ${startTimeUnixNano} ${spanId}`;
  return spans.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0));
}

test('gatherTraces: what queries keep is what they would gather anew, whatever comes and goes', async () => {
  const seed = testSeed();
  console.log(`SEED=${seed}`);
  for (let round = 0; round < 40; round++) {
    const random = new SeededRandom(seed + round);
    const parts = new ChangingParts(random);
    const memo = new SourceMemo();
    await parts.seal();
    let before = parts.snapshot(memo);
    for (let step = 0; step < 20; step++) {
      const change = random.below(8);
      if (change < 3) await parts.seal();
      else if (change < 5) await parts.merge();
      else if (change === 5) parts.remove();
      const now = parts.snapshot(memo);
      // Now and then two queries are under way together, of which one has an older snapshot.
      const asked = random.chance(0.3) ? [now, before] : [now];
      const found = await Promise.all(asked.map(gatheredSpans));
      for (const [i, qs] of asked.entries()) {
        const anew = await gatheredSpans({ sources: qs.sources, splitTraces: () => qs.splitTraces() });
        assert.deepEqual(found[i], anew, `SEED=${seed + round} step ${step}`);
      }
      before = now;
    }
  }
});
