const units: readonly (readonly [nano: number, name: string])[] = [
  [3600e9, 'h'],
  [60e9, 'm'],
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
];

/** Three significant digits in the unit that fits: `812 ns`, `4.12 ms`, `1.50 s`, `2 m 5 s`. */
export function formatDuration(nano: number): string {
  if (nano < 1e3) return `${Math.round(nano)} ns`;
  if (nano >= 60e9) {
    const at = nano >= 3600e9 ? 0 : 1;
    const [large, small] = [units[at], units[at + 1]];
    const rest = Math.round((nano % large[0]) / small[0]);
    return rest === 0
      ? `${Math.floor(nano / large[0])} ${large[1]}`
      : `${Math.floor(nano / large[0])} ${large[1]} ${rest} ${small[1]}`;
  }
  const [size, name] = units.find(([unit]) => nano >= unit)!;
  const value = nano / size;
  return `${value >= 100 ? Math.round(value) : value.toFixed(value >= 10 ? 1 : 2)} ${name}`;
}

/** Steps for an axis of `spanNano`, at most `countMax`: 1, 2 or 5 times a power of ten. */
export function axisStepNano(spanNano: number, countMax: number): number {
  const raw = Math.max(1, spanNano / Math.max(1, countMax));
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= raw)!;
  return factor * power;
}

/** A label of an axis: as few digits as tell neighbours apart. */
export function formatTick(nano: number, stepNano: number): string {
  if (nano === 0) return '0';
  const [size, name] = units.slice(2).find(([unit]) => Math.abs(nano) >= unit) ?? [1, 'ns'];
  const digits = Math.max(0, Math.ceil(-Math.log10(stepNano / size) - 1e-9));
  return `${(nano / size).toFixed(Math.min(9, digits))} ${name}`;
}
