import { crc32 } from 'node:zlib';
import { CorruptionError, type UnixNano, type ValueType, unixNanoFromWords } from '@spoor/model';
import { ByteReader, ByteWriter } from './column-bytes.ts';
import { compressed, decompressed } from './column-compress.ts';
import type { AttributeColumn } from './column-source.ts';
import { decodeWords, encodeWords } from './column-words.ts';
import type { SegmentEntry } from './manifest-record.ts';
import { type ChunkDirectory, type ChunkFileReader, decodeDirectory, encodeDirectory } from './segment-chunk.ts';
import { SEGMENT_MAGIC, SEGMENT_VERSION, TAIL_BYTES, levels } from './segment-layout.ts';

/** What is asked of whoever writes a segment. */
export interface SegmentMeta {
  /** kept in the footer as JSON, so that a segment without a manifest still says where it came from */
  readonly origin: SegmentOrigin;
  /** the first tenant's is empty */
  readonly tenant?: string;
  /** 0 for traces */
  readonly signal?: number;
}

/** The part of a manifest entry that the spans themselves do not tell. */
export type SegmentOrigin = Omit<SegmentEntry, 'rowCount' | 'traceCount' | 'sizeBytes' | 'startMinNano' | 'endMaxNano'>;

/** All that opening a segment takes. */
export interface SegmentFooter extends Required<SegmentMeta> {
  readonly rowCount: number;
  readonly traceCount: number;
  readonly blockRows: number;
  readonly startMin: UnixNano;
  readonly startMax: UnixNano;
  readonly endMax: UnixNano;
  readonly stringCount: number;
  /** by level: span, event, link */
  readonly levels: readonly LevelFooter[];
  readonly pages: DictionaryIndex;
  readonly blocks: readonly BlockFooter[];
  /** one chunk a row block: the traces, or parts of them, in it */
  readonly traceBlocks: ChunkDirectory;
  /** the first id of each page, four words each */
  readonly traceIdPageFirst: Uint32Array;
  readonly traceIdPages: ChunkDirectory;
  readonly side: ChunkDirectory;
}

export interface LevelFooter {
  readonly rowCount: number;
  readonly shapeCount: number;
  readonly templateCount: number;
  /** bit m is set when member m is part of the template */
  readonly templateMembers: number;
  readonly columns: readonly StoredColumn[];
}

export interface StoredColumn extends AttributeColumn {
  /** its values lie in the level's overflow chunks, and it has no dictionary */
  readonly isOverflow: boolean;
  readonly keyCode: number;
}

export interface DictionaryIndex {
  /** page p holds codes firstCode[p] … firstCode[p + 1] */
  readonly firstCode: Uint32Array;
  /** not after the first string of page p, and after the last of page p − 1 */
  readonly separator: readonly Uint8Array[];
  readonly chunks: ChunkDirectory;
}

export interface BlockFooter {
  /** trace row of the block's first row */
  readonly traceRow: number;
  readonly eventCount: number;
  readonly linkCount: number;
  readonly chunks: ChunkDirectory;
}

/** Footer and tail, as they end the file. */
export function encodeFooter(footer: SegmentFooter): Uint8Array {
  const out = new ByteWriter();
  out.text(JSON.stringify(footer.origin));
  out.text(footer.tenant);
  out.u8(footer.signal);
  for (const count of [footer.rowCount, footer.traceCount, footer.blockRows, footer.stringCount]) out.varint(count);
  for (const time of [footer.startMin, footer.startMax, footer.endMax]) {
    out.u32(Number(time & 0xffff_ffffn));
    out.u32(Number(time >> 32n));
  }
  for (const level of footer.levels) encodeLevel(out, level);
  encodeDirectory(out, footer.pages.chunks);
  encodeWords(out, footer.pages.firstCode);
  for (const separator of footer.pages.separator) {
    out.varint(separator.length);
    out.bytes(separator);
  }
  out.varint(footer.blocks.length);
  for (const field of ['traceRow', 'eventCount', 'linkCount'] as const) {
    encodeWords(
      out,
      Uint32Array.from(footer.blocks, (block) => block[field]),
    );
  }
  for (const block of footer.blocks) encodeDirectory(out, block.chunks);
  encodeDirectory(out, footer.traceBlocks);
  encodeDirectory(out, footer.traceIdPages);
  encodeWords(out, footer.traceIdPageFirst);
  encodeDirectory(out, footer.side);
  return withTail(out.finish());
}

