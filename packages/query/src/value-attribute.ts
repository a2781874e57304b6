import type { AttributeValue } from '@spoor/model';
import { kindNames, statusNames, type Value } from './value.ts';

/**
 * A value as answers carry it: statuses and kinds are TraceQL's words, durations text as Go writes it, and what is missing
 * (or is there without a value that can be shown: bytes, key-value lists) is empty.
 */
export function attributeValueOf(value: Value | undefined): AttributeValue {
  if (value === undefined) return { type: 'empty' };
  switch (value.type) {
    case 'status':
      return { type: 'string', value: statusNames[value.value] ?? String(value.value) };
    case 'kind':
      return { type: 'string', value: kindNames[value.value] ?? String(value.value) };
    case 'duration':
      return { type: 'string', value: durationText(value.value) };
    case 'bytes':
    case 'kvlist':
      return { type: 'empty' };
    default:
      return value;
  }
}

/** `1.5s`, `2m0.5s`, `1h0m0s`, `20µs`, `-3ms`; fractions of a nanosecond are cut off. */
export function durationText(durationNano: number): string {
  const nano = Math.trunc(Math.abs(durationNano));
  const sign = durationNano < 0 && nano > 0 ? '-' : '';
  if (nano === 0) return '0s';
  if (nano < 1e3) return `${sign}${nano}ns`;
  if (nano < 1e6) return `${sign}${decimal(nano, 3)}µs`;
  if (nano < 1e9) return `${sign}${decimal(nano, 6)}ms`;
  const minutes = Math.floor(nano / 60e9);
  const seconds = `${decimal(nano % 60e9, 9)}s`;
  if (minutes === 0) return sign + seconds;
  return minutes < 60
    ? `${sign}${minutes}m${seconds}`
    : `${sign}${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
}

/** `units / 10^places`, exactly, without trailing zeros. */
function decimal(units: number, places: number): string {
  const digits = String(units).padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return digits.slice(0, -places) + (fraction === '' ? '' : `.${fraction}`);
}
