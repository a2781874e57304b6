import type { Resource, Scope, Span, TraceId, UnixNano, ValueType } from '@spoor/model';

/**
 * Spans as columns, whatever holds them: the head, a segment, or a temporary table. `query` sees nothing else
 * of the store. Fetching is asynchronous (a block may lie on disk, later in an object store); what was fetched is
 * read synchronously. Everything handed out is immutable and stays valid as long as it is referenced.
 *
 * Strings are *codes*, local to the source; 0 is the empty string. Rows are grouped in blocks of `blockRows`.
 * An *ordered* source has its rows sorted by (trace start, trace id) with each trace's spans in pre-order,
 * and only it has the derived columns and {@link traces}; any source can be turned into one by {@link ordered}.
 */
export interface ColumnSource {
  readonly id: string;
  readonly rowCount: number;
  readonly traceCount: number;
  /** a power of two; the last block may be shorter */
  readonly blockRows: number;
  readonly isOrdered: boolean;
  /** smallest and largest span start */
  readonly startMin: UnixNano;
  readonly startMax: UnixNano;

  /** attribute columns of spans, events or links; one per (key, type, how-manieth occurrence of the key in a set) */
  attributeColumns(level: AttributeLevel): readonly AttributeColumn[];
  resources(): Promise<readonly Resource[]>;
  scopes(): Promise<readonly Scope[]>;
  /** Of a source that has its spans by template; `undefined` for any other. */
  templates(): Promise<SpanTemplates | undefined>;

  /** Fetches the named columns of one block. @throws {CorruptionError} when what is stored is damaged */
  block(index: number, need: ColumnNeed, signal?: AbortSignal): Promise<ColumnBlock>;

  /**
   * The column's own dictionary: blocks then hold indexes into it, and it lists the distinct source codes, ascending, which
   * is the bytewise order of their strings. `undefined` when blocks hold source codes themselves (the head).
   */
  dictionary(column: CodedColumn | AttributeColumn): Promise<Uint32Array | undefined>;
  /** Source code of a string, `undefined` when no span of this source has it anywhere. */
  findString(bytes: Uint8Array): Promise<number | undefined>;
  strings(codes: Uint32Array): Promise<readonly string[]>;
  bytes(codes: Uint32Array): Promise<readonly Uint8Array[]>;
  /** Where the strings lie that have the codes: each page once, in the order of codes. @param codes ascending */
  stringPages(codes: Uint32Array): AsyncIterable<StringPage>;
  /**
   * What `make` found out about the source when it was first asked for by this name, for as long as the cache of decoded
   * columns has room. A source without a cache, which dictionaries are not had of either, makes it anew.
   */
  remembered<T>(name: string, make: () => Promise<Remembered<T>>): Promise<T>;

  /** Rows of a trace, ascending; empty when the source has none of it. */
  findTrace(id: TraceId): Promise<Uint32Array>;
  traceIds(traceRows: Uint32Array): Promise<readonly TraceId[]>;
  /** Ordered sources only. */
  traces(): Promise<TraceColumns>;
  /** Whole spans, in the order of `rows`. Resources and scopes are shared objects. */
  spans(rows: Uint32Array): Promise<Span[]>;
  /** This source with its rows in canonical order and derived columns; itself when it is so already. */
  ordered(): Promise<ColumnSource>;
}

/** Strings with consecutive codes, back to back. */
export interface StringPage {
  readonly firstCode: number;
  readonly count: number;
  /** string `firstCode + i` is bytes [offset[i], offset[i + 1]) */
  readonly offset: Uint32Array;
  readonly bytes: Uint8Array;
}

export interface Remembered<T> {
  readonly value: T;
  readonly sizeBytes: number;
}

export type AttributeLevel = 'span' | 'event' | 'link';

export interface AttributeColumn {
  readonly level: AttributeLevel;
  readonly key: string;
  readonly type: ValueType;
  /** 0 for the first occurrence of the key within a set, 1 for a repeated key's second … */
  readonly occurrence: number;
  readonly valueCount: number;
  /** position in the source's own list */
  readonly index: number;
}

/** Columns whose blocks hold codes. */
export type CodedColumn = 'name' | 'statusMessage' | 'traceState' | 'eventName' | 'linkTraceId' | 'linkSpanId';