/** @throws {CorruptionError} when the file is not a whole segment of this version */
export async function readFooter(file: ChunkFileReader): Promise<SegmentFooter> {
  const fileBytes = await file.sizeBytes();
  if (fileBytes < SEGMENT_MAGIC.length + TAIL_BYTES)
    throw new CorruptionError(file.path, fileBytes, 'too short for a segment');
  const end = await file.range(Math.max(0, fileBytes - FIRST_READ_BYTES), Math.min(fileBytes, FIRST_READ_BYTES));
  const tail = end.subarray(end.length - TAIL_BYTES);
  const fail = (message: string): never => {
    throw new CorruptionError(file.path, fileBytes - TAIL_BYTES, message);
  };
  const view = new DataView(tail.buffer, tail.byteOffset, TAIL_BYTES);
  if (Buffer.from(tail.subarray(16)).toString('latin1') !== SEGMENT_MAGIC) fail('no segment ends here');
  const [storedBytes, rawBytes, version] = [view.getUint32(0, true), view.getUint32(4, true), view.getUint32(8, true)];
  const start = fileBytes - TAIL_BYTES - storedBytes;
  if (start < SEGMENT_MAGIC.length) fail('the footer is larger than the file');
  const whole =
    storedBytes + TAIL_BYTES <= end.length
      ? end.subarray(end.length - TAIL_BYTES - storedBytes)
      : await file.range(start, storedBytes + TAIL_BYTES);
  if (crc32(whole.subarray(0, storedBytes + 12)) !== view.getUint32(12, true)) fail('the footer fails its checksum');
  if (version !== SEGMENT_VERSION) fail(`segment version ${version}, this program reads ${SEGMENT_VERSION}`);
  const stored = whole.subarray(0, storedBytes);
  const raw =
    rawBytes === storedBytes ? stored : (decompressed(stored, rawBytes) ?? fail('the footer does not decompress'));
  return decodeFooter(new ByteReader(raw, file.path, start), start);
}

/** Covers the footer of a segment of half a million spans, so that opening is one read. */
const FIRST_READ_BYTES = 64 * 1024;

function withTail(raw: Uint8Array): Uint8Array {
  const stored = compressed(raw, 3) ?? raw;
  const bytes = new Uint8Array(stored.length + TAIL_BYTES);
  bytes.set(stored);
  const view = new DataView(bytes.buffer, stored.length);
  view.setUint32(0, stored.length, true);
  view.setUint32(4, raw.length, true);
  view.setUint32(8, SEGMENT_VERSION, true);
  view.setUint32(12, crc32(bytes.subarray(0, stored.length + 12)), true);
  bytes.set(Buffer.from(SEGMENT_MAGIC, 'latin1'), stored.length + 16);
  return bytes;
}

function decodeFooter(input: ByteReader, fileBytes: number): SegmentFooter {
  const origin = JSON.parse(input.text()) as SegmentOrigin;
  const [tenant, signal] = [input.text(), input.u8()];
  const [rowCount, traceCount, blockRows, stringCount] = [
    input.varint(),
    input.varint(),
    input.varint(),
    input.varint(),
  ];
  const time = (): UnixNano => {
    const low = input.u32();
    return unixNanoFromWords(low, input.u32());
  };
  const [startMin, startMax, endMax] = [time(), time(), time()];
  const levelFooters: LevelFooter[] = [];
  for (let index = 0; index < levels.length; index++) levelFooters.push(decodeLevel(input, index));
  const pages = decodePages(input, fileBytes);
  const blocks = decodeBlocks(input, fileBytes);
  const traceBlocks = decodeDirectory(input, fileBytes);
  const traceIdPages = decodeDirectory(input, fileBytes);
  const traceIdPageFirst = decodeWords(input, 4 * traceIdPages.ids.length);
  const side = decodeDirectory(input, fileBytes);
  return {
    origin,
    tenant,
    signal,
    rowCount,
    traceCount,
    blockRows,
    stringCount,
    startMin,
    startMax,
    endMax,
    levels: levelFooters,
    pages,
    blocks,
    traceBlocks,
    traceIdPages,
    traceIdPageFirst,
    side,
  };
}

function encodeLevel(out: ByteWriter, level: LevelFooter): void {
  for (const count of [level.rowCount, level.shapeCount, level.templateCount, level.templateMembers]) out.varint(count);
  out.varint(level.columns.length);
  for (const column of level.columns) {
    out.text(column.key);
    out.varint(column.keyCode);
    out.u8(column.type * 2 + (column.isOverflow ? 1 : 0));
    out.varint(column.occurrence);
    out.varint(column.valueCount);
  }
}

function decodeLevel(input: ByteReader, index: number): LevelFooter {
  const [rowCount, shapeCount, templateCount, templateMembers] = [
    input.varint(),
    input.varint(),
    input.varint(),
    input.varint(),
  ];
  const columns: StoredColumn[] = [];
  const columnCount = input.count(input.remaining / 4);
  for (let i = 0; i < columnCount; i++) {
    const key = input.text();
    const keyCode = input.varint();
    const type = input.u8();
    const [occurrence, valueCount] = [input.varint(), input.varint()];
    columns.push({
      level: levels[index],
      key,
      keyCode,
      type: (type >>> 1) as ValueType,
      occurrence,
      valueCount,
      index: i,
      isOverflow: type % 2 === 1,
    });
  }
  return { rowCount, shapeCount, templateCount, templateMembers, columns };
}

function decodePages(input: ByteReader, fileBytes: number): DictionaryIndex {
  const chunks = decodeDirectory(input, fileBytes);
  const firstCode = decodeWords(input, chunks.ids.length + 1);
  const separator = Array.from(chunks.ids, () => input.bytes(input.varint()));
  return { firstCode, separator, chunks };
}

function decodeBlocks(input: ByteReader, fileBytes: number): BlockFooter[] {
  const count = input.count(fileBytes);
  const traceRow = decodeWords(input, count);
  const eventCount = decodeWords(input, count);
  const linkCount = decodeWords(input, count);
  return Array.from(traceRow, (row, i) => ({
    traceRow: row,
    eventCount: eventCount[i],
    linkCount: linkCount[i],
    chunks: decodeDirectory(input, fileBytes),
  }));
}
