import { hexFromBytes, type TraceId } from '@spoor/model';
import type { ColumnSource } from './column-source.ts';
import { SegmentReader } from './segment-reader.ts';
import { TableSource } from './table-source.ts';
import { wordsOfTraceId } from './table-spans.ts';
import { TraceOwners } from './trace-owners.ts';

/** Ids added before others of the thread get a turn: some 10 ms. */
const IDS_A_TURN = 64 * 1024;

/** What is known of one head's traces; it holds as long as the segments stay the same and the head only grows. */
interface HeadTraces {
  /** of the segments that were looked at */
  readonly era: object;
  /** rows that were looked at */
  rowCount: number;
  /** 1 for the table's traces that were looked at */
  seen: Uint8Array;
  readonly split: Set<TraceId>;
}

/**
 * Which traces have parts in several sources, and which segment has a trace. Kept up to date by what changed since the
 * last snapshot: new segments, new rows of heads. It may name traces that are split no more, never fewer than there are.
 */
export class SplitTraces {
  #owners = new TraceOwners();
  /** segment id to owner number, not the readers themselves: nothing may keep a forgotten one */
  readonly #numbers = new Map<string, number>();
  readonly #live = new Set<number>();
  #lastNumber = 0;
  /** numbers of the segments with parts of a trace, where there are two or more */
  readonly #split = new Map<TraceId, Set<number>>();
  #era = {};
  /** ids of {@link #split} by number of the segment, made when it is asked for */
  #splitByNumber: ReadonlyMap<number, readonly TraceId[]> | undefined;
  readonly #heads = new WeakMap<object, HeadTraces>();
  #turn: Promise<unknown> = Promise.resolve();

