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
  for (let i = 0; i < mask.length; i++) mask[i] |= other[i];
}

/** The rows of `mask` that are not in `other`. */
export function withoutRows(mask: RowMask, other: RowMask): RowMask {
  const rest = new Uint8Array(mask.length);
  for (let i = 0; i < mask.length; i++) rest[i] = mask[i] & ~other[i];
  return rest;
}
