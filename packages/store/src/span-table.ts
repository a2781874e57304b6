/**
 * The one in-memory layout of spans in this room: the head writes it (in shared memory, so that workers read it
 * without copying), a segment or several are decoded into it for merging, the segment writer reads it.
 * Structure of arrays; `counts` say how much of each array is valid. Everything a code points to is in `strings`.
 *
 *     span row ──traceRow──▶ trace row (id)          span row ──shape,valueStart──▶ attribute set
 *        ├──resource──▶ resource row ──▶ attribute set      set = shape (which keys, which types, in what order)
 *        ├──scope─────▶ scope row ─────▶ attribute set            + that many consecutive numbers in `values`
 *        ├──eventStart[row] … eventStart[row+1]──▶ event rows ──▶ attribute set
 *        └──linkStart[row]  … linkStart[row+1] ──▶ link rows ───▶ attribute set
 *
 * Shapes form a trie: shape 0 is the empty set; shape s is shape `shapeParent[s]` plus one last attribute with
 * key code `shapeKey[s]` and type `shapeType[s]`; `shapeLength[s]` is its number of attributes. A key may repeat.
 */
export interface SpanTable {
  readonly counts: SpanTableCounts;

  /** UTF-8 or binary strings, back to back; string `c` is `stringBytes[stringOffset[c], stringOffset[c+1])`. Code 0 is "". */
  readonly stringBytes: Uint8Array;
  readonly stringOffset: Uint32Array;

  readonly shapeParent: Uint32Array;
  readonly shapeKey: Uint32Array;
  readonly shapeType: Uint8Array;
  readonly shapeLength: Uint32Array;

  /** attribute values: a code, a bool as 0/1, or the number itself (see `ValueType`) */
  readonly values: Float64Array;

  readonly resourceShape: Uint32Array;
  readonly resourceValueStart: Uint32Array;
  readonly resourceSchemaUrl: Uint32Array;
  readonly resourceDropped: Uint32Array;
  readonly resourceEntityRefs: Uint32Array;

  readonly scopeShape: Uint32Array;
  readonly scopeValueStart: Uint32Array;
  readonly scopeName: Uint32Array;
  readonly scopeVersion: Uint32Array;
  readonly scopeSchemaUrl: Uint32Array;
  readonly scopeDropped: Uint32Array;

  /** four big-endian words a trace */
  readonly traceId: Uint32Array;

  readonly traceRow: Uint32Array;
  readonly spanIdHigh: Uint32Array;
  readonly spanIdLow: Uint32Array;
  readonly parentSpanIdHigh: Uint32Array;
  readonly parentSpanIdLow: Uint32Array;
  readonly startLow: Uint32Array;
  readonly startHigh: Uint32Array;
  readonly endLow: Uint32Array;
  readonly endHigh: Uint32Array;
  readonly name: Uint32Array;
  readonly kind: Int32Array;
  readonly statusCode: Int32Array;
  readonly statusMessage: Uint32Array;
  readonly traceState: Uint32Array;
  readonly flags: Uint32Array;
  readonly droppedAttributes: Uint32Array;
  readonly droppedEvents: Uint32Array;
  readonly droppedLinks: Uint32Array;
  readonly resource: Uint32Array;
  readonly scope: Uint32Array;
  readonly shape: Uint32Array;
  readonly valueStart: Uint32Array;
  /** one longer than the rows: row r's events are eventStart[r] … eventStart[r+1] */
  readonly eventStart: Uint32Array;
  readonly linkStart: Uint32Array;
  /** 1 / sampling probability; 1 when unknown */
  readonly adjustedCount: Float64Array;

  readonly eventTimeLow: Uint32Array;
  readonly eventTimeHigh: Uint32Array;
  readonly eventName: Uint32Array;
  readonly eventDropped: Uint32Array;
  readonly eventShape: Uint32Array;
  readonly eventValueStart: Uint32Array;

  /** codes of the bytes as received: a link's ids may be empty or of the wrong length */
  readonly linkTraceId: Uint32Array;
  readonly linkSpanId: Uint32Array;
  readonly linkTraceState: Uint32Array;
  readonly linkFlags: Uint32Array;
  readonly linkDropped: Uint32Array;
  readonly linkShape: Uint32Array;
  readonly linkValueStart: Uint32Array;
}

export interface SpanTableCounts {
  strings: number;
  stringBytes: number;
  shapes: number;
  values: number;
  resources: number;
  scopes: number;
  traces: number;
  spans: number;
  events: number;
  links: number;
}
