import type { Attribute } from '@spoor/model';
import type { AttributeColumn, ColumnSource, SpanTemplates } from '@spoor/store';
import { attribute, type Field, intrinsic, type Intrinsic, type IntrinsicField } from '@spoor/traceql';
import { decodingOf, hasCodes, valuesOfCodes } from './code-verdicts.ts';
import type { CompareAttribute } from './compare-attribute.ts';
import { codeResolver } from './compare-counters.ts';
import { wrapOf } from './field-attribute.ts';
import { numberField } from './field-number.ts';
import { textField } from './field-text.ts';
import type { SharedValue } from './shared-counts.ts';
import type { Value } from './value.ts';

/** Finds what counts the values of a field. */
export type AttributeOf = (field: Field) => CompareAttribute;

/** A span's attribute, of which a repeated key's first occurrence counts, in one of its columns. */
export interface ComparedColumn {
  readonly column: AttributeColumn;
  readonly of: CompareAttribute;
}

/** By template, the attributes that its rows have in common. */
export async function sharedAttributes(
  source: ColumnSource,
  templates: SpanTemplates,
  columns: readonly ComparedColumn[],
): Promise<readonly SharedValue[][]> {
  const byTemplate: SharedValue[][] = Array.from({ length: templates.count }, () => []);
  for (const { column, of } of columns) {
    const { templates: having } = templates.shared(column);
    if (having.length === 0) continue;
    const values = await sharedValues(source, templates, column);
    for (const [i, template] of having.entries()) byTemplate[template].push({ of, value: values[i] });
  }
  return byTemplate;
}

/** About what a value that is kept takes: its object, and a short text. */
const VALUE_BYTES = 100;

/** Side by side with the templates. Remembered: strings of all pages of a dictionary are among them. */
async function sharedValues(
  source: ColumnSource,
  templates: SpanTemplates,
  column: AttributeColumn,
): Promise<readonly Value[]> {
  return source.remembered(`shared ${column.index}`, async () => {
    const { values } = templates.shared(column);
    const valueOf = await valuesOfWords(values, async (words) =>
      hasCodes(column)
        ? valuesOfCodes(source, Uint32Array.from(words), decodingOf(column.type))
        : words.map(wrapOf(column.type)),
    );
    return {
      value: values.map((word) => valueOf.get(word)!),
      sizeBytes: VALUE_BYTES * valueOf.size + 8 * values.length,
    };
  });
}

/** @param resolve  asked once, with each distinct word: a code, or a number itself */
async function valuesOfWords(
  words: Iterable<number>,
  resolve: (distinct: readonly number[]) => Promise<readonly Value[]>,
): Promise<ReadonlyMap<number, Value>> {
  const distinct = [...new Set(words)];
  const values = await resolve(distinct);
  return new Map(distinct.map((word, i) => [word, values[i]]));
}

/** An intrinsic of few values, by what a block has for it in the column. */
export async function intrinsicValues(
  source: ColumnSource,
  field: IntrinsicField,
  words: Uint32Array,
): Promise<readonly Value[]> {
  const text = textField(field);
  if (text === undefined) return Array.from(words, (word) => numberField(field)!.wrap(word | 0));
  const resolve = codeResolver(source, text.column, text.decoding);
  const valueOf = await valuesOfWords(words, async (codes) => resolve(Uint32Array.from(codes)));
  return Array.from(words, (word) => valueOf.get(word)!);
}

/** By resource or scope, what it says of its spans. */
export async function ownerValues(
  source: ColumnSource,
  pointer: 'resource' | 'scope',
  attributeOf: AttributeOf,
): Promise<readonly (readonly SharedValue[])[]> {
  if (pointer === 'resource') {
    const resources = await source.resources();
    return resources.map(({ attributes }) => attributeValues(attributes, 'resource', attributeOf));
  }
  const named = (name: Intrinsic, value: string): SharedValue => ({
    of: attributeOf(intrinsic(name)),
    value: { type: 'string', value },
  });
  return (await source.scopes()).map(({ attributes, name, version }) => [
    named('instrumentation:name', name),
    named('instrumentation:version', version),
    ...attributeValues(attributes, 'instrumentation', attributeOf),
  ]);
}

function attributeValues(
  attributes: readonly Attribute[],
  scope: 'resource' | 'instrumentation',
  attributeOf: AttributeOf,
): readonly SharedValue[] {
  const first = new Map(attributes.toReversed().map(({ key, value }) => [key, value]));
  const values: SharedValue[] = [];
  for (const [key, value] of first) {
    if (value.type !== 'empty') values.push({ of: attributeOf(attribute(scope, key)), value });
  }
  return values;
}
