/** Ranges up to this are sorted by insertion: most traces are no longer. */
const RUN = 24;

/**
 * Sorts items [begin, end) in place, stably, by a strict order. `Uint32Array.prototype.sort` with a comparison
 * copies to an ordinary array and back, which costs more than sorting a short trace.
 *
 * @param scratch  as long as `items`; its contents are lost
 */
export function sortRange(
  items: Uint32Array,
  begin: number,
  end: number,
  before: (a: number, b: number) => boolean,
  scratch: Uint32Array,
): void {
  for (let run = begin; run < end; run += RUN) sortRun(items, run, Math.min(run + RUN, end), before);
  for (let width = RUN; width < end - begin; width *= 2) {
    for (let left = begin; left + width < end; left += 2 * width) {
      merge(items, left, left + width, Math.min(left + 2 * width, end), before, scratch);
    }
  }
}

function sortRun(items: Uint32Array, begin: number, end: number, before: (a: number, b: number) => boolean): void {
  for (let i = begin + 1; i < end; i++) {
    const item = items[i];
    let to = i;
    while (to > begin && before(item, items[to - 1])) {
      items[to] = items[to - 1]!;
      to--;
    }
    items[to] = item;
  }
}

function merge(
  items: Uint32Array,
  left: number,
  middle: number,
  end: number,
  before: (a: number, b: number) => boolean,
  scratch: Uint32Array,
): void {
  // What arrives is mostly in order of time already.
  if (!before(items[middle], items[middle - 1])) return;
  scratch.set(items.subarray(left, middle), left);
  let a = left;
  let b = middle;
  let to = left;
  while (a < middle && b < end) items[to++] = before(items[b], scratch[a]) ? items[b++] : scratch[a++];
  while (a < middle) items[to++] = scratch[a++]!;
}
