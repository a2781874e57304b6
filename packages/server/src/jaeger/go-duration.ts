import { QueryError } from '@spoor/model';

const nanosecondsOf: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  // U+00B5 and U+03BC both look like µ, and Go takes both
  '\u00b5s': 1e3,
  '\u03bcs': 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
const part = /(\d+\.?\d*|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/gy;

/**
 * Reads a duration as Go's `time.ParseDuration` does: `1.2s`, `100ms`, `1h2m`, `-5s`, `0`.
 *
 * @returns nanoseconds, rounded to a whole number
 * @throws {QueryError} `QUERY_INVALID` in Go's words, which Jaeger's clients show
 */
export function parseGoDuration(text: string): number {
  const negative = text.startsWith('-');
  const body = text.replace(/^[+-]/, '');
  if (body === '0') return 0;
  let total = 0;
  let read = 0;
  part.lastIndex = 0;
  for (let match = part.exec(body); match !== null; match = part.exec(body)) {
    total += Number(match[1]) * nanosecondsOf[match[2]];
    read = part.lastIndex;
  }
  if (read === 0 || read !== body.length) throw new QueryError('QUERY_INVALID', complaint(text, body));
  return Math.round(negative ? -total : total);
}

function complaint(text: string, body: string): string {
  if (/^(\d+\.?\d*|\.\d+)$/.test(body)) return `time: missing unit in duration ${JSON.stringify(text)}`;
  return `time: invalid duration ${JSON.stringify(text)}`;
}
