import type { SpanTable, SpanTableCounts } from './span-table.ts';

/**
 * The arrays of one head generation: a {@link SpanTable} without its counts, plus the indexes that find a string
 * or a trace in it. All are views of one SharedArrayBuffer, so that posting the object to a worker shares it.
 * One thread writes; readers look only at what the counts they were given cover, which never changes again
 * (except `sealedVersion`, which is set once).
 */
export interface HeadBuffers extends Omit<SpanTable, 'counts'> {
  readonly capacity: HeadCapacity;
  /** Mixed into every hash of this head, so that colliding keys cannot be prepared in advance. */
  readonly hashSeed: number;
  /**
   * Hashes of strings to codes, each four times the one before; which one counts follows from the number of strings
   * ({@link stringLevelOf}). Pairs (hash, code + 1), open addressing; 0 as second word is a free slot.
   */
  readonly stringSlots: readonly Uint32Array[];
  /** shape + 1, open addressing over (parent, key, type) */
  readonly shapeSlots: Uint32Array;
  /** trace row + 1, open addressing over the id words */
  readonly traceSlots: Uint32Array;
  /** per trace: its newest row + 1 */
  readonly traceLastRow: Uint32Array;
  /** per row: the row before it of the same trace + 1; 0 for the first */
  readonly previousRowOfTrace: Uint32Array;
  /** per row: the version of the publication whose segments hold it; 0 while only the head has it */
  readonly sealedVersion: Uint32Array;
}

/** How much fits. Nothing grows: growable shared memory is 50 times slower, and untouched pages cost nothing. */
export type HeadCapacity = Readonly<SpanTableCounts>;

/** Of the smallest hash of strings, at most. */
const FIRST_STRING_SLOTS = 32 * 1024;

/** Spans of an ordinary generation: some seconds of a busy machine, and a seal of about a second. */
const DEFAULT_SPANS = 512 * 1024;

/**
 * Room for `spans` spans of a usual kind (16 attributes, three new strings of 80 bytes each), and as many
 * traces, events and links. Whichever runs out first ends the generation.
 */
export function headCapacity(spans: number = DEFAULT_SPANS): HeadCapacity {
  return {
    strings: 3 * spans + 1024,
    stringBytes: 256 * spans + 64 * 1024,
    shapes: (spans >>> 2) + 4096,
    values: 16 * spans + 4096,
    resources: (spans >>> 4) + 256,
    scopes: (spans >>> 4) + 256,
    traces: spans,
    spans,
    events: spans + 4096,
    links: spans + 4096,
  };
}

/**
 * Room for any request of that many bytes in an otherwise empty head: each bound is the size of the smallest
 * message that adds one more of the kind (a span 28 bytes with its ids, an empty attribute or event 2).
 * Never below the default.
 */
export function headCapacityForRequest(requestBytes: number): HeadCapacity {
  const usual = headCapacity();
  const atLeast = (usually: number, bytesEach: number) => Math.max(usually, Math.ceil(requestBytes / bytesEach) + 1024);
  return {
    strings: atLeast(usual.strings, 3),
    stringBytes: atLeast(usual.stringBytes, 1),
    shapes: atLeast(usual.shapes, 4),
    values: atLeast(usual.values, 2),
    resources: atLeast(usual.resources, 4),
    scopes: atLeast(usual.scopes, 4),
    traces: atLeast(usual.traces, 28),
    spans: atLeast(usual.spans, 28),
    events: atLeast(usual.events, 2),
    links: atLeast(usual.links, 2),
  };
}

/**
 * Reserves address space for one generation; pages are committed as they are written.
 * @throws {RangeError} when there is not even the address space
 */
export function allocateHeadBuffers(capacity: HeadCapacity = headCapacity(), hashSeed = randomSeed()): HeadBuffers {
  // Two passes over the same list: the first adds up the bytes, the second cuts the views.
  const sizing = new Carver(undefined);
  carve(sizing, capacity, hashSeed);
  return carve(new Carver(new SharedArrayBuffer(sizing.byteLength)), capacity, hashSeed);
}

/** Bytes of the arrays that `counts` cover. Of the hashes, each entry is taken to have touched a page of its own. */
export function headBytesInUse(buffers: HeadBuffers, counts: SpanTableCounts): number {
  return (
    counts.stringBytes +
    4 * counts.strings +
    13 * counts.shapes +
    8 * counts.values +
    20 * counts.resources +
    24 * counts.scopes +
    20 * counts.traces +
    108 * counts.spans +
    24 * counts.events +
    28 * counts.links +
    stringSlotBytes(buffers, counts.strings) +
    Math.min(buffers.shapeSlots.byteLength, 4096 * counts.shapes) +
    Math.min(buffers.traceSlots.byteLength, 4096 * counts.traces)
  );
}

/** The hash that holds the first `count` strings of a head, for its writer and for readers that know of so many. */
export function stringLevelOf(slots: readonly Uint32Array[], count: number): number {
  let level = 0;
  while (level + 1 < slots.length && count > entriesMax(slots[level].length / 2)) level++;
  return level;
}

/** So many entries fill a hash to four fifths. */
export function entriesMax(slotCount: number): number {
  return Math.floor(0.8 * slotCount);
}

function stringSlotBytes({ stringSlots }: HeadBuffers, count: number): number {
  let bytes = 0;
  for (let level = stringLevelOf(stringSlots, count); level >= 0; level--)
    bytes += Math.min(stringSlots[level].byteLength, 4096 * count);
  return bytes;
}

