import { codeOf, type TraceId } from '@spoor/model';
import type { ColumnSource } from './column-source.ts';
import type { Disk, DiskFile } from './disk.ts';
import { OpenedHeads } from './opened-heads.ts';
import { damageOfDisk } from './disk-damage.ts';
import { BlockCache } from './segment-cache.ts';
import { openSegment, type SegmentReader } from './segment-reader.ts';
import type { SegmentRef, StoreSnapshot } from './store-snapshot.ts';
import { SplitTraces } from './split-traces.ts';

/** Heads stay open so long after the last query. */
const IDLE_MILLI = 10_000;

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
  readonly #heads = new OpenedHeads();
  readonly #split = new SplitTraces();
  /** Queries come and go without telling; the garbage collector knows when a source is no longer held. */
  readonly #unheld = new FinalizationRegistry<readonly DiskFile[]>((files) => {
    for (const file of files) void file.close();
  });
  /** Without further queries nobody would say that a head is gone, and its memory, some 100 MB, would stay. */
  readonly #idle = setTimeout(() => this.#heads.keepOnly(new Set()), IDLE_MILLI).unref();
  #version = 0;

  constructor(options: SnapshotReaderOptions) {
    this.#options = options;
    this.#cache = new BlockCache(options.cacheBytesMax);
  }

  /** One source a segment and a head, in the snapshot's order. They stay valid as long as they are referenced. */
  async sources(snapshot: StoreSnapshot): Promise<readonly ColumnSource[]> {
    this.#forgetMissing(snapshot);
    this.#idle.refresh();
    const segments = await Promise.all(snapshot.segments.map((ref) => this.#segment(ref)));
    const heads = snapshot.heads.map((head) => this.#heads.open(head, snapshot.version));
    return [...segments.filter((source) => source !== undefined), ...heads.filter(({ rowCount }) => rowCount > 0)];
  }

  /** Ids of the traces that have parts in two or more of the sources. */
  splitTraces(sources: readonly ColumnSource[], signal?: AbortSignal): Promise<ReadonlySet<TraceId>> {
    return this.#split.find(sources, signal);
  }

  /** Those of the split traces, as {@link splitTraces} gave them, that the source may have spans of. */
  splitTracesIn(source: ColumnSource, split: ReadonlySet<TraceId>): Iterable<TraceId> {
    return this.#split.splitIn(source, split);
  }

  /** The sources that may have spans of a trace: few, once {@link splitTraces} was asked for; until then all. */
  sourcesOf(id: TraceId, sources: readonly ColumnSource[]): readonly ColumnSource[] {
    return this.#split.sourcesOf(id, sources);
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

  #forgetMissing({ version, segments, heads }: StoreSnapshot): void {
    if (version <= this.#version) return;
    this.#version = version;
    this.#heads.keepOnly(new Set(heads.map(({ id }) => id)));
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
