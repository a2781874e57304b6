import {
  type SpanDraft,
  type SpanSink,
  type UnixNano,
  ValueType,
  adjustedCountFromSampler,
  adjustedCountFromTraceState,
  unixNanoFromWords,
} from '@spoor/model';
import { HeadFullError } from './head-full-error.ts';
import { type HeadBuffers, headBytesInUse } from './head-buffers.ts';
import { SetInterner } from './set-interner.ts';
import { ShapeTrie } from './shape-trie.ts';
import type { SpanTable, SpanTableCounts } from './span-table.ts';
import { StringInterner } from './string-interner.ts';
import { TraceIndex, findTraceRow } from './trace-index.ts';

/** How far a head had come; plain data. {@link Head.rollback} goes back to it. */
export interface HeadMark {
  readonly counts: Readonly<SpanTableCounts>;
  readonly arrivals: number;
  readonly startMinLow: number;
  readonly startMinHigh: number;
  readonly startMaxLow: number;
  readonly startMaxHigh: number;
}

const TRACE_STATES_KEPT = 10_000;
/** Codes of the two keys that carry a sampling probability, interned before anything else. */
const SAMPLER_TYPE_KEY = 1;
const SAMPLER_PARAM_KEY = 2;

/**
 * The writer of one head generation: decoders push spans into it, straight into shared columns. Single-threaded.
 * Whoever drives it takes a {@link mark} before each request and rolls back to it when the request fails; readers
 * on other threads are given {@link HeadBuffers} and a copy of the counts, and see only what these cover.
 *
 * Every pushing call may throw {@link HeadFullError}.
 */
export class Head implements SpanSink {
  readonly buffers: HeadBuffers;
  /** live: grows with every push. Copy before handing it on ({@link countsNow}). */
  readonly counts: SpanTableCounts;
  /** the layout with the live counts, for whoever reads the head on the writer's own thread */
  readonly table: SpanTable;
  /** when the request being pushed arrived, milliseconds since the epoch; set it before each request */
  arrivalMilli = 0;

  readonly #strings: StringInterner;
  readonly #shapes: ShapeTrie;
  readonly #traces: TraceIndex;
  readonly #resources: SetInterner;
  readonly #scopes: SetInterner;

  // The open set: its shape, and where its values start.
  #openShape = 0;
  #openStart = 0;
  // The next span's set, and the resource and scope it belongs to.
  #spanShape = 0;
  #spanValueStart = 0;
  #resource = 0;
  #scope = 0;

  #startMinLow = 0xffff_ffff;
  #startMinHigh = 0xffff_ffff;
  #startMaxLow = 0;
  #startMaxHigh = 0;

  /** rows from `#arrivalRow[i]` up to the next entry's arrived at `#arrivalMilli[i]` */
  readonly #arrivalRow: Uint32Array;
  readonly #arrivalMilli: Float64Array;
  #arrivals = 0;

  readonly #countOfTraceState = new Map<number, number>();
  readonly #samplers = new Map<number, SamplerPlaces | undefined>();
  /** keys `sampler.type` seen so far in any set: while there are none, no span needs a look */
  #samplerKeysUsed = false;

