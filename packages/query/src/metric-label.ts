import type { Attribute, AttributeValue } from '@spoor/model';
import { kindNames, orderOfTexts, statusNames, type Value } from './value.ts';

/**
 * A value as the label of a series shows it: scalars as they are; durations, statuses and kinds as text. What is none of
 * these (arrays, lists, bytes) is `empty`, as what is missing.
 */
export function labelOf(value: Value | undefined): AttributeValue {
  switch (value?.type) {
    case 'string':
    case 'bool':
    case 'int':
      return value;
    case 'double':
      // −0 is 0.
      return { type: 'double', value: value.value + 0 };
    case 'duration':
      return { type: 'string', value: durationText(value.value) };
    case 'status':
      return { type: 'string', value: statusNames[value.value] ?? String(value.value) };
    case 'kind':
      return { type: 'string', value: kindNames[value.value] ?? String(value.value) };
    default:
      return { type: 'empty' };
  }
}

/** As Go prints it: `1h2m3.5s`, `100ms`, `1.5µs`, `0s`; fractions of a nanosecond are cut off. */
export function durationText(durationNano: number): string {
  const nano = Math.trunc(durationNano);
  if (nano < 0) return `-${durationText(-nano)}`;
  if (nano < 1_000) return nano === 0 ? '0s' : `${nano}ns`;
  if (nano < 1_000_000) return `${nano / 1_000}µs`;
  if (nano < 1_000_000_000) return `${nano / 1_000_000}ms`;
  const minutes = Math.floor(nano / 60_000_000_000);
  const seconds = `${(nano - minutes * 60_000_000_000) / 1_000_000_000}s`;
  if (minutes === 0) return seconds;
  return minutes < 60 ? `${minutes}m${seconds}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
}

/** By values, one label after the other: numbers before texts, what is missing as the text `nil`. */
export function compareLabels(a: readonly Attribute[], b: readonly Attribute[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = orderOfTexts(a[i].key, b[i].key) || compareLabelValues(a[i].value, b[i].value);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareLabelValues(a: AttributeValue, b: AttributeValue): number {
  const [x, y] = [rankOf(a), rankOf(b)];
  if (typeof x === 'string' && typeof y === 'string') return orderOfTexts(x, y) || orderOfTexts(a.type, b.type);
  if (typeof x === 'string' || typeof y === 'string') return typeof x === 'string' ? 1 : -1;
  return x < y ? -1 : x > y ? 1 : orderOfTexts(a.type, b.type);
}

function rankOf(value: AttributeValue): number | bigint | string {
  if (value.type === 'int' || value.type === 'double') return Number.isNaN(Number(value.value)) ? 'NaN' : value.value;
  if (value.type === 'string') return value.value;
  return value.type === 'bool' ? String(value.value) : 'nil';
}

/** Equal for equal labels. */
export function labelsKey(labels: readonly Attribute[]): string {
  return JSON.stringify(labels.map(({ key, value }) => [key, value.type, String(rankOf(value))]));
}
