import { crc32 } from 'node:zlib';
import { CorruptionError } from '@spoor/model';
import { ByteReader, ByteWriter } from './column-bytes.ts';
import { GrowingWords } from './column-growing.ts';
import { decodeWords, encodeWords } from './column-words.ts';
import type { Disk, DiskFile } from './disk.ts';

/** crc32 of the body, then the body: the smallest part of a segment that is read and checked. */
export const CHUNK_HEADER_BYTES = 4;

/** Where the chunks of one region lie: back to back from `start`, ascending by id. */
export interface ChunkDirectory {
  readonly ids: Uint32Array;
  /** byte offset in the file, one more than there are chunks */
  readonly offset: Float64Array;
}

const WRITE_BYTES_MIN = 1 << 20;

/** Appends chunks to a file that is being written, in writes of at least 1 MiB. They are encoded where they are written from. */
export class ChunkFileWriter {
  readonly #file: DiskFile;
  readonly #pending = new ByteWriter(WRITE_BYTES_MIN + (1 << 19)); // and a block
  #written = 0;
  readonly #ids = new GrowingWords();
  readonly #ends: number[] = [];
  #directoryStart = 0;
  #chunkStart = 0;

  constructor(file: DiskFile) {
    this.#file = file;
  }

  /** bytes appended so far */
  get offset(): number {
    return this.#written + this.#pending.length;
  }

  append(bytes: Uint8Array): void {
    this.#pending.bytes(bytes);
  }

  /** The chunks from here on belong to one directory, which {@link endDirectory} makes. */
  beginDirectory(): void {
    this.#directoryStart = this.offset;
  }

  endDirectory(): ChunkDirectory {
    const ids = this.#ids.finish();
    const offset = new Float64Array(ids.length + 1);
    offset[0] = this.#directoryStart;
    offset.set(this.#ends, 1);
    this.#ids.clear();
    this.#ends.length = 0;
    return { ids, offset };
  }

  /** @returns where the body of the chunk is to be written, until {@link endChunk} */
  beginChunk(): ByteWriter {
    this.#chunkStart = this.#pending.length;
    this.#pending.u32(0);
    return this.#pending;
  }

  /** @param id  ascending within a directory */
  endChunk(id: number): void {
    const body = this.#pending.since(this.#chunkStart + CHUNK_HEADER_BYTES);
    this.#pending.setU32(this.#chunkStart, crc32(body));
    this.#ids.push(id);
    this.#ends.push(this.offset);
  }

  /** Takes back what was written since {@link beginChunk}. */
  dropChunk(): void {
    this.#pending.truncate(this.#chunkStart);
  }

  async flush(bytesMin = WRITE_BYTES_MIN): Promise<void> {
    const { length } = this.#pending;
    if (length < bytesMin || length === 0) return;
    await this.#file.write([this.#pending.since(0)], this.#written);
    this.#written += length;
    this.#pending.truncate(0);
  }
}

/** Reads ranges of one file, which stays open until {@link close}. */
export class ChunkFileReader {
  readonly path: string;
  readonly #file: DiskFile;

  private constructor(path: string, file: DiskFile) {
    this.path = path;
    this.#file = file;
  }

  static async open(disk: Disk, path: string): Promise<ChunkFileReader> {
    return new ChunkFileReader(path, await disk.open(path, 'read'));
  }

  sizeBytes(): Promise<number> {
    return this.#file.sizeBytes();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** @throws {CorruptionError} when the file ends before */
  async range(offset: number, length: number): Promise<Uint8Array> {
    const bytes = this.#file.readNow?.(offset, length) ?? (await this.#file.read(offset, length));
    if (bytes.length < length)
      throw new CorruptionError(this.path, offset + bytes.length, 'the file ends here, but should be longer');
    return bytes;
  }

  /**
   * Chunks of a directory by place, checked; neighbours, and chunks with little between them, come in one read.
   * @param places ascending
   */
  async chunks(directory: ChunkDirectory, places: readonly number[]): Promise<ByteReader[]> {
    const { offset } = directory;
    const readers: ByteReader[] = [];
    for (let i = 0; i < places.length;) {
      let j = i;
      while (j + 1 < places.length && offset[places[j + 1]] - offset[places[j] + 1] <= READ_GAP_BYTES_MAX) j++;
      const start = offset[places[i]];
      const bytes = await this.range(start, offset[places[j] + 1] - start);
      for (; i <= j; i++) {
        const from = offset[places[i]];
        readers.push(this.#checked(bytes.subarray(from - start, offset[places[i] + 1] - start), from));
      }
    }
    return readers;
  }

  #checked(chunk: Uint8Array, offset: number): ByteReader {
    const body = chunk.subarray(CHUNK_HEADER_BYTES);
    const stored = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength).getUint32(0, true);
    if (crc32(body) !== stored)
      throw new CorruptionError(this.path, offset, `a chunk of ${chunk.length} bytes fails its checksum`);
    return new ByteReader(body, this.path, offset + CHUNK_HEADER_BYTES);
  }
}

/** A read costs about 40 µs, as much as copying this many bytes more. */
const READ_GAP_BYTES_MAX = 64 * 1024;

/** Place of a chunk in its directory, or −1 when it is absent. */
export function placeOf({ ids }: ChunkDirectory, id: number): number {
  let low = 0;
  let high = ids.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    if (ids[middle] === id) return middle;
    if (ids[middle] < id) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** start:varint  count:varint  id gaps:words  lengths:words */
export function encodeDirectory(out: ByteWriter, { ids, offset }: ChunkDirectory): void {
  out.varint(offset[0]);
  out.varint(ids.length);
  encodeWords(out, gapsOf(ids));
  const lengths = new Uint32Array(ids.length);
  for (let i = 0; i < lengths.length; i++) lengths[i] = offset[i + 1] - offset[i];
  encodeWords(out, lengths);
}

/** @throws {CorruptionError} from `input` when a chunk would lie outside the first `fileBytes` bytes */
export function decodeDirectory(input: ByteReader, fileBytes: number): ChunkDirectory {
  const start = input.varint();
  const count = input.count(fileBytes / CHUNK_HEADER_BYTES);
  const ids = sumGaps(decodeWords(input, count));
  const lengths = decodeWords(input, count);
  const offset = new Float64Array(count + 1);
  offset[0] = start;
  for (let i = 0; i < count; i++) {
    if (lengths[i] < CHUNK_HEADER_BYTES) input.fail('a chunk is shorter than its header');
    offset[i + 1] = offset[i] + lengths[i];
  }
  if (offset[count] > fileBytes) input.fail('a chunk ends after the file');
  return { ids, offset };
}

/** Differences of ascending numbers; the first is itself. */
export function gapsOf(words: Uint32Array): Uint32Array {
  const gaps = words.slice();
  for (let i = 1; i < gaps.length; i++) gaps[i] -= words[i - 1];
  return gaps;
}

/** Undoes {@link gapsOf}, in place. */
export function sumGaps(words: Uint32Array): Uint32Array {
  for (let i = 1; i < words.length; i++) words[i] += words[i - 1];
  return words;
}
