/** Go's units of durations and Prometheus's, in nanoseconds; a year has 365 days. */
const units: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
  ['d', 86_400_000_000_000n],
  ['w', 604_800_000_000_000n],
  ['y', 31_536_000_000_000_000n],
]);

const NANO_MAX = 2n ** 63n - 1n;

/**
 * Reads `1h30m`, `0.5s`, `1d`, without a sign. Fractions of a nanosecond are cut off. Lossy above 2^53 ns (104 days),
 * by less than 1 µs.
 * @returns nanoseconds; a sentence when it is not a duration
 */
export function parseDuration(text: string): number | string {
  let nano = 0n;
  let at = 0;
  const part = /(\d*)(?:\.(\d*))?([a-zµμ]+)/y;
  while (at < text.length) {
    part.lastIndex = at;
    const found = part.exec(text);
    if (found === null) return `a unit of time is missing`;
    const [whole, digits = '', fraction = '', unit = ''] = found;
    const unitNano = units.get(unit);
    if (unitNano === undefined) return `${unit} is not a unit of time: ns, us, ms, s, m, h, d, w, y`;
    if (digits === '' && fraction === '') return `a number is missing before ${unit}`;
    nano += BigInt(digits) * unitNano + (BigInt(fraction) * unitNano) / 10n ** BigInt(fraction.length);
    at += whole.length;
  }
  return nano > NANO_MAX ? 'the duration is out of range (292 years)' : Number(nano);
}

const printedUnits = Object.freeze(['h', 'm', 's', 'ms', 'us', 'ns']);

/** `1h30m`, `1s500ms`, `-20us`, `0s`: integers of descending units. @param nano whole nanoseconds */
export function printDuration(nano: number): string {
  let rest = BigInt(Math.abs(nano));
  let text = '';
  for (const unit of printedUnits) {
    const unitNano = units.get(unit)!;
    if (rest >= unitNano) text += `${rest / unitNano}${unit}`;
    rest %= unitNano;
  }
  return (nano < 0 ? '-' : '') + (text === '' ? '0s' : text);
}
