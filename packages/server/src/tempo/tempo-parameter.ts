import { QueryError, unixNano, type UnixNano } from '@spoor/model';
import type { TimeRange } from '@spoor/query';
import { parseGoDuration } from '../jaeger/go-duration.ts';
import { parseGoTime } from '../jaeger/go-time.ts';
import { parseTime } from '../quantity.ts';

const NANO_PER_SECOND = 1_000_000_000n;
const NANO_MAX = 0xffff_ffff_ffff_ffffn;

/** @throws {QueryError} `QUERY_INVALID` */
export function invalid(message: string): QueryError {
  return new QueryError('QUERY_INVALID', message);
}

/** A whole number that is not negative; `undefined` when it is not given. @throws {QueryError} */
export function countParameter(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name);
  if (!text) return undefined;
  if (!/^\d{1,15}$/.test(text)) {
    throw invalid(`invalid ${name}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}

/**
 * A range as the search endpoints take it, in seconds. `end` covers all of its second; neither is everything, and so is
 * an absent `start`.
 *
 * @throws {QueryError} when it would hold nothing
 */
export function secondsRange(start: number, end: number): TimeRange {
  if (start === 0 && end === 0) return {};
  if (start >= end) {
    throw invalid(`http parameter start must be before end. received start=${start} end=${end}`);
  }
  return {
    start: start === 0 ? undefined : nanoOfSeconds(BigInt(start)),
    end: clamped((BigInt(end) + 1n) * NANO_PER_SECOND - 1n),
  };
}

function nanoOfSeconds(seconds: bigint): UnixNano {
  return clamped(seconds * NANO_PER_SECOND);
}

function clamped(nano: bigint): UnixNano {
  return unixNano(nano > NANO_MAX ? NANO_MAX : nano);
}

/**
 * A time as the metrics endpoints take it: seconds with up to ten digits, with a fraction too, nanoseconds with more,
 * or RFC 3339.
 *
 * @throws {QueryError}
 */
export function parseTempoTime(text: string): UnixNano {
  if (/^\d{1,10}$/.test(text)) return nanoOfSeconds(BigInt(text));
  if (/^\d+$/.test(text)) return clamped(BigInt(text));
  const [, whole, fraction] = /^(\d{1,10})\.(\d+)$/.exec(text) ?? [];
  if (whole === undefined) return parseGoTime(text);
  return clamped(BigInt(whole) * NANO_PER_SECOND + BigInt(fraction.slice(0, 9).padEnd(9, '0')));
}

/** `1m30s`, `500us`, and as Prometheus writes long ones, `1d12h`, in nanoseconds. @throws {QueryError} */
export function parseTempoDuration(text: string): bigint {
  const milli = parseTime(text);
  const nano = milli === undefined ? parseGoDuration(text) : Math.round(milli * 1e6);
  // Go's durations have 64 bits.
  if (Math.abs(nano) >= 2 ** 63) throw invalid(`invalid duration ${JSON.stringify(text)}: out of range`);
  return BigInt(nano);
}

/** A duration or a number of seconds, in nanoseconds. @throws {QueryError} */
export function parseTempoStep(text: string): bigint {
  const nano = parseTempoDuration(/^\d+(\.\d+)?$/.test(text) ? `${text}s` : text);
  if (nano <= 0n) throw invalid(`invalid step ${JSON.stringify(text)}: must be positive`);
  return nano;
}
