import type { ColumnSource, StringPage } from '@spoor/store';
import type { TurnTaker } from './turn-taker.ts';

/** Strings of one source, in bytewise order. */
export interface StringList {
  readonly source: ColumnSource;
  /** ascending, as are the strings */
  readonly codes: Uint32Array;
}

/**
 * Calls `visit` for the distinct strings of several lists, in bytewise order, until it says that it has enough. Pages that
 * lie behind are not read.
 * @returns whether all strings were visited
 */
export async function mergeStrings(
  lists: readonly StringList[],
  turns: TurnTaker,
  visit: (text: string) => 'more' | 'enough',
): Promise<boolean> {
  const heap: StringCursor[] = [];
  for (const list of lists) {
    const cursor = new StringCursor(list);
    if (await cursor.open()) heap.push(cursor);
  }
  for (let i = heap.length >>> 1; i >= 0; i--) siftDown(heap, i);
  let [bytes, from, to]: [Buffer, number, number] = [Buffer.alloc(0), 0, -1];
  while (heap.length > 0) {
    const first = heap[0];
    if (to < 0 || first.bytes.compare(bytes, from, to, first.from, first.to) !== 0) {
      ({ bytes, from, to } = first);
      if (visit(bytes.toString('utf8', from, to)) === 'enough') return false;
    }
    if (!first.advance()) {
      await turns.turn();
      if (!(await first.open())) {
        const last = heap.pop()!;
        if (last !== first) heap[0] = last;
      }
    }
    siftDown(heap, 0);
  }
  return true;
}

/** Walks through a list. Its string at hand is bytes [from, to). */
class StringCursor {
  readonly #codes: Uint32Array;
  readonly #pages: AsyncIterator<StringPage>;
  #page: StringPage | undefined;
  #at = 0;
  bytes: Buffer = Buffer.alloc(0);
  from = 0;
  to = 0;

  constructor({ source, codes }: StringList) {
    this.#codes = codes;
    this.#pages = source.stringPages(codes)[Symbol.asyncIterator]();
  }

  /** Fetches the next page, to stand on its first string. @returns false when there is none */
  async open(): Promise<boolean> {
    const { done, value } = await this.#pages.next();
    if (done === true) return false;
    this.#page = value;
    this.bytes = Buffer.from(value.bytes.buffer, value.bytes.byteOffset, value.bytes.byteLength);
    return this.#stand();
  }

  /** @returns false when the next string, if there is one, lies on another page */
  advance(): boolean {
    this.#at++;
    return this.#stand();
  }

  #stand(): boolean {
    const { firstCode, count, offset } = this.#page!;
    const index = this.#codes[this.#at] - firstCode;
    if (this.#at >= this.#codes.length || index >= count) return false;
    this.from = offset[index]!;
    this.to = offset[index + 1]!;
    return true;
  }
}

/** Moves the cursor at `index` down to where no cursor below it has a smaller string. */
function siftDown(heap: StringCursor[], index: number): void {
  const moved = heap[index];
  let at = index;
  for (let child = 2 * at + 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
    if (!isBefore(heap[child], moved)) break;
    heap[at] = heap[child];
    at = child;
  }
  if (at !== index) heap[at] = moved;
}

function isBefore(a: StringCursor, b: StringCursor): boolean {
  return a.bytes.compare(b.bytes, b.from, b.to, a.from, a.to) < 0;
}
