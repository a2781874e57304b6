import { crc32 } from 'node:zlib';
import type { Disk, DiskFile } from './disk.ts';
import {
  decodeWalFileHeader,
  decodeWalRecordHeader,
  findWalMarker,
  type WalFileHeader,
  type WalRecordHeader,
  walRecordHeaderBytes,
} from './wal-record.ts';

/** Read in steps of this size; larger than nearly all bodies, small beside the memory for unsealed spans. */
const windowBytes = 4 << 20;

export interface WalRecord {
  readonly header: WalRecordHeader;
  readonly offset: number;
  /** borrowed until the callback returns */
  readonly body: Uint8Array;
}

/** A part of a file that cannot be read. `torn`: an unsynced tail, which was never acknowledged. */
export interface WalDamage {
  readonly kind: 'torn' | 'corrupt';
  readonly path: string;
  readonly offset: number;
  readonly endOffset: number;
  readonly reason: string;
}

export interface WalReadOptions {
  readonly disk: Disk;
  readonly path: string;
  readonly id: number;
  /** what a later file says is valid of this one: the rest was never acknowledged */
  readonly validBytes?: number | undefined;
  readonly onRecord: (record: WalRecord) => void;
  readonly onDamage: (damage: WalDamage) => Promise<void> | void;
}

/**
 * Hands out every intact record of a WAL file in order and reports what lies between them. Damage in the
 * middle is stepped over by looking for the next intact header. No length is trusted before its checksum and the
 * size of the file allow it.
 * @returns the end of the last intact record, bytes
 */
export async function readWal(options: WalReadOptions): Promise<number> {
  const file = await options.disk.open(options.path, 'read');
  try {
    const fileBytes = await file.sizeBytes();
    const scanner = new WalScanner(file, options.id, Math.min(fileBytes, options.validBytes ?? fileBytes));
    return await readRecords(options, scanner);
  } finally {
    await file.close();
  }
}

/** The file's own header, `undefined` when it is torn or damaged. */
export async function readWalFileHeader(disk: Disk, path: string): Promise<WalFileHeader | undefined> {
  const file = await disk.open(path, 'read');
  try {
    return (await decodeWalFileHeader((offset, length) => file.read(offset, length)))?.header;
  } finally {
    await file.close();
  }
}

async function readRecords(options: WalReadOptions, scanner: WalScanner): Promise<number> {
  const { path, onRecord, onDamage } = options;
  let offset = (await decodeWalFileHeader((at, length) => scanner.read(at, length)))?.endOffset ?? 0;
  let validEnd = offset;
  while (offset < scanner.endOffset) {
    const record = await scanner.record(offset);
    if (record) {
      if (record.header.kind === 'request') onRecord(record);
      offset = validEnd = endOf(record);
      continue;
    }
    const next = await scanner.findAfter(offset);
    const isCorrupt =
      offset < (options.validBytes ?? 0) || (next !== undefined && (await scanner.wasDurable(offset, next)));
    if (!isCorrupt) {
      const reason = 'the file ends in an incomplete record that was never acknowledged';
      await onDamage({ kind: 'torn', path, offset, endOffset: scanner.endOffset, reason });
      return validEnd;
    }
    const endOffset = next ?? scanner.endOffset;
    await onDamage({ kind: 'corrupt', path, offset, endOffset, reason: 'a record fails its checksum or is cut off' });
    offset = endOffset;
  }
  if (offset < (options.validBytes ?? 0) && validEnd === offset) {
    const reason = 'the file is shorter than what was acknowledged';
    await onDamage({ kind: 'corrupt', path, offset, endOffset: offset, reason });
  }
  return validEnd;
}

function endOf(record: WalRecord): number {
  return record.offset + walRecordHeaderBytes + record.header.bodyBytes;
}

class WalScanner {
  readonly endOffset: number;
  readonly #file: DiskFile;
  readonly #id: number;
  #window: Uint8Array = new Uint8Array();
  #windowStart = 0;

  constructor(file: DiskFile, id: number, endOffset: number) {
    this.#file = file;
    this.#id = id;
    this.endOffset = endOffset;
  }

  /** Bytes at `offset`, fewer at the end; a view that lives until the next call. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const available = Math.min(length, this.endOffset - offset);
    if (available <= 0) return new Uint8Array();
    const isInside = offset >= this.#windowStart && offset + available <= this.#windowStart + this.#window.length;
    if (!isInside) {
      const wanted = Math.min(Math.max(available, windowBytes), this.endOffset - offset);
      this.#window = await this.#file.read(offset, wanted);
      this.#windowStart = offset;
    }
    return this.#window.subarray(offset - this.#windowStart, offset - this.#windowStart + available);
  }

  /** The record at exactly this offset, when it is whole. */
  async record(offset: number): Promise<WalRecord | undefined> {
    const header = decodeWalRecordHeader(await this.read(offset, walRecordHeaderBytes), this.#id, offset);
    if (!header || offset + walRecordHeaderBytes + header.bodyBytes > this.endOffset) return undefined;
    const body = await this.read(offset + walRecordHeaderBytes, header.bodyBytes);
    if (body.length < header.bodyBytes || crc32(body) !== header.bodyCrc) return undefined;
    return { header, offset, body };
  }

  /** Offset of the first whole record past `offset`. */
  async findAfter(offset: number): Promise<number | undefined> {
    let from = offset + 1;
    while (from + walRecordHeaderBytes <= this.endOffset) {
      const bytes = await this.read(from, windowBytes);
      const position = findWalMarker(bytes, 0);
      if (position < 0) {
        // A marker may lie across the edge of what was read.
        from += Math.max(bytes.length - 3, 1);
        continue;
      }
      if (await this.record(from + position)) return from + position;
      from += position + 1;
    }
    return undefined;
  }

  /** True when a record at or after `next` proves that the byte at `offset` had been synced. */
  async wasDurable(offset: number, next: number): Promise<boolean> {
    let at: number | undefined = next;
    while (at !== undefined) {
      const record: WalRecord | undefined = await this.record(at);
      if (record && record.header.durableBytes > offset) return true;
      at = record ? endOf(record) : await this.findAfter(at);
    }
    return false;
  }
}
