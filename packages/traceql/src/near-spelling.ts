/** The longest word that is worth a guess. */
const WORD_UNITS_MAX = 40;

/** The candidate a misspelt word most likely means: the same but for case, or one or two edits away. */
export function nearSpelling(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > WORD_UNITS_MAX) return undefined;
  const lower = word.toLowerCase();
  let best: string | undefined;
  let bestEdits = word.length < 4 ? 2 : 3;
  for (const candidate of candidates) {
    const edits = candidate.toLowerCase() === lower ? 0 : editDistance(lower, candidate.toLowerCase());
    if (edits < bestEdits) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, row[j - 1] + 1, rows[i - 1][j] + 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j], rows[i - 2][j - 2] + 1);
      }
    }
    rows.push(row);
  }
  return rows[a.length][b.length];
}
