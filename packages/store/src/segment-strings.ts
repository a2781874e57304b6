import { PageEncoder } from './dictionary-page.ts';
import { type StringSpans, sortStrings } from './dictionary-sort.ts';
import type { OrderedSpans } from './ordered-spans.ts';
import type { ChunkFileWriter } from './segment-chunk.ts';
import type { DictionaryIndex } from './segment-footer.ts';
import { DICTIONARY_PAGE_BYTES } from './segment-layout.ts';
import type { TableShapes } from './segment-shapes.ts';
import type { SpanTable } from './span-table.ts';

/** The strings of a segment, sorted bytewise; a string's code is its place. Code 0 is the empty string. */
export interface SegmentStrings {
  readonly count: number;
  /** per table: segment code of each table code that is used */
  readonly codeOf: readonly Uint32Array[];
  readonly strings: StringSpans;
  /** index in `strings` of each code */
  readonly order: Uint32Array;
}

/** Finds the strings that the rows use, and numbers them. */
export function collectStrings(ordered: OrderedSpans, tableShapes: readonly TableShapes[]): SegmentStrings {
  const { tables } = ordered;
  const used = tables.map((table) => new Uint8Array(table.counts.strings));
  if (hasAllRows(ordered)) for (const flags of used) flags.fill(1);
  else markSpans(ordered, tableShapes, used);
  const base = tables.map((_, t) => tables.slice(0, t).reduce((sum, table) => sum + table.counts.strings, 0));
  const strings = joinStrings(tables);
  let usedCount = 1; // the empty string, which a segment without tables has too
  for (const flags of used) usedCount += countOnes(flags);
  const refs = new Uint32Array(usedCount);
  let count = 1;
  for (const [t, flags] of used.entries()) count = listOnes(flags, base[t] + 1, refs, count);
  sortStrings(strings, refs);
  const codeOfRef = new Uint32Array(strings.start.length);
  const order = new Uint32Array(count);
  const codes = numberDistinct(strings, refs, codeOfRef, order);
  const codeOf = tables.map((table, t) => codeOfRef.subarray(base[t] + 1, base[t] + 1 + table.counts.strings));
  return { count: codes, codeOf, strings, order: order.slice(0, codes) };
}

export function stringBytes({ strings, order }: SegmentStrings, code: number): Uint8Array {
  return strings.bytes.subarray(strings.start[order[code]], strings.end[order[code]]);
}

/** Writes all strings, in pages of about 16 KiB. */
export async function writePages(file: ChunkFileWriter, segment: SegmentStrings): Promise<DictionaryIndex> {
  const { strings, order } = segment;
  const firstCode: number[] = [];
  const separator: Uint8Array[] = [];
  const encoder = new PageEncoder(strings);
  let first = 0;
  file.beginDirectory();
  while (first < segment.count) {
    let last = first;
    let sizeBytes = 0;
    while (last < segment.count && (last === first || sizeBytes < DICTIONARY_PAGE_BYTES)) {
      const index = order[last++];
      sizeBytes += strings.end[index] - strings.start[index] + 1;
    }
    separator.push(
      first === 0 ? new Uint8Array(0) : separatorOf(stringBytes(segment, first - 1), stringBytes(segment, first)),
    );
    encoder.encode(file.beginChunk(), order, first, last);
    file.endChunk(firstCode.length);
    firstCode.push(first);
    await file.flush();
    first = last;
  }
  firstCode.push(segment.count);
  return { firstCode: Uint32Array.from(firstCode), separator, chunks: file.endDirectory() };
}

/** All tables' strings in one buffer. String 0 is empty; table t's code c is string base(t) + c + 1. */
function joinStrings(tables: readonly SpanTable[]): StringSpans {
  const total = tables.reduce((sum, { counts }) => sum + counts.strings, 1);
  const bytes =
    tables.length === 1
      ? tables[0].stringBytes
      : new Uint8Array(tables.reduce((sum, { counts }) => sum + counts.stringBytes, 0));
  const start = new Uint32Array(total);
  const end = new Uint32Array(total);
  let at = 1;
  let shift = 0;
  for (const { counts, stringBytes: source, stringOffset } of tables) {
    if (tables.length > 1) bytes.set(source.subarray(0, counts.stringBytes), shift);
    for (let code = 0; code < counts.strings; code++, at++) {
      start[at] = shift + stringOffset[code];
      end[at] = shift + stringOffset[code + 1];
    }
    shift += counts.stringBytes;
  }
  return { bytes, start, end };
}

