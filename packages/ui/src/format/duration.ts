const units: readonly (readonly [nano: number, name: string])[] = [
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
];

/** Three significant digits in the unit that fits: `812 ns`, `4.12 ms`, `1.50 s`, `2 m 5 s`. */
export function formatDuration(nano: number): string {
  if (nano < 999.5) return `${Math.round(nano)} ns`;
  // Rounding may carry: 59.97 s are a minute, 999.6 µs a millisecond.
  if (nano >= 3599.5e9) return inTwoUnits(nano, 3600e9, ' h', 60e9, ' m');
  if (nano >= 59.95e9) return inTwoUnits(nano, 60e9, ' m', 1e9, ' s');
  const [size, name] = units.find(([unit]) => nano >= unit * 0.9995)!;
  const value = nano / size;
  return `${value >= 99.95 ? Math.round(value) : value.toFixed(value >= 9.995 ? 1 : 2)} ${name}`;
}

function inTwoUnits(nano: number, large: number, largeName: string, small: number, smallName: string): string {
  const count = Math.round(nano / small);
  const perLarge = large / small;
  const rest = count % perLarge;
  const whole = `${Math.floor(count / perLarge)}${largeName}`;
  return rest === 0 ? whole : `${whole} ${rest}${smallName}`;
}

const clockStepsSeconds = [30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];

/** Steps for an axis of `spanNano`, at most `countMax`: 1, 2 or 5 times a power of ten; from half a minute, what clocks have. */
export function axisStepNano(spanNano: number, countMax: number): number {
  const raw = Math.max(1, spanNano / Math.max(1, countMax));
  if (raw > 20e9 && raw <= 86_400e9) return clockStepsSeconds.find((seconds) => seconds * 1e9 >= raw)! * 1e9;
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= raw)!;
  return factor * power;
}

/** A label of an axis: as few digits as tell neighbours apart. */
export function formatTick(nano: number, stepNano: number): string {
  if (nano === 0) return '0';
  if (Math.abs(nano) >= 60e9 && stepNano >= 1e9) return formatDuration(Math.abs(nano));
  const [size, name] = units.find(([unit]) => Math.abs(nano) >= unit) ?? [1, 'ns'];
  const digits = Math.max(0, Math.ceil(-Math.log10(stepNano / size) - 1e-9));
  return `${(nano / size).toFixed(Math.min(9, digits))} ${name}`;
}
