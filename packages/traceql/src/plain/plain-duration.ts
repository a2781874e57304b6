const unitNano: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86400e9,
};

/** `500ms`, `1.5s`, `1m30s`, `2h` in nanoseconds; `undefined` when it is none. A number without a unit is none either. */
export function parsePlainDuration(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h|d)/gy)];
  if (parts.length === 0 || parts.reduce((sum, part) => sum + part[0].length, 0) !== text.length) return undefined;
  return parts.reduce((sum, [, amount, unit]) => sum + Math.round(Number(amount) * unitNano[unit]), 0);
}