// The loops over all strings and rows are functions of their own: what runs once a segment is compiled while it runs, and a
// small function is compiled soon and once.

function countOnes(flags: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < flags.length; i++) count += flags[i];
  return count;
}

/** Lists where the flags are set, counted from `base`. @returns one past the last entry */
function listOnes(flags: Uint8Array, base: number, list: Uint32Array, at: number): number {
  for (let i = 0; i < flags.length; i++) if (flags[i] === 1) list[at++] = base + i;
  return at;
}

/** Gives equal ones among sorted strings one code, and each code a string. @returns how many codes */
function numberDistinct(strings: StringSpans, sorted: Uint32Array, codeOf: Uint32Array, order: Uint32Array): number {
  let codes = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (i === 0 || !isEqual(strings, sorted[i - 1], sorted[i])) order[codes++] = sorted[i]!;
    codeOf[sorted[i]] = codes - 1;
  }
  return codes;
}

/** True when every row of every table is there: nearly always, and then so is every string. */
function hasAllRows({ rowCount, tables }: OrderedSpans): boolean {
  return rowCount === tables.reduce((sum, { counts }) => sum + counts.spans, 0);
}

function markSpans(
  { rowCount, tables, tableIndex, sourceRow }: OrderedSpans,
  tableShapes: readonly TableShapes[],
  used: readonly Uint8Array[],
): void {
  const resources = tables.map((table) => new Uint8Array(table.counts.resources));
  const scopes = tables.map((table) => new Uint8Array(table.counts.scopes));
  for (let i = 0; i < rowCount; i++) {
    const t = tableIndex[i];
    const r = sourceRow[i];
    const table = tables[t];
    const flags = used[t];
    flags[table.name[r]] = 1;
    flags[table.statusMessage[r]] = 1;
    flags[table.traceState[r]] = 1;
    resources[t][table.resource[r]] = 1;
    scopes[t][table.scope[r]] = 1;
    markSet(table, tableShapes[t], flags, table.shape[r], table.valueStart[r]);
    for (let e = table.eventStart[r]; e < table.eventStart[r + 1]; e++) {
      flags[table.eventName[e]] = 1;
      markSet(table, tableShapes[t], flags, table.eventShape[e], table.eventValueStart[e]);
    }
    for (let l = table.linkStart[r]; l < table.linkStart[r + 1]; l++) {
      flags[table.linkTraceId[l]] = flags[table.linkSpanId[l]] = flags[table.linkTraceState[l]] = 1;
      markSet(table, tableShapes[t], flags, table.linkShape[l], table.linkValueStart[l]);
    }
  }
  for (const [t, table] of tables.entries()) markOwners(table, tableShapes[t], used[t], resources[t], scopes[t]);
}

function markOwners(
  table: SpanTable,
  shapes: TableShapes,
  flags: Uint8Array,
  resources: Uint8Array,
  scopes: Uint8Array,
): void {
  for (let row = 0; row < resources.length; row++) {
    if (resources[row] === 0) continue;
    flags[table.resourceSchemaUrl[row]] = flags[table.resourceEntityRefs[row]] = 1;
    markSet(table, shapes, flags, table.resourceShape[row], table.resourceValueStart[row]);
  }
  for (let row = 0; row < scopes.length; row++) {
    if (scopes[row] === 0) continue;
    flags[table.scopeName[row]] = flags[table.scopeVersion[row]] = flags[table.scopeSchemaUrl[row]] = 1;
    markSet(table, shapes, flags, table.scopeShape[row], table.scopeValueStart[row]);
  }
}

function markSet(table: SpanTable, shapes: TableShapes, flags: Uint8Array, shape: number, valueStart: number): void {
  const length = table.shapeLength[shape];
  const start = shapes.startOf(shape);
  const { isCoded, keys } = shapes;
  for (let j = 0; j < length; j++) {
    flags[keys[start + j]] = 1;
    if (isCoded[start + j] === 1) flags[table.values[valueStart + j]] = 1;
  }
}

function isEqual({ bytes, start, end }: StringSpans, a: number, b: number): boolean {
  const length = end[a] - start[a];
  if (length !== end[b] - start[b]) return false;
  for (let i = length - 1; i >= 0; i--) if (bytes[start[a] + i] !== bytes[start[b] + i]) return false;
  return true;
}

/** The shortest prefix of `next` that is after `last`. */
function separatorOf(last: Uint8Array, next: Uint8Array): Uint8Array {
  let length = 0;
  while (length < last.length && last[length] === next[length]) length++;
  return next.slice(0, length + 1);
}