/**
 * One unsigned or signed 32-bit number a row, or (names beginning with `event` and `link`, the starts excepted)
 * a number for each event or link of the block.
 * `traceRow`, `resource`, `scope` index the source's tables. Times are 64-bit words in two halves.
 */
export type WordColumn =
  | CodedColumn
  | 'traceRow'
  /** only in sources with {@link ColumnSource.templates} */
  | 'template'
  | 'spanIdHigh'
  | 'spanIdLow'
  | 'parentSpanIdHigh'
  | 'parentSpanIdLow'
  | 'startLow'
  | 'startHigh'
  | 'endLow'
  | 'endHigh'
  | 'kind'
  | 'statusCode'
  | 'flags'
  | 'resource'
  | 'scope'
  /** `rowCount + 1` numbers, relative to the block: events of row r are eventStart[r] … eventStart[r+1] */
  | 'eventStart'
  | 'linkStart'
  | 'eventTimeLow'
  | 'eventTimeHigh'
  | DerivedColumn;

/** Only in ordered sources. */
export type DerivedColumn =
  /** row of the parent in this source; {@link NO_ROW} for a root, an orphan, or a span cut out of a cycle */
  | 'parentRow'
  /** 0 for a span without a parent row */
  | 'depth'
  /** spans of the subtree, the span itself included: rows [row, row + subtreeSize) */
  | 'subtreeSize'
  /** 1 when the span hangs, through parents all present, on a root (a span without parent id); else 0 */
  | 'connected'
  | 'childCount';

export const NO_ROW = 0xffff_ffff;

export type NumberColumn =
  | 'adjustedCount'
  /** nanoseconds, max(0, end − start); exact below 2^53 */
  | 'durationNano';

export interface ColumnNeed {
  readonly words?: readonly WordColumn[];
  readonly numbers?: readonly NumberColumn[];
  readonly attributes?: readonly AttributeColumn[];
  /** of which only {@link ColumnBlock.varying} is asked */
  readonly varying?: readonly AttributeColumn[];
}

export interface ColumnBlock {
  readonly firstRow: number;
  readonly rowCount: number;
  words(column: WordColumn): Uint32Array | Int32Array;
  numbers(column: NumberColumn): Float64Array;
  attribute(column: AttributeColumn): AttributeBlock;
  /** Less the rows that share the value with all rows of their template; of a source without templates all that have it. */
  varying(column: AttributeColumn): AttributeBlock;
}

/** The rows of one block that have the attribute, and its values, side by side. */
export interface AttributeBlock {
  /** relative to the block's first row (or first event or link), strictly ascending */
  readonly rows: Uint32Array;
  /** codes, when `isCoded(type)`: source codes, or dictionary indexes when the column has a dictionary */
  readonly codes: Uint32Array | undefined;
  /** numbers otherwise; a bool is 0 or 1 */
  readonly numbers: Float64Array | undefined;
}

/**
 * Spans of one operation agree in nearly all they have. A *template* is a number that spans have in common only if they agree
 * in all that is said of it here.
 */
export interface SpanTemplates {
  /** templates are below it */
  readonly count: number;
  /** By template, what blocks have for its rows; `undefined` for a column in which rows of one template may differ. */
  words(column: TemplateColumn): Uint32Array | undefined;
  /** The templates whose rows all have the attribute with one value. */
  shared(column: AttributeColumn): SharedAttribute;
  /** The templates of which some rows may have the attribute with a value of their own. */
  varying(column: AttributeColumn): readonly number[];
}

export type TemplateColumn = 'name' | 'kind' | 'statusCode' | 'statusMessage' | 'resource' | 'scope';

/** Templates and their values of an attribute, side by side. */
export interface SharedAttribute {
  readonly templates: readonly number[];
  /** source codes, when `isCoded(type)`, whatever dictionary the column has; numbers otherwise */
  readonly values: readonly number[];
}

/** One entry a trace, in trace-row order. */
export interface TraceColumns {
  readonly id: Uint32Array;
  readonly firstRow: Uint32Array;
  readonly spanCount: Uint32Array;
  readonly errorCount: Uint32Array;
  readonly startLow: Uint32Array;
  readonly startHigh: Uint32Array;
  readonly endLow: Uint32Array;
  readonly endHigh: Uint32Array;
  /** the earliest span without parent id; {@link NO_ROW} when the trace has none here */
  readonly rootRow: Uint32Array;
}