  constructor(buffers: HeadBuffers) {
    this.buffers = buffers;
    const counts = emptyCounts();
    this.counts = counts;
    this.table = { ...buffers, counts };
    this.#strings = new StringInterner(buffers, counts);
    this.#shapes = new ShapeTrie(buffers, counts);
    this.#traces = new TraceIndex(buffers, counts);
    const { capacity, values, shapeLength } = buffers;
    this.#resources = new SetInterner(capacity.resources, values, shapeLength, [
      buffers.resourceShape,
      buffers.resourceValueStart,
      buffers.resourceSchemaUrl,
      buffers.resourceDropped,
      buffers.resourceEntityRefs,
    ]);
    this.#scopes = new SetInterner(capacity.scopes, values, shapeLength, [
      buffers.scopeShape,
      buffers.scopeValueStart,
      buffers.scopeName,
      buffers.scopeVersion,
      buffers.scopeSchemaUrl,
      buffers.scopeDropped,
    ]);
    this.#arrivalRow = new Uint32Array(capacity.spans);
    this.#arrivalMilli = new Float64Array(capacity.spans);
    internAscii(this.#strings, 'sampler.type', SAMPLER_TYPE_KEY);
    internAscii(this.#strings, 'sampler.param', SAMPLER_PARAM_KEY);
  }

  intern(bytes: Uint8Array, start: number, end: number): number {
    return this.#strings.intern(bytes, start, end);
  }

  attribute(keyCode: number, type: ValueType, value: number): void {
    if (keyCode === SAMPLER_PARAM_KEY) this.#samplerKeysUsed = true;
    this.#openShape = this.#shapes.step(this.#openShape, keyCode, type);
    // Past the end the store is ignored; taking the set then finds the count too large.
    this.buffers.values[this.counts.values++] = value;
  }

  endResource(schemaUrlCode: number, droppedAttributesCount: number, entityRefsCode: number): void {
    const { buffers, counts } = this;
    const row = counts.resources;
    if (row >= buffers.capacity.resources) throw new HeadFullError('resources');
    const start = this.#openStart;
    buffers.resourceShape[row] = this.#takeSet();
    buffers.resourceValueStart[row] = start;
    buffers.resourceSchemaUrl[row] = schemaUrlCode;
    buffers.resourceDropped[row] = droppedAttributesCount;
    buffers.resourceEntityRefs[row] = entityRefsCode;
    this.#resource = this.#resources.intern(row);
    if (this.#resource === row) counts.resources = row + 1;
    else this.#openStart = counts.values = start;
  }

  endScope(nameCode: number, versionCode: number, schemaUrlCode: number, droppedAttributesCount: number): void {
    const { buffers, counts } = this;
    const row = counts.scopes;
    if (row >= buffers.capacity.scopes) throw new HeadFullError('scopes');
    const start = this.#openStart;
    buffers.scopeShape[row] = this.#takeSet();
    buffers.scopeValueStart[row] = start;
    buffers.scopeName[row] = nameCode;
    buffers.scopeVersion[row] = versionCode;
    buffers.scopeSchemaUrl[row] = schemaUrlCode;
    buffers.scopeDropped[row] = droppedAttributesCount;
    this.#scope = this.#scopes.intern(row);
    if (this.#scope === row) counts.scopes = row + 1;
    else this.#openStart = counts.values = start;
  }

  endAttributes(): void {
    this.#spanValueStart = this.#openStart;
    this.#spanShape = this.#takeSet();
  }

  endEvent(nameCode: number, timeLow: number, timeHigh: number, droppedAttributesCount: number): void {
    const { buffers, counts } = this;
    const row = counts.events;
    if (row >= buffers.capacity.events) throw new HeadFullError('events');
    buffers.eventValueStart[row] = this.#openStart;
    buffers.eventShape[row] = this.#takeSet();
    buffers.eventName[row] = nameCode;
    buffers.eventTimeLow[row] = timeLow;
    buffers.eventTimeHigh[row] = timeHigh;
    buffers.eventDropped[row] = droppedAttributesCount;
    counts.events = row + 1;
  }

  endLink(
    traceIdCode: number,
    spanIdCode: number,
    traceStateCode: number,
    flags: number,
    droppedAttributesCount: number,
  ): void {
    const { buffers, counts } = this;
    const row = counts.links;
    if (row >= buffers.capacity.links) throw new HeadFullError('links');
    buffers.linkValueStart[row] = this.#openStart;
    buffers.linkShape[row] = this.#takeSet();
    buffers.linkTraceId[row] = traceIdCode;
    buffers.linkSpanId[row] = spanIdCode;
    buffers.linkTraceState[row] = traceStateCode;
    buffers.linkFlags[row] = flags;
    buffers.linkDropped[row] = droppedAttributesCount;
    counts.links = row + 1;
  }

  endSpan(draft: SpanDraft): void {
    const { buffers, counts } = this;
    const row = counts.spans;
    if (row >= buffers.capacity.spans) throw new HeadFullError('spans');
    const trace = this.#traces.rowOf(draft.traceId0, draft.traceId1, draft.traceId2, draft.traceId3);
    this.#writeDraft(row, draft);
    buffers.traceRow[row] = trace;
    buffers.previousRowOfTrace[row] = buffers.traceLastRow[trace]!;
    buffers.traceLastRow[trace] = row + 1;
    buffers.resource[row] = this.#resource;
    buffers.scope[row] = this.#scope;
    buffers.shape[row] = this.#spanShape;
    buffers.valueStart[row] = this.#spanValueStart;
    buffers.eventStart[row + 1] = counts.events;
    buffers.linkStart[row + 1] = counts.links;
    buffers.adjustedCount[row] =
      draft.traceStateCode !== 0 || this.#samplerKeysUsed ? this.#adjustedCount(draft.traceStateCode) : 1;
    this.#widenStart(draft.startLow, draft.startHigh);
    if (this.#arrivals === 0 || this.#arrivalMilli[this.#arrivals - 1] !== this.arrivalMilli) {
      this.#arrivalRow[this.#arrivals] = row;
      this.#arrivalMilli[this.#arrivals++] = this.arrivalMilli;
    }
    this.#spanShape = 0;
    this.#spanValueStart = this.#openStart;
    counts.spans = row + 1;
  }

  mark(): HeadMark {
    return {
      counts: this.countsNow(),
      arrivals: this.#arrivals,
      startMinLow: this.#startMinLow,
      startMinHigh: this.#startMinHigh,
      startMaxLow: this.#startMaxLow,
      startMaxHigh: this.#startMaxHigh,
    };
  }

  /** Takes back everything pushed since the mark, an open set included. Marks taken after this one become void. */
  rollback(mark: HeadMark): void {
    const { buffers, counts } = this;
    for (let row = counts.spans - 1; row >= mark.counts.spans; row--) {
      buffers.traceLastRow[buffers.traceRow[row]] = buffers.previousRowOfTrace[row]!;
      buffers.sealedVersion[row] = 0;
    }
    this.#resources.truncate(counts.resources, mark.counts.resources);
    this.#scopes.truncate(counts.scopes, mark.counts.scopes);
    this.#traces.truncate(mark.counts.traces);
    this.#shapes.truncate(mark.counts.shapes);
    this.#strings.truncate(mark.counts.strings);
    Object.assign(counts, mark.counts);
    this.#openShape = this.#spanShape = 0;
    this.#openStart = this.#spanValueStart = counts.values;
    this.#arrivals = mark.arrivals;
    this.#startMinLow = mark.startMinLow;
    this.#startMinHigh = mark.startMinHigh;
    this.#startMaxLow = mark.startMaxLow;
    this.#startMaxHigh = mark.startMaxHigh;
    // Their codes and shapes may come to mean something else.
    this.#countOfTraceState.clear();
    this.#samplers.clear();
  }

  /** A copy of the counts. The end of a request: what the interner still held of its body is let go. */
  countsNow(): SpanTableCounts {
    this.#strings.releaseInput();
    return { ...this.counts };
  }

  /** Smallest and largest span start; with no span yet, the largest and the smallest time there is. */
  get startMin(): UnixNano {
    return unixNanoFromWords(this.#startMinLow, this.#startMinHigh);
  }

  get startMax(): UnixNano {
    return unixNanoFromWords(this.#startMaxLow, this.#startMaxHigh);
  }

  /** Bytes of shared memory written so far. */
  get memoryBytes(): number {
    return headBytesInUse(this.buffers, this.counts);
  }

  /** Row of the trace with these four big-endian id words, −1 when there is none. */
  findTrace(id: Uint32Array): number {
    return findTraceRow(this.buffers, this.counts.traces, id);
  }

  /** When the newest span of a trace arrived, milliseconds since the epoch. */
  traceArrivalMilli(trace: number): number {
    return this.rowArrivalMilli(this.buffers.traceLastRow[trace] - 1);
  }

  rowArrivalMilli(row: number): number {
    let low = 0;
    let high = this.#arrivals;
    while (low + 1 < high) {
      const middle = (low + high) >>> 1;
      if (this.#arrivalRow[middle] <= row) low = middle;
      else high = middle;
    }
    return this.#arrivalMilli[low];
  }

  /** Ends the open set. @returns its shape */
  #takeSet(): number {
    const { values } = this.counts;
    if (values > this.buffers.capacity.values) throw new HeadFullError('values');
    const shape = this.#openShape;
    this.#openShape = 0;
    this.#openStart = values;
    return shape;
  }

  #writeDraft(row: number, draft: SpanDraft): void {
    const { buffers } = this;
    buffers.spanIdHigh[row] = draft.spanIdHigh;
    buffers.spanIdLow[row] = draft.spanIdLow;
    buffers.parentSpanIdHigh[row] = draft.parentSpanIdHigh;
    buffers.parentSpanIdLow[row] = draft.parentSpanIdLow;
    buffers.startLow[row] = draft.startLow;
    buffers.startHigh[row] = draft.startHigh;
    buffers.endLow[row] = draft.endLow;
    buffers.endHigh[row] = draft.endHigh;
    buffers.name[row] = draft.nameCode;
    buffers.kind[row] = draft.kind;
    buffers.statusCode[row] = draft.statusCode;
    buffers.statusMessage[row] = draft.statusMessageCode;
    buffers.traceState[row] = draft.traceStateCode;
    buffers.flags[row] = draft.flags;
    buffers.droppedAttributes[row] = draft.droppedAttributesCount;
    buffers.droppedEvents[row] = draft.droppedEventsCount;
    buffers.droppedLinks[row] = draft.droppedLinksCount;
  }

  #widenStart(low: number, high: number): void {
    low >>>= 0;
    high >>>= 0;
    if (high < this.#startMinHigh || (high === this.#startMinHigh && low < this.#startMinLow)) {
      this.#startMinLow = low;
      this.#startMinHigh = high;
    }
    if (high > this.#startMaxHigh || (high === this.#startMaxHigh && low > this.#startMaxLow)) {
      this.#startMaxLow = low;
      this.#startMaxHigh = high;
    }
  }

  /** The trace state's word counts before the sampler's: it travels with the trace, the other sits on one span. */
  #adjustedCount(traceStateCode: number): number {
    if (traceStateCode !== 0) {
      let count = this.#countOfTraceState.get(traceStateCode);
      if (count === undefined) {
        count = adjustedCountFromTraceState(this.#text(traceStateCode));
        // Where each trace has a state of its own, remembering all would only cost memory.
        if (this.#countOfTraceState.size === TRACE_STATES_KEPT) this.#countOfTraceState.clear();
        this.#countOfTraceState.set(traceStateCode, count);
      }
      if (count !== 1) return count;
    }
    return this.#samplerKeysUsed ? this.#adjustedCountOfSampler() : 1;
  }

  #adjustedCountOfSampler(): number {
    const shape = this.#spanShape;
    let places = this.#samplers.get(shape);
    if (places === undefined && !this.#samplers.has(shape)) {
      places = this.#samplerPlaces(shape);
      this.#samplers.set(shape, places);
    }
    if (places === undefined) return 1;
    const { values } = this.buffers;
    const type = this.#text(values[this.#spanValueStart + places.type]);
    return adjustedCountFromSampler(type, values[this.#spanValueStart + places.param]);
  }

  #samplerPlaces(shape: number): SamplerPlaces | undefined {
    const { shapeParent, shapeKey, shapeType, shapeLength } = this.buffers;
    let type = -1;
    let param = -1;
    for (let at = shape; at !== 0; at = shapeParent[at]!) {
      const valueType = shapeType[at];
      if (shapeKey[at] === SAMPLER_TYPE_KEY && valueType === ValueType.string) type = shapeLength[at] - 1;
      const isNumber = valueType === ValueType.double || valueType === ValueType.int;
      if (shapeKey[at] === SAMPLER_PARAM_KEY && isNumber) param = shapeLength[at] - 1;
    }
    return type < 0 || param < 0 ? undefined : { type, param };
  }

  #text(code: number): string {
    const { stringBytes, stringOffset } = this.buffers;
    return Buffer.from(stringBytes.subarray(stringOffset[code], stringOffset[code + 1])).toString();
  }
}

/** Where in a set the two sampler attributes stand. */
interface SamplerPlaces {
  readonly type: number;
  readonly param: number;
}

/** String 0 (the empty one) and shape 0 exist from the start. */
function emptyCounts(): SpanTableCounts {
  return {
    strings: 1,
    stringBytes: 0,
    shapes: 1,
    values: 0,
    resources: 0,
    scopes: 0,
    traces: 0,
    spans: 0,
    events: 0,
    links: 0,
  };
}

function internAscii(strings: StringInterner, text: string, expectedCode: number): void {
  const bytes = Buffer.from(text);
  if (strings.intern(bytes, 0, bytes.length) !== expectedCode) throw new Error(`${text} has its code taken`);
}
