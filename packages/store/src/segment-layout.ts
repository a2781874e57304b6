import type { AttributeLevel } from './column-source.ts';

/*
 * What lies where in a segment; `docs/format.md` draws it. The numbers are written to disk and never reused.
 *
 *     magic │ dictionary pages │ row blocks │ trace blocks │ trace id pages │ side chunks │ footer │ tail
 */

export const SEGMENT_MAGIC = 'SPOORSEG';
export const SEGMENT_VERSION = 1;
/** footer stored length u32, footer raw length u32, version u32, crc32 of footer and the three u32, magic */
export const TAIL_BYTES = 24;

/**
 * Rows a block. Twice as many save 3 % of the bytes and half of a scan's calls of zstd (5 µs each); a trace by id, which decompresses
 * the columns of its block, then costs nearly twice as much.
 */
export const BLOCK_ROWS = 8 * 1024;
/** Ids a page of the trace id index: a look-up reads one, about 4.5 KiB. */
export const TRACE_ID_PAGE = 256;
/** Bytes of strings in a dictionary page, as long as a page has more than one. */
export const DICTIONARY_PAGE_BYTES = 16 * 1024;
/** Attribute columns of a level that get columns of their own; the values of rarer ones share one. */
export const ATTRIBUTE_COLUMNS_MAX = 2000;

/** Columns of a level that rows have in common: many rows agree in all of them, so they are kept as *templates*. */
export const members = Object.freeze({
  span: Object.freeze([
    'shape',
    'name',
    'kind',
    'statusCode',
    'statusMessage',
    'traceState',
    'flags',
    'droppedAttributes',
    'droppedEvents',
    'droppedLinks',
    'resource',
    'scope',
    'eventCount',
    'linkCount',
    'depthCode',
  ] as const),
  event: Object.freeze(['shape', 'eventName', 'eventDropped'] as const),
  link: Object.freeze(['shape', 'linkTraceState', 'linkFlags', 'linkDropped'] as const),
});
export type Member = (typeof members)[AttributeLevel][number];
export const levels: readonly AttributeLevel[] = Object.freeze(['span', 'event', 'link'] as const);

/** Columns with a dictionary: blocks hold places in the sorted list of their distinct codes. */
export const codedColumns = Object.freeze([
  'name',
  'statusMessage',
  'traceState',
  'eventName',
  'linkTraceId',
  'linkSpanId',
] as const);

/** Chunks of a row block, in the order in which they are stored. A chunk that is absent is all zeros. */
export const BlockChunk = Object.freeze({
  tree: 0,
  spanId: 1,
  parentId: 2,
  start: 3,
  duration: 4,
  adjustedCount: 5,
  eventTime: 6,
  linkTraceId: 7,
  linkSpanId: 8,
  /** + level · 32 */
  template: 32,
  /** + level · 32 */
  overflow: 33,
  /** + level · 32 + member */
  member: 34,
  /** + column, counted over all levels */
  attribute: 128,
});

/** Chunks that exist once a segment. */
export const SideChunk = Object.freeze({
  resources: 0,
  scopes: 1,
  /** + level */
  shapes: 4,
  /** + level */
  templates: 8,
  /** + place in `codedColumns` */
  codedDictionary: 16,
  /** + column, counted over all levels */
  attributeDictionary: 128,
});

/** `depthCode`: 0 for a span without parent id, 1 for one whose parent row is none, else depth + 1. */
export const DepthCode = Object.freeze({ root: 0, orphan: 1 });

export function levelIndex(level: AttributeLevel): number {
  return levels.indexOf(level);
}