  find(sources: readonly ColumnSource[], signal: AbortSignal | undefined): Promise<ReadonlySet<TraceId>> {
    const turn = this.#turn.then(() => this.#find(sources, signal));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /**
   * Those of the split traces, as `find` gave them, that a source may have spans of: of a segment, those that lie in it and
   * another, and those of heads that it has too.
   */
  splitIn(source: ColumnSource, split: ReadonlySet<TraceId>): Iterable<TraceId> {
    const number = source instanceof SegmentReader ? this.#numbers.get(source.id) : undefined;
    if (number === undefined) return split;
    const ids = [...(this.#splitNumbers().get(number) ?? [])];
    if (split.size === this.#split.size) return ids;
    for (const id of split) {
      if (this.#split.has(id)) continue;
      const words = wordsOfTraceId(id);
      if (this.#owners.ownerOf(words, 0) === number || this.#owners.isSplit(words, 0)) ids.push(id);
    }
    return ids;
  }

  #splitNumbers(): ReadonlyMap<number, readonly TraceId[]> {
    if (this.#splitByNumber !== undefined) return this.#splitByNumber;
    const byNumber = new Map<number, TraceId[]>();
    for (const [id, numbers] of this.#split) {
      for (const number of numbers) {
        const ids = byNumber.get(number);
        if (ids === undefined) byNumber.set(number, [id]);
        else ids.push(id);
      }
    }
    this.#splitByNumber = byNumber;
    return byNumber;
  }

  /** The sources that may have spans of the trace: all of them while not all segments are known. */
  sourcesOf(id: TraceId, sources: readonly ColumnSource[]): readonly ColumnSource[] {
    const segments = sources.filter((source) => source instanceof SegmentReader);
    if (!segments.every((segment) => this.#numbers.has(segment.id))) return sources;
    const words = wordsOfTraceId(id);
    const parts = this.#split.get(id);
    // Its place is another id's, which has the same fingerprint.
    if (parts === undefined && this.#owners.isSplit(words, 0)) return sources;
    const owners = parts ?? new Set([this.#owners.ownerOf(words, 0)]);
    return sources.filter(
      (source) => !(source instanceof SegmentReader) || owners.has(this.#numbers.get(source.id) ?? 0),
    );
  }

  async #find(sources: readonly ColumnSource[], signal: AbortSignal | undefined): Promise<ReadonlySet<TraceId>> {
    await this.#cover(
      sources.filter((source) => source instanceof SegmentReader),
      signal,
    );
    const split = new Set(this.#split.keys());
    const heads = sources.filter((source) => source instanceof TableSource);
    for (const head of heads) for (const id of this.#splitOf(head, heads)) split.add(id);
    return split;
  }

  async #cover(segments: readonly SegmentReader[], signal: AbortSignal | undefined): Promise<void> {
    const added = segments.filter(({ id }) => !this.#numbers.has(id));
    if (added.length === 0 && segments.length === this.#numbers.size) return;
    this.#era = {};
    this.#splitByNumber = undefined;
    this.#forgetAllBut(new Set(segments.map(({ id }) => id)));
    for (const segment of added) {
      signal?.throwIfAborted();
      await this.#add(segment);
    }
    for (const [id, parts] of this.#split) {
      if (parts.size > 1) continue;
      this.#split.delete(id);
      for (const owner of parts) this.#owners.set(wordsOfTraceId(id), 0, owner, false);
    }
    // Ids of segments that are gone stay until there are too many of them.
    const idCount = segments.reduce((sum, { traceCount }) => sum + traceCount, 0);
    if (this.#owners.size <= 2 * idCount + 4096) return;
    this.#owners = new TraceOwners(idCount);
    this.#split.clear();
    this.#forgetAllBut(new Set());
    await this.#cover(segments, signal);
  }

  #forgetAllBut(wanted: ReadonlySet<string>): void {
    for (const [id, number] of this.#numbers) {
      if (wanted.has(id)) continue;
      this.#numbers.delete(id);
      this.#live.delete(number);
      for (const parts of this.#split.values()) parts.delete(number);
    }
  }

  /** A segment whose traces came from others that are gone, by merging, takes them over. */
  async #add(segment: SegmentReader): Promise<void> {
    const ids = await segment.traceIdWords();
    const number = ++this.#lastNumber;
    for (let at = 0; at < ids.length; at += 4) {
      if (at % (4 * IDS_A_TURN) === 0 && at > 0) await new Promise<void>((resolve) => setImmediate(resolve));
      const owner = this.#owners.ownerOf(ids, at);
      if (owner !== 0 && this.#owners.isSplit(ids, at)) this.#addPart(ids, at, owner, number);
      else if (!this.#live.has(owner)) this.#owners.set(ids, at, number, false);
      else this.#addPart(ids, at, owner, number);
    }
    this.#numbers.set(segment.id, number);
    this.#live.add(number);
  }

  #addPart(ids: Uint32Array, at: number, owner: number, number: number): void {
    const id = traceIdOf(ids, at);
    const parts = this.#split.get(id) ?? new Set(this.#ownersBefore(ids, at, owner));
    parts.add(number);
    this.#split.set(id, parts);
    this.#owners.set(ids, at, number, true);
  }

  /**
   * Where a trace may be that is now seen in another segment. A place that was split before, but not for this id, belongs to
   * an id of the same fingerprint as well: then it may be anywhere.
   */
  #ownersBefore(ids: Uint32Array, at: number, owner: number): Iterable<number> {
    if (this.#owners.isSplit(ids, at)) return this.#live;
    return this.#live.has(owner) ? [owner] : [];
  }

  /** Traces of a head that are in a segment too, or in another head. Of two heads' rows, the later looked at tells. */
  #splitOf(head: TableSource, heads: readonly TableSource[]): ReadonlySet<TraceId> {
    const { table, rows, lineage } = head;
    let known = this.#heads.get(lineage);
    if (known?.era !== this.#era || known.rowCount > head.rowCount) {
      known = { era: this.#era, rowCount: 0, seen: new Uint8Array(table.counts.traces), split: new Set() };
      this.#heads.set(lineage, known);
    }
    if (known.seen.length < table.counts.traces) {
      const seen = new Uint8Array(2 * table.counts.traces);
      seen.set(known.seen);
      known.seen = seen;
    }
    const others = heads.filter((other) => other !== head);
    for (let i = known.rowCount; i < head.rowCount; i++) {
      const trace = table.traceRow[rows === undefined ? i : rows[i]];
      if (known.seen[trace] === 1) continue;
      known.seen[trace] = 1;
      const words = table.traceId.subarray(4 * trace, 4 * trace + 4);
      const isSplit = this.#live.has(this.#owners.ownerOf(words, 0)) || others.some((other) => other.hasTrace(words));
      if (isSplit) known.split.add(traceIdOf(words, 0));
    }
    known.rowCount = head.rowCount;
    return known.split;
  }
}

function traceIdOf(words: Uint32Array, at: number): TraceId {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  for (let word = 0; word < 4; word++) view.setUint32(4 * word, words[at + word]);
  return hexFromBytes(bytes) as TraceId;
}
