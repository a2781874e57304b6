import { crc32 } from 'node:zlib';

/**
 * The bytes of a WAL file (`docs/format.md` draws the same). All numbers little-endian.
 *
 *     file   = file header, records back to back
 *     header = "SPOORWAL"  version u32  jsonBytes u32  crc32(the 8 bytes before, json) u32  json
 *     json   = { id, tenant, abandoned: [{ id, validBytes }] }
 *
 *     record  0 marker "SPRL"          16 own offset in the file  u64   44 kind                  u8
 *             4 crc32 of bytes 8…56    24 durable bytes           u64   45 signal                u8
 *             8 body bytes   u32       32 received, milliseconds  f64   46 protocol              u8
 *            12 crc32 of body          40 WAL file id             u32   47 content type          u8
 *            56 body, as received                                       48 content encoding      u8
 *                                                                       50 transformations       u16
 *
 * The own offset and file id make a record that lies inside a body (someone traces a program that ships WAL files)
 * never look intact. `durable bytes` is how much of the file was known to be synced when the record was
 * written: it tells damage (something synced is gone) from a torn tail (something unsynced never arrived).
 */
export const walRecordHeaderBytes = 56;
const walVersion = 1;
const fileHeaderFixedBytes = 20;
const magic = Buffer.from('SPOORWAL', 'latin1');
const marker = Buffer.from('SPRL', 'latin1');
/** Past this a length is damage, whatever its checksum says: bodies stop at 64 MiB long before they come here. */
const bodyBytesMax = 1 << 30;
const fileHeaderJsonBytesMax = 1 << 20;

/** Numbers on disk; never reused. */
export const WalSignal = Object.freeze({ traces: 1, logs: 2 });
/** `jaeger` is a batch as its collector takes it, `jaegerAgent` a message as its agent does; `zipkin` is version 2. */
export const WalProtocol = Object.freeze({ otlp: 1, jaeger: 2, zipkin: 3, jaegerAgent: 4, zipkinV1: 5 });
export const WalContentType = Object.freeze({ protobuf: 1, json: 2, thriftBinary: 3, thriftCompact: 4 });
export const WalContentEncoding = Object.freeze({ identity: 0, gzip: 1, deflate: 2, zstd: 3 });

/** What replay must know to decode a body again exactly as it was decoded when it arrived. */
export interface RequestMeta {
  /** {@link WalSignal} */
  readonly signal: number;
  /** {@link WalProtocol} */
  readonly protocol: number;
  /** {@link WalContentType} */
  readonly contentType: number;
  /** {@link WalContentEncoding} */
  readonly contentEncoding: number;
  /** milliseconds since the epoch, when the request arrived */
  readonly receivedMilli: number;
  /** version of what the program changes in spans on the way in; 0 = nothing */
  readonly transformationVersion: number;
}

/** `end` is written when a file is complete; it has no body and proves that everything before it was durable. */
export type WalRecordKind = 'request' | 'end';

export interface WalRecordHeader extends RequestMeta {
  readonly kind: WalRecordKind;
  readonly bodyBytes: number;
  readonly bodyCrc: number;
  readonly durableBytes: number;
}

/** A file whose bytes past `validBytes` were never acknowledged, since a write or sync of it failed. */
export interface AbandonedWal {
  readonly id: number;
  readonly validBytes: number;
}

export interface WalFileHeader {
  readonly id: number;
  readonly tenant: string;
  readonly abandoned: readonly AbandonedWal[];
}

export const endMeta: RequestMeta = Object.freeze({
  signal: 0,
  protocol: 0,
  contentType: 0,
  contentEncoding: 0,
  receivedMilli: 0,
  transformationVersion: 0,
});

export interface WalPosition {
  readonly walId: number;
  /** where the record begins in its file, bytes */
  readonly offset: number;
  readonly durableBytes: number;
}

