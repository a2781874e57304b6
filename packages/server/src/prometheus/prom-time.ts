import { unixNano, type UnixNano } from '@spoor/model';
import { PromError } from './prom-error.ts';
import { parsePromDuration } from './promql-text.ts';

/** Prometheus' own: a chart has fewer pixels. */
export const stepsMax = 11_000;

/** 2100-01-01; a time in milliseconds by mistake is far past it, and past what 64 bits of nanoseconds hold. */
const secondsMax = 2 ** 64 / 1e9 - 1;

/**
 * Reads a time: seconds since the epoch with or without a fraction, or RFC 3339.
 * @throws {PromError} `bad_data`
 */
export function promTime(name: string, text: string): UnixNano {
  const milli = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) * 1000 : rfc3339Milli(text);
  if (!Number.isFinite(milli) || milli < 0 || milli > secondsMax * 1000) {
    throw new PromError('bad_data', `invalid parameter "${name}": cannot parse "${text}" to a valid timestamp`);
  }
  return unixNano(BigInt(Math.round(milli)) * 1_000_000n);
}

function rfc3339Milli(text: string): number {
  return /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
}

/**
 * Reads a step: seconds, or a duration.
 * @returns nanoseconds, at least a millisecond
 * @throws {PromError} `bad_data`
 */
export function promStep(name: string, text: string): bigint {
  const milli = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) * 1000 : parsePromDuration(text);
  if (milli === undefined || !Number.isFinite(milli) || milli > Number.MAX_SAFE_INTEGER) {
    throw new PromError('bad_data', `invalid parameter "${name}": cannot parse "${text}" to a valid duration`);
  }
  if (Math.round(milli) < 1) {
    throw new PromError(
      'bad_data',
      `invalid parameter "${name}": zero or negative query resolution step widths are not accepted. Try a positive integer`,
    );
  }
  return BigInt(Math.round(milli)) * 1_000_000n;
}
