import { QueryError, unixNano, type UnixNano } from '@spoor/model';

/** The parts of `2006-01-02T15:04:05.999999999Z07:00`, in order, by the names Go's complaints have for them. */
const parts: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\d{4}/y, '2006'],
  [/-/y, '-'],
  [/\d{2}/y, '01'],
  [/-/y, '-'],
  [/\d{2}/y, '02'],
  // A blank in place of `T` is what people write by hand, a small letter what RFC 3339 allows; Go takes neither.
  [/[Tt ]/y, 'T'],
  [/\d{2}/y, '15'],
  [/:/y, ':'],
  [/\d{2}/y, '04'],
  [/:/y, ':'],
  [/\d{2}/y, '05'],
  [/([.,]\d+)?/y, '.999999999'],
  // `+` that was not percent-encoded arrives as a blank: Grafana sends it so.
  [/[Zz]|[+\- ]\d{2}:\d{2}/y, 'Z07:00'],
];

/**
 * Reads a time as Go's `time.Parse(time.RFC3339Nano, text)` does, a little more leniently. Digits below a nanosecond are
 * cut, times before 1970 become 1970.
 *
 * @throws {QueryError} `QUERY_INVALID` in Go's words
 */
export function parseGoTime(text: string): UnixNano {
  const read: string[] = [];
  let position = 0;
  for (const [pattern, name] of parts) {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match === null) throw unparsable(text, `cannot parse ${JSON.stringify(text.slice(position))} as "${name}"`);
    read.push(match[0]);
    position = pattern.lastIndex;
  }
  if (position < text.length) throw unparsable(text, `extra text: ${JSON.stringify(text.slice(position))}`);
  const [year, , month, , day, , hour, , minute, , second, fraction, zone] = read;
  const seconds = wholeSeconds(text, [year, month, day, hour, minute, second].map(Number));
  const nano = BigInt(fraction.slice(1, 10).padEnd(9, '0'));
  const time = (BigInt(seconds) - offsetSeconds(zone)) * 1_000_000_000n + nano;
  return unixNano(time < 0n ? 0n : time);
}

/** Seconds since the epoch, as if the zone were UTC. */
function wholeSeconds(text: string, [year, month, day, hour, minute, second]: readonly number[]): number {
  if (month < 1 || month > 12) throw unparsable(text, 'month out of range');
  if (day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate()) throw unparsable(text, 'day out of range');
  if (hour > 23) throw unparsable(text, 'hour out of range');
  if (minute > 59) throw unparsable(text, 'minute out of range');
  if (second > 59) throw unparsable(text, 'second out of range');
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}

function offsetSeconds(zone: string): bigint {
  if (zone.length === 1) return 0n;
  const seconds = BigInt(zone.slice(1, 3)) * 3600n + BigInt(zone.slice(4)) * 60n;
  return zone.startsWith('-') ? -seconds : seconds;
}

function unparsable(text: string, why: string): QueryError {
  const isRange = why.endsWith('range') || why.startsWith('extra');
  const layout = isRange ? '' : ' as "2006-01-02T15:04:05.999999999Z07:00"';
  return new QueryError('QUERY_INVALID', `parsing time ${JSON.stringify(text)}${layout}: ${why}`);
}