function carve(cut: Carver, capacity: HeadCapacity, hashSeed: number): HeadBuffers {
  return {
    capacity,
    hashSeed,
    ...carveSpans(cut, capacity),
    ...carveEventsAndLinks(cut, capacity),
    ...carveTables(cut, capacity),
    stringSlots: stringSlotCounts(capacity.strings).map((count) => cut.words(2 * count)),
    shapeSlots: cut.words(slotCount(capacity.shapes)),
    traceSlots: cut.words(slotCount(capacity.traces)),
  };
}

function carveSpans(cut: Carver, { spans, traces, values }: HeadCapacity) {
  return {
    values: cut.doubles(values),
    adjustedCount: cut.doubles(spans),
    traceId: cut.words(4 * traces),
    traceLastRow: cut.words(traces),
    previousRowOfTrace: cut.words(spans),
    sealedVersion: cut.words(spans),
    traceRow: cut.words(spans),
    spanIdHigh: cut.words(spans),
    spanIdLow: cut.words(spans),
    parentSpanIdHigh: cut.words(spans),
    parentSpanIdLow: cut.words(spans),
    startLow: cut.words(spans),
    startHigh: cut.words(spans),
    endLow: cut.words(spans),
    endHigh: cut.words(spans),
    name: cut.words(spans),
    kind: cut.integers(spans),
    statusCode: cut.integers(spans),
    statusMessage: cut.words(spans),
    traceState: cut.words(spans),
    flags: cut.words(spans),
    droppedAttributes: cut.words(spans),
    droppedEvents: cut.words(spans),
    droppedLinks: cut.words(spans),
    resource: cut.words(spans),
    scope: cut.words(spans),
    shape: cut.words(spans),
    valueStart: cut.words(spans),
    eventStart: cut.words(spans + 1),
    linkStart: cut.words(spans + 1),
  };
}

function carveEventsAndLinks(cut: Carver, { events, links }: HeadCapacity) {
  return {
    eventTimeLow: cut.words(events),
    eventTimeHigh: cut.words(events),
    eventName: cut.words(events),
    eventDropped: cut.words(events),
    eventShape: cut.words(events),
    eventValueStart: cut.words(events),
    linkTraceId: cut.words(links),
    linkSpanId: cut.words(links),
    linkTraceState: cut.words(links),
    linkFlags: cut.words(links),
    linkDropped: cut.words(links),
    linkShape: cut.words(links),
    linkValueStart: cut.words(links),
  };
}

function carveTables(cut: Carver, { strings, stringBytes, shapes, resources, scopes }: HeadCapacity) {
  return {
    stringBytes: cut.bytes(stringBytes),
    stringOffset: cut.words(strings + 1),
    shapeParent: cut.words(shapes),
    shapeKey: cut.words(shapes),
    shapeType: cut.bytes(shapes),
    shapeLength: cut.words(shapes),
    resourceShape: cut.words(resources),
    resourceValueStart: cut.words(resources),
    resourceSchemaUrl: cut.words(resources),
    resourceDropped: cut.words(resources),
    resourceEntityRefs: cut.words(resources),
    scopeShape: cut.words(scopes),
    scopeValueStart: cut.words(scopes),
    scopeName: cut.words(scopes),
    scopeVersion: cut.words(scopes),
    scopeSchemaUrl: cut.words(scopes),
    scopeDropped: cut.words(scopes),
  };
}

/**
 * A power of two that the entries fill to four fifths at most. Not more: every page of a hash is touched soon, and the
 * first touch of a page costs as much as forty lookups.
 */
function slotCount(entries: number): number {
  return 2 ** Math.ceil(Math.log2(1.25 * Math.max(entries, 8)));
}

/**
 * Most heads have a tenth of the strings there is room for, and a hash for all of them is touched whole: 17 MB a head,
 * where the small ones take 1.3, and fit into a cache.
 */
function stringSlotCounts(strings: number): readonly number[] {
  const last = slotCount(strings);
  const counts = [last];
  while (counts[0] > FIRST_STRING_SLOTS) counts.unshift(counts[0] / 4);
  return counts;
}

function randomSeed(): number {
  return (Math.random() * 2 ** 32) >>> 0;
}

/**
 * Cuts one buffer into views. Each starts three cache lines further into its page than the one before: a span is
 * written to some thirty columns at once, and columns of equal size at equal page offsets would fight for the
 * same few ways of the first-level cache.
 */
class Carver {
  byteLength = 0;
  readonly #buffer: SharedArrayBuffer | undefined;

  constructor(buffer: SharedArrayBuffer | undefined) {
    this.#buffer = buffer;
  }

  words(length: number): Uint32Array {
    const at = this.#take(4 * length);
    return this.#buffer === undefined ? EMPTY_WORDS : new Uint32Array(this.#buffer, at, length);
  }

  integers(length: number): Int32Array {
    const at = this.#take(4 * length);
    return this.#buffer === undefined ? EMPTY_INTEGERS : new Int32Array(this.#buffer, at, length);
  }

  doubles(length: number): Float64Array {
    const at = this.#take(8 * length);
    return this.#buffer === undefined ? EMPTY_DOUBLES : new Float64Array(this.#buffer, at, length);
  }

  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#buffer === undefined ? EMPTY_BYTES : new Uint8Array(this.#buffer, at, length);
  }

  #take(byteLength: number): number {
    const at = this.byteLength;
    this.byteLength = Math.ceil((at + byteLength + 192) / 64) * 64;
    return at;
  }
}

const EMPTY_WORDS = new Uint32Array(0);
const EMPTY_INTEGERS = new Int32Array(0);
const EMPTY_DOUBLES = new Float64Array(0);
const EMPTY_BYTES = new Uint8Array(0);
