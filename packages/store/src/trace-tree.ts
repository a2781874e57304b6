import { SpanKind } from '@spoor/model';
import { NO_ROW } from './column-source.ts';
import type { OrderedSpans } from './ordered-spans.ts';
import type { JoinedSpans } from './span-join.ts';
import { mixWord } from './string-interner.ts';

/** Up to so many spans, a parent is looked for one by one. */
const SCAN_MAX = 12;
/** In place of a member: none. */
const NONE = 0xffff_ffff;

/**
 * Links the spans of one trace after the other into trees and writes them out in pre-order. The arrays serve every
 * trace in turn. Spans are called by their place in the trace (0 is the earliest) until they have a row.
 */
export class TraceTree {
  readonly #spans: JoinedSpans;
  readonly #order: OrderedSpans;
  readonly #parent: Uint32Array;
  readonly #firstChild: Uint32Array;
  readonly #nextSibling: Uint32Array;
  /** the walk that met the span last, for finding cycles; then its row */
  readonly #visit: Uint32Array;
  /** of a client's place: that of the server span with the same id */
  readonly #serverOf: Uint32Array;
  /** place + 1, open addressing over span ids */
  readonly #slots: Uint32Array;
  #begin = 0;
  #count = 0;

  constructor(spans: JoinedSpans, order: OrderedSpans) {
    this.#spans = spans;
    this.#order = order;
    const longest = spans.traceCount.reduce((most, count) => Math.max(most, count), 1);
    this.#parent = new Uint32Array(longest);
    this.#firstChild = new Uint32Array(longest);
    this.#nextSibling = new Uint32Array(longest);
    this.#visit = new Uint32Array(longest);
    this.#serverOf = new Uint32Array(longest);
    this.#slots = new Uint32Array(slotCount(longest));
  }

  /** Writes trace `trace` from row `row` on. @returns the row after its last */
  write(trace: number, begin: number, count: number, row: number): number {
    this.#begin = begin;
    this.#count = count;
    if (count <= SCAN_MAX) this.#linkByScan();
    else this.#linkByHash();
    this.#hangOnServers(count > SCAN_MAX);
    this.#cutCycles();
    this.#listChildren();
    const first = row;
    row = this.#writeTrees(trace, row, true);
    row = this.#writeTrees(trace, row, false);
    this.#sumSubtrees(first, row);
    return row;
  }

