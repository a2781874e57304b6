/**
 * Which rows of a template have values of their own, by column. Columns that vary in the same templates do so in the same
 * rows: they share a *set*, of which there are far fewer than columns.
 */
export interface VaryingSets {
  readonly count: number;
  /** by column of the level */
  readonly setOf: Uint32Array;
  /** sets of template t: set[start[t]] … set[start[t + 1]] */
  readonly start: Uint32Array;
  readonly set: Uint32Array;
}

/** @param varying  by column, the templates in which it varies */
export function varyingSets(varying: readonly (readonly number[])[], templateCount: number): VaryingSets {
  const setOfTemplates = new Map<string, number>();
  const setsOf: number[][] = Array.from({ length: templateCount }, () => []);
  const setOf = new Uint32Array(varying.length);
  for (const [column, ofColumn] of varying.entries()) {
    const name = ofColumn.join();
    let set = setOfTemplates.get(name);
    if (set === undefined) {
      setOfTemplates.set(name, (set = setOfTemplates.size));
      for (const template of ofColumn) setsOf[template].push(set);
    }
    setOf[column] = set;
  }
  const start = new Uint32Array(templateCount + 1);
  for (const [template, sets] of setsOf.entries()) start[template + 1] = start[template] + sets.length;
  return { count: setOfTemplates.size, setOf, start, set: Uint32Array.from(setsOf.flat()) };
}

/** Rows, ascending, of set s: rows[start[s]] … rows[start[s + 1]]. */
export interface SetRows {
  readonly sets: VaryingSets;
  readonly start: Uint32Array;
  readonly rows: Uint32Array;
}

/**
 * The rows of a block by set.
 * @param template  of each row
 * @param columns  only their sets have rows
 */
export function rowsBySet(all: VaryingSets, template: Uint32Array, columns: readonly number[]): SetRows {
  const rowsOfTemplate = new Uint32Array(all.start.length - 1);
  for (let row = 0; row < template.length; row++) rowsOfTemplate[template[row]]++;
  const { start, set } = setsThatOccur(all, rowsOfTemplate, columns);
  const first = new Uint32Array(all.count + 1);
  for (let t = 0; t < rowsOfTemplate.length; t++) {
    for (let i = start[t]; i < start[t + 1]; i++) first[set[i] + 1] += rowsOfTemplate[t];
  }
  for (let s = 0; s < all.count; s++) first[s + 1] += first[s];
  const next = first.slice();
  const rows = new Uint32Array(first[all.count]);
  for (let row = 0; row < template.length; row++) {
    const t = template[row];
    const end = start[t + 1];
    for (let i = start[t]; i < end; i++) {
      const s = set[i];
      rows[next[s]] = row;
      next[s]++;
    }
  }
  return { sets: all, start: first, rows };
}

/** Of each template that has rows, those of its sets that are some column's. */
function setsThatOccur(
  { count, setOf, start, set }: VaryingSets,
  rowsOfTemplate: Uint32Array,
  columns: readonly number[],
): Pick<VaryingSets, 'start' | 'set'> {
  const isNeeded = new Uint8Array(count);
  for (const column of columns) isNeeded[setOf[column]] = 1;
  const kept = { start: new Uint32Array(start.length), set: new Uint32Array(set.length) };
  let length = 0;
  for (let t = 0; t < rowsOfTemplate.length; t++) {
    if (rowsOfTemplate[t] > 0) {
      for (let i = start[t]; i < start[t + 1]; i++) if (isNeeded[set[i]] === 1) kept.set[length++] = set[i]!;
    }
    kept.start[t + 1] = length;
  }
  return kept;
}
