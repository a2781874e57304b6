import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BlockCache,
  type Head,
  openSegment,
  orderSpans,
  realDisk,
  type SegmentReader,
  writeSegment,
} from '@spoor/store';

/** As much as a scan worker has. */
const CACHE_BYTES = 256 * 1024 * 1024;

/** Real segment files in a directory of their own, which goes with it. */
export class SegmentFolder implements AsyncDisposable {
  readonly #path: string;
  readonly #open: SegmentReader[] = [];
  readonly #cache = new BlockCache(CACHE_BYTES);

  private constructor(path: string) {
    this.#path = path;
  }

  static async create(): Promise<SegmentFolder> {
    return new SegmentFolder(await mkdtemp(join(tmpdir(), 'spoor-query-')));
  }

  async write({ table }: Pick<Head, 'table'>): Promise<SegmentReader> {
    const id = this.#open.length + 1;
    const path = join(this.#path, `${id}.segment`);
    const origin = { id, receivedMaxMilli: 1, mergeLevel: 0, consumedWals: [], joined: [], replaces: [] };
    await writeSegment(realDisk, path, orderSpans([{ table }]), { origin });
    const reader = await openSegment(realDisk, path, this.#cache);
    this.#open.push(reader);
    return reader;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const reader of this.#open) await reader.close();
    await rm(this.#path, { recursive: true });
  }
}
