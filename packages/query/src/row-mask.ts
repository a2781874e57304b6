/** Which rows of a block (or events, or links) are meant: one byte a row, 0 or 1. */
export type RowMask = Uint8Array;

export function allRows(length: number): RowMask {
  return new Uint8Array(length).fill(1);
}

export function isEmpty(mask: RowMask): boolean {
  return !mask.includes(1);
}

/** Adds the rows of `other` to `mask`. */
export function addRows(mask: RowMask, other: RowMask): void {
  const to = wordsOf(mask);
  const from = wordsOf(other);
  for (let word = 0; word < to.length; word++) to[word] |= from[word];
  for (let i = 4 * to.length; i < mask.length; i++) mask[i] |= other[i];
}

/** The rows of `mask` that are not in `other`. */
export function withoutRows(mask: RowMask, other: RowMask): RowMask {
  const rest = new Uint8Array(mask.length);
  const to = wordsOf(rest);
  const from = wordsOf(mask);
  const less = wordsOf(other);
  for (let word = 0; word < to.length; word++) to[word] = from[word] & ~less[word];
  for (let i = 4 * to.length; i < mask.length; i++) rest[i] = mask[i] & ~other[i];
  return rest;
}

/** Takes from `mask` the rows that are not in `other`. */
export function keepRows(mask: RowMask, other: RowMask): void {
  const to = wordsOf(mask);
  const from = wordsOf(other);
  for (let word = 0; word < to.length; word++) to[word] &= from[word];
  for (let i = 4 * to.length; i < mask.length; i++) mask[i] &= other[i];
}

export function countRows(mask: RowMask): number {
  let count = 0;
  for (let i = 0; i < mask.length; i++) count += mask[i];
  return count;
}

/** Sets `flags[pointers[i]]` for each row i of the mask. Four rows that are not meant cost as much as one. */
export function flagPointers(mask: RowMask, pointers: ArrayLike<number>, flags: Uint8Array): void {
  const words = wordsOf(mask);
  for (let word = 0; word < words.length; word++) {
    if (words[word] === 0) continue;
    for (let i = 4 * word; i < 4 * word + 4; i++) flags[pointers[i]] |= mask[i];
  }
  for (let i = 4 * words.length; i < mask.length; i++) flags[pointers[i]] |= mask[i];
}

/** Whether every row is meant. */
export function isFull(mask: RowMask): boolean {
  const words = wordsOf(mask);
  for (let word = 0; word < words.length; word++) if (words[word] !== 0x0101_0101) return false;
  for (let i = 4 * words.length; i < mask.length; i++) if (mask[i] === 0) return false;
  return true;
}

/** The rows of the mask, ascending. */
export function rowsOf(mask: RowMask): Uint32Array {
  const rows = new Uint32Array(mask.length);
  const words = wordsOf(mask);
  let count = 0;
  for (let word = 0; word < words.length; word++) {
    if (words[word] === 0) continue;
    for (let i = 4 * word; i < 4 * word + 4; i++) {
      rows[count] = i;
      count += mask[i];
    }
  }
  for (let i = 4 * words.length; i < mask.length; i++) {
    rows[count] = i;
    count += mask[i];
  }
  return rows.slice(0, count);
}

/** The mask four rows at a time, less the last few. Masks are arrays of their own, so they begin at a word. */
export function wordsOf(mask: RowMask): Uint32Array {
  return new Uint32Array(mask.buffer, mask.byteOffset, mask.length >>> 2);
}
