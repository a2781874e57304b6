import { crc32 } from 'node:zlib';

/**
 * The bytes of the manifest (`docs/format.md` draws the same). All numbers little-endian.
 *
 *     file   = "SPOORMAN"  version u32  records back to back
 *     record = marker "MREC"  payload bytes u32  crc32(payload) u32  crc32(of the 12 bytes before) u32  payload (JSON)
 *
 * Records are few (one a seal, merge or retention run), so they are text: `tail` shows what the store did.
 */
export const manifestHeaderBytes = 12;
const recordHeaderBytes = 16;
const manifestVersion = 1;
const magic = Buffer.from('SPOORMAN', 'latin1');
const marker = Buffer.from('MREC', 'latin1');

/**
 * One sealed segment. The segment file's footer carries the same facts, so that the manifest can be rebuilt from the
 * files when it is damaged.
 */
export interface SegmentEntry {
  readonly id: number;
  readonly rowCount: number;
  readonly traceCount: number;
  readonly sizeBytes: number;
  /** smallest span start and largest span end, decimal nanoseconds since the epoch */
  readonly startMinNano: string;
  readonly endMaxNano: string;
  /** when the newest of its spans arrived, milliseconds since the epoch; retention goes by it */
  readonly receivedMaxMilli: number;
  /** how often its rows were rewritten by merges; 0 for a sealed head */
  readonly mergeLevel: number;
  /** WAL files whose every row is in segments now */
  readonly consumedWals: readonly number[];
  /** newer WAL files of which this segment took the rows of its traces, up to an offset in bytes */
  readonly joined: readonly JoinedWal[];
  /** segments this one was merged from */
  readonly replaces: readonly number[];
}

export interface JoinedWal {
  readonly walId: number;
  readonly offset: number;
}

export type ManifestRecord =
  | { readonly type: 'added'; readonly segment: SegmentEntry }
  /** a head whose rows had all been joined into older segments already */
  | { readonly type: 'consumed'; readonly wals: readonly number[] }
  | { readonly type: 'replaced'; readonly segment: SegmentEntry }
  | { readonly type: 'removed'; readonly ids: readonly number[]; readonly reason: string }
  | { readonly type: 'quarantined'; readonly id: number; readonly reason: string }
  /** everything that was true when the file was rewritten; always first */
  | {
      readonly type: 'state';
      readonly segments: readonly SegmentEntry[];
      readonly walFloor: number;
      readonly nextSegmentId: number;
    };

/** What the records add up to. */
export interface ManifestState {
  readonly segments: Map<number, SegmentEntry>;
  /** every WAL file with a smaller id is consumed: seals go oldest first */
  walFloor: number;
  nextSegmentId: number;
}

export function emptyManifestState(): ManifestState {
  return { segments: new Map(), walFloor: 0, nextSegmentId: 1 };
}

export function applyManifestRecord(state: ManifestState, record: ManifestRecord): void {
  switch (record.type) {
    case 'state':
      state.segments.clear();
      state.walFloor = record.walFloor;
      state.nextSegmentId = record.nextSegmentId;
      for (const segment of record.segments) state.segments.set(segment.id, segment);
      return;
    case 'added':
    case 'replaced':
      for (const id of record.segment.replaces) state.segments.delete(id);
      state.segments.set(record.segment.id, record.segment);
      state.nextSegmentId = Math.max(state.nextSegmentId, record.segment.id + 1);
      raiseFloor(state, record.segment.consumedWals);
      return;
    case 'consumed':
      raiseFloor(state, record.wals);
      return;
    case 'removed':
      for (const id of record.ids) state.segments.delete(id);
      return;
    case 'quarantined':
      state.segments.delete(record.id);
  }
}

function raiseFloor(state: ManifestState, wals: readonly number[]): void {
  for (const id of wals) state.walFloor = Math.max(state.walFloor, id + 1);
}

export function manifestStateRecord(state: ManifestState): ManifestRecord {
  const { walFloor, nextSegmentId } = state;
  return { type: 'state', segments: [...state.segments.values()], walFloor, nextSegmentId };
}

export function encodeManifestHeader(): Uint8Array {
  const bytes = Buffer.alloc(manifestHeaderBytes);
  magic.copy(bytes, 0);
  bytes.writeUInt32LE(manifestVersion, 8);
  return bytes;
}

export function encodeManifestRecord(record: ManifestRecord): Uint8Array {
  const payload = Buffer.from(JSON.stringify(record));
  const bytes = Buffer.alloc(recordHeaderBytes + payload.length);
  marker.copy(bytes, 0);
  bytes.writeUInt32LE(payload.length, 4);
  bytes.writeUInt32LE(crc32(payload), 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 12)), 12);
  payload.copy(bytes, recordHeaderBytes);
  return bytes;
}

export interface ManifestDamage {
  readonly offset: number;
  readonly endOffset: number;
  /**
   * The end of the file after at least one intact record: it may be one that was being written at a crash. Other damage is
   * never a crash's, since the file begins its life whole, by a rename.
   */
  readonly isTail: boolean;
}

export interface DecodedManifest {
  readonly records: readonly ManifestRecord[];
  readonly damage: readonly ManifestDamage[];
}

/** Every intact record, in order, and the places where there is none. Never throws. */
export function decodeManifest(file: Uint8Array): DecodedManifest {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  const records: ManifestRecord[] = [];
  const damage: ManifestDamage[] = [];
  let offset = manifestHeaderBytes;
  if (bytes.length < offset || magic.compare(bytes, 0, 8) !== 0 || bytes.readUInt32LE(8) !== manifestVersion)
    offset = 0;
  while (offset < bytes.length || (offset === 0 && damage.length === 0)) {
    const next = decodeRecord(bytes, offset);
    if (next) {
      records.push(next.record);
      offset = next.endOffset;
      continue;
    }
    const found = findRecord(bytes, offset + 1);
    damage.push({ offset, endOffset: found ?? bytes.length, isTail: found === undefined && records.length > 0 });
    offset = found ?? bytes.length;
    if (offset === 0) break;
  }
  return { records, damage };
}

function decodeRecord(bytes: Buffer, offset: number): { record: ManifestRecord; endOffset: number } | undefined {
  if (offset + recordHeaderBytes > bytes.length || marker.compare(bytes, offset, offset + 4) !== 0) return undefined;
  if (crc32(bytes.subarray(offset, offset + 12)) !== bytes.readUInt32LE(offset + 12)) return undefined;
  const start = offset + recordHeaderBytes;
  const endOffset = start + bytes.readUInt32LE(offset + 4);
  if (endOffset > bytes.length) return undefined;
  const payload = bytes.subarray(start, endOffset);
  if (crc32(payload) !== bytes.readUInt32LE(offset + 8)) return undefined;
  return { record: JSON.parse(payload.toString()) as ManifestRecord, endOffset };
}

function findRecord(bytes: Buffer, from: number): number | undefined {
  for (let at = bytes.indexOf(marker, from); at >= 0; at = bytes.indexOf(marker, at + 1)) {
    if (decodeRecord(bytes, at)) return at;
  }
  return undefined;
}
