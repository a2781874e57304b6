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

/** The rows of a block by set. @param template  of each row */
export function rowsBySet(sets: VaryingSets, template: Uint32Array): SetRows {
  const { count, start, set } = sets;
  const rowsOfTemplate = new Uint32Array(start.length - 1);
  for (let row = 0; row < template.length; row++) rowsOfTemplate[template[row]]++;
  const first = new Uint32Array(count + 1);
  for (let t = 0; t < rowsOfTemplate.length; t++) {
    for (let i = start[t]; i < start[t + 1]; i++) first[set[i] + 1] += rowsOfTemplate[t];
  }
  for (let s = 0; s < count; s++) first[s + 1] += first[s];
  const next = first.slice();
  const rows = new Uint32Array(first[count]);
  for (let row = 0; row < template.length; row++) {
    const end = start[template[row] + 1];
    for (let i = start[template[row]]; i < end; i++) rows[next[set[i]]++] = row;
  }
  return { sets, start: first, rows };
}
