/** Values to heights, and the values that the axis names. */
export interface ChartScale {
  /** ascending */
  readonly ticks: readonly number[];
  /** 0 at the bottom, 1 at the top; `undefined` for what has no place: nothing, and on a logarithmic scale zero and less */
  readonly heightOf: (value: number | null) => number | undefined;
}

const ticksWanted = 5;

/** From zero, or from below it when there is something. */
export function linearScale(values: readonly number[]): ChartScale {
  const [least, most] = extent([0, ...values]);
  const step = niceStep(most === least ? 1 : (most - least) / ticksWanted);
  const first = Math.floor(least / step);
  const last = Math.max(first + 1, Math.ceil(most / step));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => cleaned((first + i) * step));
  const [bottom, top] = [first * step, last * step];
  return { ticks, heightOf: (value) => (value === null ? undefined : (value - bottom) / (top - bottom)) };
}

/** Over whole powers of ten, with 2 and 5 between when there are few. */
export function logScale(values: readonly number[]): ChartScale {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return linearScale([]);
  const [least, most] = extent(positive);
  const first = Math.floor(Math.log10(least) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(most) - 1e-9));
  const factors = last - first <= 2 ? [1, 2, 5] : [1];
  const stride = Math.ceil((last - first) / 8);
  const ticks: number[] = [];
  for (let power = first; power < last; power += stride) {
    for (const factor of factors) ticks.push(cleaned(factor * 10 ** power));
  }
  if ((last - first) % stride === 0) ticks.push(cleaned(10 ** last));
  return {
    ticks,
    heightOf: (value) =>
      value === null || value <= 0 ? undefined : (Math.log10(value) - first) / Math.max(1, last - first),
  };
}

const timeSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/** Whole local times between two, in Unix milliseconds: at most so many. */
export function timeTicks(startMilli: number, endMilli: number, countMax: number): readonly number[] {
  const seconds = (endMilli - startMilli) / 1000 / Math.max(1, countMax);
  const stepMilli = 1000 * (timeSteps.find((step) => step >= seconds) ?? Math.ceil(seconds / 86_400) * 86_400);
  // Whole hours and days are the reader's.
  const offset = new Date(startMilli).getTimezoneOffset() * 60_000;
  const ticks: number[] = [];
  for (let at = Math.ceil((startMilli - offset) / stepMilli) * stepMilli + offset; at <= endMilli; at += stepMilli) {
    ticks.push(at);
  }
  return ticks;
}

/** By a loop: there can be more values than a call takes arguments. */
function extent(values: readonly number[]): readonly [least: number, most: number] {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

/** 1, 2 or 5 times a power of ten. */
function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= raw * (1 - 1e-9))!;
}

/** Without what adding tenths leaves behind. */
function cleaned(value: number): number {
  return Number(value.toPrecision(12));
}
