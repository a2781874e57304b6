import { type Attribute, attributeAliases, type AttributeValue, limits } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import { attribute, type Field, intrinsic } from '@spoor/traceql';
import { type BlockRows, fieldNumbers } from './field-numbers.ts';
import type { LabelValues } from './label-values.ts';
import { ValueNumbers, MISSING, OPAQUE, UNNUMBERED } from './value-numbers.ts';

/** The number of a label's value for each of the rows; {@link CUT} where there are too many values. */
export type LabelNumbers = (block: BlockRows) => Promise<Int32Array>;

/** There is a value, but too many others were met before it. */
export const CUT = -1;
/** There is none; only where the reader says so in place of the number of the empty text. */
export const ABSENT = -2;

/**
 * A field as a label: each distinct value becomes a text once.
 * @param absent  for rows without a value, or with one that is no scalar
 */
export async function labelNumbers(
  source: ColumnSource,
  field: Field,
  values: LabelValues,
  absent: number,
  textOf: (value: AttributeValue) => string = labelText,
): Promise<LabelNumbers> {
  const found = new ValueNumbers(limits.namesMax);
  const read = await fieldNumbers(source, field, found);
  // By number of the value: that of its text, less 3; 0 while it is not known.
  let known = new Int32Array(256);
  const learn = (number: number): number => {
    if (number >= known.length) known = grown(known, number + 1);
    const isAbsent = number === MISSING || number === OPAQUE;
    const learnt = isAbsent ? absent : values.number(textOf(found.label(number)));
    known[number] = learnt + 3;
    return learnt;
  };
  return async (block) => {
    const numbers = await read(block);
    const labels = new Int32Array(numbers.length);
    for (let i = 0; i < labels.length; i++) {
      const number = numbers[i];
      const learnt = number < known.length ? known[number] : 0;
      if (learnt !== 0) labels[i] = learnt - 3;
      else labels[i] = number === UNNUMBERED ? CUT : learn(number);
    }
    return labels;
  };
}

function grown(words: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(length, 2 * words.length));
  larger.set(words);
  return larger;
}

/** A label of span metrics; any but the five of its own is the attribute whose name reads like it. */
export function spanLabelNumbers(source: ColumnSource, values: LabelValues): Promise<LabelNumbers> {
  const none = values.number('');
  switch (values.name) {
    case 'service':
      return labelNumbers(source, attribute('resource', 'service.name'), values, none);
    case 'span_name':
      return labelNumbers(source, intrinsic('span:name'), values, none);
    case 'status_message':
      return labelNumbers(source, intrinsic('span:statusMessage'), values, none);
    case 'span_kind':
      return labelNumbers(source, intrinsic('span:kind'), values, none, enumText('SPAN_KIND'));
    case 'status_code':
      return labelNumbers(source, intrinsic('span:status'), values, none, enumText('STATUS_CODE'));
    default:
      return attributeNumbers(source, values, none);
  }
}

/** `server` is `SPAN_KIND_SERVER`. Unknown numbers, which OTLP allows, stay numbers. */
function enumText(prefix: string): (value: AttributeValue) => string {
  return (value) => {
    const text = labelText(value);
    return /^\d+$/.test(text) ? text : `${prefix}_${text.toUpperCase()}`;
  };
}

/** The span's attribute when it has one, else the resource's. */
async function attributeNumbers(source: ColumnSource, values: LabelValues, none: number): Promise<LabelNumbers> {
  const ofSpans = source.attributeColumns('span').map(({ key }) => key);
  const ofResources = (await source.resources()).flatMap(({ attributes }) => attributes.map(({ key }) => key));
  const keys = [...new Set([...ofSpans, ...ofResources])].filter((key) => readsLike(key, values.name));
  const readers = await Promise.all(keys.map((key) => labelNumbers(source, attribute('any', key), values, ABSENT)));
  return async (block) => {
    const numbers = await firstPresent(readers, block);
    for (let i = 0; i < numbers.length; i++) if (numbers[i] === ABSENT) numbers[i] = none;
    return numbers;
  };
}

/** What the first reader that has a value says of each row; {@link ABSENT} where none has. */
export async function firstPresent(readers: readonly LabelNumbers[], block: BlockRows): Promise<Int32Array> {
  const first = new Int32Array(block.rows.length).fill(ABSENT);
  for (const reader of readers) {
    if (!first.includes(ABSENT)) break;
    const numbers = await reader(block);
    for (let i = 0; i < first.length; i++) if (first[i] === ABSENT) first[i] = numbers[i];
  }
  return first;
}

/** As Prometheus writes names: whatever may not stand in one is an underscore. */
export function labelNameOf(attributeName: string): string {
  const name = attributeName.replaceAll(/[^a-zA-Z0-9_]/g, '_');
  return /^[0-9]/.test(name) ? `_${name}` : name;
}

/** Value of the attribute of a resource whose name, in any of its spellings, reads like the label; empty without one. */
export function resourceLabel(attributes: readonly Attribute[], label: string): string {
  const named = attributes.filter(({ key, value }) => value.type !== 'empty' && readsLike(key, label));
  const exact = named.find(({ key }) => labelNameOf(key) === label) ?? named[0];
  return exact === undefined ? '' : labelText(exact.value);
}

function readsLike(key: string, label: string): boolean {
  return attributeAliases(key).some((spelling) => labelNameOf(spelling) === label);
}

function labelText(value: AttributeValue): string {
  switch (value.type) {
    case 'string':
    case 'bool':
    case 'int':
    case 'double':
      return String(value.value);
    default:
      return '';
  }
}
