import type { TraceId } from '@spoor/model';
import type { StoreOptions } from '../store-options.ts';
import { SnapshotReader } from '../store-snapshot-reader.ts';
import type { StoreSnapshot } from '../store-snapshot.ts';
import { Store } from '../store.ts';
import type { FakeDisk } from './fake-disk.ts';
import {
  decodeTiny,
  decodeTinyInSlices,
  encodeTiny,
  replayTiny,
  tinyMeta,
  type TinySpan,
  tinyOf,
} from './tiny-protocol.ts';

export interface TraceWhereabouts {
  readonly isSplit: boolean;
  /** among the split ones, says the reader */
  readonly isNamed: boolean;
  /** sources by id */
  readonly found: readonly string[];
  readonly looked: readonly string[];
  /** that are told to have it, as one of the split ones */
  readonly told: readonly string[];
}

/** A store over a fake disk and a clock that stands still, with the tests' own protocol. Time moves by {@link nowMilli}. */
export class TinyStore {
  readonly disk: FakeDisk;
  readonly messages: string[] = [];
  nowMilli = tinyMeta.receivedMilli;
  store!: Store;
  readonly #reader: SnapshotReader;
  readonly #reports: Promise<void>[] = [];

  private constructor(disk: FakeDisk) {
    this.disk = disk;
    this.#reader = new SnapshotReader({
      disk,
      cacheBytesMax: 1 << 20,
      onDamaged: (id, error) => this.#reports.push(this.store.reportCorruption(id, error)),
    });
  }

  static async open(disk: FakeDisk, options: Partial<StoreOptions> = {}): Promise<TinyStore> {
    const tiny = new TinyStore(disk);
    const log = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
      const { path = '', offset = '' } = (fields ?? {}) as { path?: string; offset?: number };
      tiny.messages.push(`${level}: ${message} ${path} ${offset}`.trimEnd());
    };
    tiny.store = await Store.open({
      dataDirectory: '/data',
      tenant: 'default',
      disk,
      replay: replayTiny,
      logger: { info: log('info'), warn: log('warn'), error: log('error') },
      now: () => tiny.nowMilli,
      executor: 'inline',
      schedule: 'manual',
      walWindowMilli: 0,
      headReuseMilli: 0,
      ...options,
    });
    return tiny;
  }

  send(trace: number, ids: readonly number[], name = 'span'): Promise<number> {
    const body = this.#body(trace, ids, name);
    return this.store.append(this.#meta(), body, (sink) => decodeTiny(body, sink));
  }

  sendInSlices(trace: number, ids: readonly number[], name = 'span'): Promise<number> {
    const body = this.#body(trace, ids, name);
    return this.store.append(this.#meta(), body, (sink) => decodeTinyInSlices(body, sink));
  }

  rotate(): Promise<void> {
    return this.store.rotate();
  }

  async sealOldest(): Promise<void> {
    await this.store.sealOldest();
  }

  /** Ids of all spans, sorted; a span that is there twice is listed twice. */
  async ids(snapshot?: StoreSnapshot): Promise<number[]> {
    return (await this.idsBySource(snapshot)).flat().sort((a, b) => a - b);
  }

  async idsBySource(snapshot?: StoreSnapshot): Promise<number[][]> {
    return (await this.spansBySource(snapshot)).map((spans) => spans.map(({ id }) => id).sort((a, b) => a - b));
  }

  async spansBySource(snapshot?: StoreSnapshot): Promise<TinySpan[][]> {
    const lease = this.store.snapshot();
    try {
      const lists: TinySpan[][] = [];
      for (const source of await this.#reader.sources(snapshot ?? lease.snapshot)) {
        const rows = Uint32Array.from({ length: source.rowCount }, (_, row) => row);
        try {
          lists.push((await source.spans(rows)).map(tinyOf));
        } catch (error) {
          if ((error as { code?: string }).code !== 'STORE_CORRUPT') throw error;
          await this.store.reportCorruption(source.id, error as Error);
        }
      }
      await Promise.all(this.#reports);
      return lists;
    } finally {
      lease.release();
    }
  }

  async splitTraces(): Promise<number[]> {
    const lease = this.store.snapshot();
    const ids = await this.#reader.splitTraces(await this.#reader.sources(lease.snapshot));
    lease.release();
    return [...ids].map((id) => Number.parseInt(id, 16)).sort((a, b) => a - b);
  }

  /** Tells of every trace where it is, and where the reader says it may be. */
  async check(visit: (trace: TraceWhereabouts) => void): Promise<void> {
    const lease = this.store.snapshot();
    const sources = await this.#reader.sources(lease.snapshot);
    const named = await this.#reader.splitTraces(sources);
    const found = new Map<TraceId, string[]>();
    for (const source of sources) {
      const rows = Uint32Array.from({ length: source.rowCount }, (_, row) => row);
      for (const id of new Set((await source.spans(rows)).map(({ traceId }) => traceId)))
        found.set(id, [...(found.get(id) ?? []), source.id]);
    }
    const told = sources.map((source) => [source.id, new Set(this.#reader.splitTracesIn(source, named))] as const);
    lease.release();
    for (const [id, ids] of found) {
      const looked = this.#reader.sourcesOf(id, sources).map((source) => source.id);
      const toldOf = told.filter(([, split]) => split.has(id)).map(([source]) => source);
      visit({ isSplit: ids.length > 1, isNamed: named.has(id), found: ids, looked, told: toldOf });
    }
  }

  segmentPaths(): string[] {
    return this.disk.paths().filter((path) => path.includes('/segments/'));
  }

  /** Lets what was begun in the background end. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  #body(trace: number, ids: readonly number[], name: string): Uint8Array {
    return encodeTiny(
      ids.map((id, index) => ({
        trace,
        id,
        name: index === ids.length - 1 ? name : 'span',
        startMilli: tinyMeta.receivedMilli + id,
      })),
    );
  }

  #meta(): typeof tinyMeta {
    return { ...tinyMeta, receivedMilli: this.nowMilli };
  }
}
