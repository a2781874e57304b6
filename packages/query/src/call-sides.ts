import { WordQuadrupleIndex } from './word-quadruple-index.ts';

/** What is known of one span that is a side of a call. Names are numbers of label values. */
export interface CallSide {
  /** of its service */
  name: number;
  isMessage: boolean;
  isFailed: boolean;
  durationNano: number;
  /** how many it stands for */
  count: number;
  /** what a client says of whom it calls */
  database: number;
  peer: number;
}

const messageFlag = 1;
const failedFlag = 2;
const servedFlag = 4;

/** Sides of calls as columns: some hundred thousand wait at a time, and an object for each would be the collector's work. */
class SideColumns {
  length = 0;
  name = new Int32Array(1024);
  durationNano = new Float64Array(1024);
  count = new Float64Array(1024);
  flags = new Uint8Array(1024);

  push(side: CallSide): void {
    const at = this.length++;
    if (at === this.name.length) this.#grow();
    this.name[at] = side.name;
    this.durationNano[at] = side.durationNano;
    this.count[at] = side.count;
    this.flags[at] = (side.isMessage ? messageFlag : 0) | (side.isFailed ? failedFlag : 0);
  }

  isMessage(at: number): boolean {
    return (this.flags[at] & messageFlag) !== 0;
  }

  isFailed(at: number): boolean {
    return (this.flags[at] & failedFlag) !== 0;
  }

  #grow(): void {
    const length = 2 * this.name.length;
    this.name = copied(this.name, new Int32Array(length));
    this.durationNano = copied(this.durationNano, new Float64Array(length));
    this.count = copied(this.count, new Float64Array(length));
    this.flags = copied(this.flags, new Uint8Array(length));
  }
}

/** Client sides that arrived together, found by trace and span id. Emptied, it is used again with the memory it has. */
export class ClientSides extends SideColumns {
  /** when they arrived */
  milli = 0;
  database = new Int32Array(1024);
  peer = new Int32Array(1024);
  readonly #index = new WordQuadrupleIndex();

  clear(milli: number): void {
    this.milli = milli;
    this.length = 0;
    this.#index.clear();
  }

  /** Of two with the same ids the first counts. */
  add(traceHigh: number, traceLow: number, spanHigh: number, spanLow: number, side: CallSide): void {
    const at = this.#index.add(traceHigh, traceLow, spanHigh, spanLow);
    if (at < this.length) return;
    this.push(side);
    if (at >= this.peer.length) {
      this.database = copied(this.database, new Int32Array(2 * at));
      this.peer = copied(this.peer, new Int32Array(2 * at));
    }
    this.database[at] = side.database;
    this.peer[at] = side.peer;
  }

  /** @returns its place; −1 when it is not here */
  find(traceHigh: number, traceLow: number, spanHigh: number, spanLow: number): number {
    return this.#index.find(traceHigh, traceLow, spanHigh, spanLow);
  }

  serve(at: number): void {
    this.flags[at] |= servedFlag;
  }

  isServed(at: number): boolean {
    return (this.flags[at] & servedFlag) !== 0;
  }
}

/** Server sides that wait for their client, in the order in which they arrived. */
export class ServerSides extends SideColumns {
  milli = new Float64Array(1024);
  /** of each the lower half of the trace id, then the client's span id: four words */
  words = new Uint32Array(4 * 1024);

  add(milli: number, traceHigh: number, traceLow: number, spanHigh: number, spanLow: number, side: CallSide): void {
    const at = this.length;
    this.push(side);
    if (at === this.milli.length) {
      this.milli = copied(this.milli, new Float64Array(2 * at));
      this.words = copied(this.words, new Uint32Array(8 * at));
    }
    this.milli[at] = milli;
    this.words[4 * at] = traceHigh;
    this.words[4 * at + 1] = traceLow;
    this.words[4 * at + 2] = spanHigh;
    this.words[4 * at + 3] = spanLow;
  }

  /** Which of the batches has its client is told by `find`. */
  placeIn(clients: ClientSides, at: number): number {
    const { words } = this;
    return clients.find(words[4 * at], words[4 * at + 1], words[4 * at + 2], words[4 * at + 3]);
  }

  /** Puts one in the place of an earlier one. */
  move(from: number, to: number): void {
    if (from === to) return;
    for (const column of [this.name, this.durationNano, this.count, this.flags, this.milli]) column[to] = column[from];
    this.words.copyWithin(4 * to, 4 * from, 4 * from + 4);
  }
}

function copied<T extends Int32Array | Uint32Array | Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
