/** Labels of a series, `__name__` among them when it has a name. A label that is not there is empty. */
export type Labels = ReadonlyMap<string, string>;

/** A series at every step of a question. */
export interface PromSeries {
  readonly labels: Labels;
  readonly values: Float64Array;
  /** 1 where there is a value; NaN is one */
  readonly isPresent: Uint8Array;
}

export type PromValue =
  | { readonly kind: 'scalar'; readonly values: Float64Array }
  | { readonly kind: 'vector'; readonly series: readonly PromSeries[] };

/** The same for the same labels, in whatever order they stand. Empty ones do not count. */
export function labelsKey(labels: Labels): string {
  const pairs = [...labels].filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(pairs);
}

export function onlyLabels(labels: Labels, names: readonly string[]): Labels {
  return new Map(names.flatMap((name) => (labels.get(name) ? [[name, labels.get(name)!] as const] : [])));
}

export function withoutLabels(labels: Labels, names: readonly string[]): Labels {
  return new Map([...labels].filter(([name]) => !names.includes(name)));
}

export function withoutName(labels: Labels): Labels {
  return labels.has('__name__') ? withoutLabels(labels, ['__name__']) : labels;
}

export function allPresent(length: number): Uint8Array {
  return new Uint8Array(length).fill(1);
}