  #linkByScan(): void {
    const { members, spanIdHigh, spanIdLow, parentIdHigh, parentIdLow } = this.#spans;
    for (let place = 0; place < this.#count; place++) {
      const member = members[this.#begin + place];
      const high = parentIdHigh[member];
      const low = parentIdLow[member];
      this.#parent[place] = NONE;
      if (high === 0 && low === 0) continue;
      for (let other = 0; other < this.#count; other++) {
        const candidate = members[this.#begin + other];
        if (spanIdLow[candidate] !== low || spanIdHigh[candidate] !== high) continue;
        this.#parent[place] = other;
        break;
      }
    }
  }

  #linkByHash(): void {
    const { members, spanIdHigh, spanIdLow, parentIdHigh, parentIdLow } = this.#spans;
    const mask = slotCount(this.#count) - 1;
    this.#slots.fill(0, 0, mask + 1);
    for (let place = 0; place < this.#count; place++) {
      const member = members[this.#begin + place];
      const slot = this.#findSlot(spanIdHigh[member], spanIdLow[member], mask);
      // Of several spans with one id, the earliest has the children.
      if (this.#slots[slot] === 0) this.#slots[slot] = place + 1;
    }
    for (let place = 0; place < this.#count; place++) {
      const member = members[this.#begin + place];
      const high = parentIdHigh[member];
      const low = parentIdLow[member];
      const found = high === 0 && low === 0 ? 0 : this.#slots[this.#findSlot(high, low, mask)];
      this.#parent[place] = found === 0 ? NONE : found - 1;
    }
  }

  /**
   * Where a client span and a server span share one id, as Zipkin's instrumentation has it, what hangs on that id hangs on
   * the server span: it is what the server did.
   */
  #hangOnServers(isHashed: boolean): void {
    const parent = this.#parent;
    const serverOf = this.#serverOf;
    let isShared = false;
    for (let place = 0; place < this.#count; place++) {
      if (this.#kindAt(place) !== SpanKind.server) continue;
      const first = isHashed ? this.#firstByHash(place) : this.#firstByScan(place);
      if (first === place || this.#kindAt(first) !== SpanKind.client) continue;
      if (!isShared) serverOf.fill(NONE, 0, this.#count);
      isShared = true;
      if (serverOf[first] === NONE) serverOf[first] = place;
    }
    if (!isShared) return;
    for (let place = 0; place < this.#count; place++) {
      const server = parent[place] === NONE ? NONE : serverOf[parent[place]];
      if (server !== NONE && server !== place) parent[place] = server;
    }
  }

  #kindAt(place: number): number {
    const { members, tables, tableIndex, sourceRow } = this.#spans;
    const member = members[this.#begin + place];
    return tables[tableIndex[member]].kind[sourceRow[member]];
  }

  /** The earliest span with the id of the one at `place`. */
  #firstByScan(place: number): number {
    const { members, spanIdHigh, spanIdLow } = this.#spans;
    const member = members[this.#begin + place];
    for (let other = 0; other < place; other++) {
      const candidate = members[this.#begin + other];
      if (spanIdLow[candidate] === spanIdLow[member] && spanIdHigh[candidate] === spanIdHigh[member]) return other;
    }
    return place;
  }

  /** As {@link #firstByScan}, while the slots are this trace's. */
  #firstByHash(place: number): number {
    const { members, spanIdHigh, spanIdLow } = this.#spans;
    const member = members[this.#begin + place];
    return this.#slots[this.#findSlot(spanIdHigh[member], spanIdLow[member], slotCount(this.#count) - 1)] - 1;
  }

  /** The slot of a span id, or the free slot where it belongs. */
  #findSlot(high: number, low: number, mask: number): number {
    const { members, spanIdHigh, spanIdLow } = this.#spans;
    let slot = mixWord(Math.imul(high, 0x9e3779b1) ^ low) & mask;
    for (;;) {
      const entry = this.#slots[slot];
      if (entry === 0) return slot;
      const member = members[this.#begin + entry - 1];
      if (spanIdLow[member] === low && spanIdHigh[member] === high) return slot;
      slot = (slot + 1) & mask;
    }
  }

  /** Each span has one parent at most, so going up from it ends, or comes to a span of the same walk: a cycle. */
  #cutCycles(): void {
    const visit = this.#visit;
    const parent = this.#parent;
    visit.fill(0, 0, this.#count);
    for (let place = 0; place < this.#count; place++) {
      let at = place;
      while (at !== NONE && visit[at] === 0) {
        visit[at] = place + 1;
        at = parent[at]!;
      }
      if (at === NONE || visit[at] !== place + 1) continue;
      let earliest = at;
      for (let next = parent[at]; next !== at; next = parent[next]!) earliest = Math.min(earliest, next);
      parent[earliest] = NONE;
    }
  }

  #listChildren(): void {
    this.#firstChild.fill(NONE, 0, this.#count);
    for (let place = this.#count - 1; place >= 0; place--) {
      const parent = this.#parent[place];
      if (parent === NONE) continue;
      this.#nextSibling[place] = this.#firstChild[parent]!;
      this.#firstChild[parent] = place;
    }
  }

  /** Writes the trees whose top has no parent id, or those whose top has one that leads nowhere. */
  #writeTrees(trace: number, row: number, ofRoots: boolean): number {
    const { members, parentIdHigh, parentIdLow } = this.#spans;
    for (let place = 0; place < this.#count; place++) {
      if (this.#parent[place] !== NONE) continue;
      const member = members[this.#begin + place];
      const isRoot = parentIdHigh[member] === 0 && parentIdLow[member] === 0;
      if (isRoot === ofRoots) row = this.#writeTree(trace, place, row, isRoot ? 1 : 0);
    }
    return row;
  }

  /** Down to the first child, on to the next sibling, up to the parent's: no stack, however deep. */
  #writeTree(trace: number, top: number, row: number, connected: 0 | 1): number {
    const { members } = this.#spans;
    const parent = this.#parent;
    const rowOf = this.#visit;
    let depth = 0;
    let at = top;
    for (;;) {
      rowOf[at] = row;
      this.#writeRow(
        row++,
        trace,
        members[this.#begin + at],
        at === top ? NO_ROW : rowOf[parent[at]],
        depth,
        connected,
      );
      const child = this.#firstChild[at];
      if (child !== NONE) {
        at = child;
        depth++;
        continue;
      }
      while (at !== top && this.#nextSibling[at] === NONE) {
        at = parent[at]!;
        depth--;
      }
      if (at === top) return row;
      at = this.#nextSibling[at]!;
    }
  }

  #writeRow(row: number, trace: number, member: number, parentRow: number, depth: number, connected: 0 | 1): void {
    const order = this.#order;
    order.tableIndex[row] = this.#spans.tableIndex[member]!;
    order.sourceRow[row] = this.#spans.sourceRow[member]!;
    order.traceRow[row] = trace;
    order.parentRow[row] = parentRow;
    order.depth[row] = depth;
    order.connected[row] = connected;
    order.subtreeSize[row] = 1;
    if (parentRow !== NO_ROW) order.childCount[parentRow]++;
  }

  #sumSubtrees(first: number, end: number): void {
    const { parentRow, subtreeSize } = this.#order;
    for (let row = end - 1; row > first; row--) {
      const parent = parentRow[row];
      if (parent !== NO_ROW) subtreeSize[parent] += subtreeSize[row];
    }
  }
}

function slotCount(entries: number): number {
  return 2 ** (33 - Math.clz32(entries));
}
