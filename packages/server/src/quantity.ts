const bytesOfUnit: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 2 ** 10,
  kib: 2 ** 10,
  m: 2 ** 20,
  mib: 2 ** 20,
  g: 2 ** 30,
  gib: 2 ** 30,
  t: 2 ** 40,
  tib: 2 ** 40,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
};

const milliOfUnit: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
};

/** Bytes of `512MiB`, `20GB`, `1048576`; `undefined` for anything else. `M` alone is MiB. */
export function parseBytes(text: string): number | undefined {
  const bytes = parseQuantity(text, bytesOfUnit);
  return bytes === undefined ? undefined : Math.floor(bytes);
}

/** Milliseconds of `90s`, `36h`, `1.5d`, or a sum as Prometheus writes it, `1d12h`; units are needed. `undefined` for anything else. */
export function parseTime(text: string): number | undefined {
  const parts = /^(?:[\d.]+\s*[a-z]+)+$/i.test(text.trim()) ? (text.match(/[\d.]+\s*[a-z]+/gi) ?? []) : [];
  let sum: number | undefined;
  for (const part of parts) {
    const milli = parseQuantity(part, milliOfUnit);
    if (milli === undefined) return undefined;
    sum = (sum ?? 0) + milli;
  }
  return sum;
}

function parseQuantity(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  if (!match) return undefined;
  const unit = match[2].toLowerCase();
  return Object.hasOwn(units, unit) ? Number(match[1]) * units[unit] : undefined;
}
