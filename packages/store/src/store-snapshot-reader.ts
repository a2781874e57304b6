import { codeOf, hexFromBytes, type TraceId } from '@spoor/model';
import type { ColumnSource } from './column-source.ts';
import type { Disk, DiskFile } from './disk.ts';
import { damageOfDisk } from './disk-damage.ts';
import { BlockCache } from './segment-cache.ts';
import { openSegment, SegmentReader } from './segment-reader.ts';
import type { SegmentRef, StoreSnapshot } from './store-snapshot.ts';
import { openHead, TableSource } from './table-source.ts';
import { TraceIdSet } from './trace-id-set.ts';

export interface SnapshotReaderOptions {
  readonly disk: Disk;
  /** for decoded blocks of all segments together */
  readonly cacheBytesMax: number;
  /** A segment could not be opened and is left out of the answer. Tell the store: `Store.reportCorruption`. */
  readonly onDamaged: (segmentId: string, error: Error) => void;
}

/**
 * Opens snapshots on a query thread. Segments stay open from one snapshot to the next; those that a newer one
 * does not have are forgotten, and their files closed when the last query that holds them is done.
 */
export class SnapshotReader {
  readonly #options: SnapshotReaderOptions;
  readonly #cache: BlockCache;
  readonly #segments = new Map<string, Promise<SegmentReader>>();
  readonly #split = new SplitTraceIndex();
  /** Queries come and go without telling; the garbage collector knows when a source is no longer held. */
  readonly #unheld = new FinalizationRegistry<readonly DiskFile[]>((files) => {
    for (const file of files) void file.close();
  });
  #version = 0;

  constructor(options: SnapshotReaderOptions) {
    this.#options = options;
    this.#cache = new BlockCache(options.cacheBytesMax);
  }

  /** One source a segment and a head, in the snapshot's order. They stay valid as long as they are referenced. */
  async sources(snapshot: StoreSnapshot): Promise<readonly ColumnSource[]> {
    this.#forgetMissing(snapshot);
    const segments = await Promise.all(snapshot.segments.map((ref) => this.#segment(ref)));
    const heads = snapshot.heads.map((head) => openHead(head, snapshot.version));
    return [...segments.filter((source) => source !== undefined), ...heads.filter(({ rowCount }) => rowCount > 0)];
  }

  /** Ids of the traces that have parts in two or more of the sources. */
  splitTraces(sources: readonly ColumnSource[], signal?: AbortSignal): Promise<ReadonlySet<TraceId>> {
    return this.#split.find(sources, signal);
  }

  async #segment(ref: SegmentRef): Promise<SegmentReader | undefined> {
    let opening = this.#segments.get(ref.id);
    if (!opening) {
      opening = this.#open(ref);
      this.#segments.set(ref.id, opening);
    }
    try {
      return await opening;
    } catch (error) {
      this.#segments.delete(ref.id);
      // Set aside by the store since the snapshot was taken, or damaged: the others can still answer.
      const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!isGone && codeOf(error) !== 'STORE_CORRUPT') throw error;
      this.#options.onDamaged(ref.id, error as Error);
      return undefined;
    }
  }

  async #open({ path }: SegmentRef): Promise<SegmentReader> {
    const files: DiskFile[] = [];
    const source = await openSegment(rememberFiles(damageOfDisk(this.#options.disk), files), path, this.#cache);
    this.#unheld.register(source, files);
    return source;
  }

  #forgetMissing({ version, segments }: StoreSnapshot): void {
    if (version <= this.#version) return;
    this.#version = version;
    const present = new Set(segments.map(({ id }) => id));
    for (const id of this.#segments.keys()) if (!present.has(id)) this.#segments.delete(id);
  }
}

/** The same disk; `files` gets whatever is opened through it. */
function rememberFiles(disk: Disk, files: DiskFile[]): Disk {
  return {
    async open(path, flags) {
      const file = await disk.open(path, flags);
      files.push(file);
      return file;
    },
    readdir: (path) => disk.readdir(path),
    mkdir: (path) => disk.mkdir(path),
    rename: (from, to) => disk.rename(from, to),
    unlink: (path) => disk.unlink(path),
    stat: (path) => disk.stat(path),
    syncDirectory: (path) => disk.syncDirectory(path),
    statfs: (path) => disk.statfs(path),
  };
}

/** Which traces of the segments are split; grows with each new segment, starts again when one is gone. */
class SplitTraceIndex {
  /** ids of the segments that are counted in, not the readers themselves: nothing may keep a forgotten one */
  #segmentIds = new Set<string>();
  #traces = new TraceIdSet();
  #split = new Set<TraceId>();
  #turn: Promise<unknown> = Promise.resolve();

  find(sources: readonly ColumnSource[], signal: AbortSignal | undefined): Promise<ReadonlySet<TraceId>> {
    const turn = this.#turn.then(() => this.#find(sources, signal));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #find(sources: readonly ColumnSource[], signal: AbortSignal | undefined): Promise<ReadonlySet<TraceId>> {
    await this.#cover(
      sources.filter((source) => source instanceof SegmentReader),
      signal,
    );
    const heads = sources.filter((source) => source instanceof TableSource);
    const inHeads = heads.length > 1 ? new TraceIdSet() : undefined;
    const withHeads = new Set<TraceId>();
    for (const head of heads) {
      visitTraces(head, (words, at) => {
        const isSplit = this.#traces.has(words, at) || inHeads?.has(words, at);
        if (isSplit) withHeads.add(traceIdOf(words, at));
        inHeads?.add(words, at);
      });
    }
    return new Set([...this.#split, ...withHeads]);
  }

  async #cover(segments: readonly SegmentReader[], signal: AbortSignal | undefined): Promise<void> {
    const wanted = new Set(segments.map(({ id }) => id));
    if (![...this.#segmentIds].every((id) => wanted.has(id))) {
      this.#segmentIds = new Set();
      this.#traces = new TraceIdSet();
      this.#split = new Set();
    }
    for (const segment of segments) {
      if (this.#segmentIds.has(segment.id)) continue;
      signal?.throwIfAborted();
      const ids = await segment.traceIdWords();
      for (let at = 0; at < ids.length; at += 4) {
        if (!this.#traces.add(ids, at)) this.#split.add(traceIdOf(ids, at));
      }
      this.#segmentIds.add(segment.id);
    }
  }
}

/** Calls back with the id words of every trace that has a visible row. */
function visitTraces({ table, rows }: TableSource, visit: (words: Uint32Array, at: number) => void): void {
  const { traceId, traceRow, counts } = table;
  const isVisible = new Uint8Array(counts.traces);
  if (!rows) isVisible.fill(1);
  else for (const row of rows) isVisible[traceRow[row]] = 1;
  for (let trace = 0; trace < counts.traces; trace++) if (isVisible[trace] === 1) visit(traceId, 4 * trace);
}

function traceIdOf(words: Uint32Array, at: number): TraceId {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  for (let word = 0; word < 4; word++) view.setUint32(4 * word, words[at + word]);
  return hexFromBytes(bytes) as TraceId;
}