/** The 56 bytes that precede `body`. */
export function encodeWalRecordHeader(
  kind: WalRecordKind,
  meta: RequestMeta,
  at: WalPosition,
  body: Uint8Array,
): Uint8Array {
  const bytes = Buffer.alloc(walRecordHeaderBytes);
  marker.copy(bytes, 0);
  bytes.writeUInt32LE(body.length, 8);
  bytes.writeUInt32LE(crc32(body), 12);
  bytes.writeBigUInt64LE(BigInt(at.offset), 16);
  bytes.writeBigUInt64LE(BigInt(at.durableBytes), 24);
  bytes.writeDoubleLE(meta.receivedMilli, 32);
  bytes.writeUInt32LE(at.walId, 40);
  bytes[44] = kind === 'request' ? 1 : 2;
  bytes[45] = meta.signal;
  bytes[46] = meta.protocol;
  bytes[47] = meta.contentType;
  bytes[48] = meta.contentEncoding;
  bytes.writeUInt16LE(meta.transformationVersion, 50);
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4);
  return bytes;
}

/** `undefined` when these are not the intact header of a record of that file at that offset. */
export function decodeWalRecordHeader(view: Uint8Array, walId: number, offset: number): WalRecordHeader | undefined {
  if (view.length < walRecordHeaderBytes) return undefined;
  const bytes = Buffer.from(view.buffer, view.byteOffset, walRecordHeaderBytes);
  if (marker.compare(bytes, 0, 4) !== 0 || bytes.readUInt32LE(4) !== crc32(bytes.subarray(8))) return undefined;
  if (bytes.readUInt32LE(40) !== walId || bytes.readBigUInt64LE(16) !== BigInt(offset)) return undefined;
  const bodyBytes = bytes.readUInt32LE(8);
  const kind = bytes[44];
  if (bodyBytes > bodyBytesMax || (kind !== 1 && kind !== 2)) return undefined;
  return {
    kind: kind === 1 ? 'request' : 'end',
    bodyBytes,
    bodyCrc: bytes.readUInt32LE(12),
    durableBytes: Number(bytes.readBigUInt64LE(24)),
    receivedMilli: bytes.readDoubleLE(32),
    signal: bytes[45],
    protocol: bytes[46],
    contentType: bytes[47],
    contentEncoding: bytes[48],
    transformationVersion: bytes.readUInt16LE(50),
  };
}

/** Position of the next marker in `bytes` at or after `from`, −1 when there is none. */
export function findWalMarker(bytes: Uint8Array, from: number): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(marker, from);
}

export function encodeWalFileHeader(header: WalFileHeader): Uint8Array {
  const json = Buffer.from(JSON.stringify(header));
  const bytes = Buffer.alloc(fileHeaderFixedBytes + json.length);
  magic.copy(bytes, 0);
  bytes.writeUInt32LE(walVersion, 8);
  bytes.writeUInt32LE(json.length, 12);
  bytes.writeUInt32LE(crc32(json, crc32(bytes.subarray(8, 16))), 16);
  json.copy(bytes, fileHeaderFixedBytes);
  return bytes;
}

/**
 * Reads the header at the start of a file through `read`, which gives fewer bytes only at the end of the file.
 * `undefined` when it is torn or damaged; `endOffset` is where the records begin.
 */
export async function decodeWalFileHeader(
  read: (offset: number, length: number) => Promise<Uint8Array>,
): Promise<{ header: WalFileHeader; endOffset: number } | undefined> {
  const fixed = Buffer.from(await read(0, fileHeaderFixedBytes));
  if (fixed.length < fileHeaderFixedBytes || magic.compare(fixed, 0, 8) !== 0) return undefined;
  const jsonBytes = fixed.readUInt32LE(12);
  if (fixed.readUInt32LE(8) !== walVersion || jsonBytes > fileHeaderJsonBytesMax) return undefined;
  const json = await read(fileHeaderFixedBytes, jsonBytes);
  if (json.length < jsonBytes || crc32(json, crc32(fixed.subarray(8, 16))) !== fixed.readUInt32LE(16)) return undefined;
  const header = JSON.parse(Buffer.from(json).toString()) as WalFileHeader;
  return { header, endOffset: fileHeaderFixedBytes + jsonBytes };
}

/** Name of a WAL file inside the tenant's `wal` directory. Ids grow with time; names sort as ids do. */
export function walFileName(id: number): string {
  return `${String(id).padStart(10, '0')}.wal`;
}

/** The id in a WAL file's name, `undefined` when it is not one. */
export function parseWalFileName(name: string): number | undefined {
  const match = /^(\d{10})\.wal$/.exec(name);
  return match ? Number(match[1]) : undefined;
}
