import { limits } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import { dependsOnTrace, type Intrinsic, intrinsic } from '@spoor/traceql';
import { CodeFlags } from './code-flags.ts';
import { valuesOfCodes } from './code-verdicts.ts';
import { fieldTable, type FieldTable } from './field-table.ts';
import { type TextField, textField } from './field-text.ts';
import type { QuerySources } from './query-sources.ts';
import type { SourceMemo } from './source-memo.ts';
import type { AttributeValuesAnswer, IntrinsicValuesRequest } from './trace-store.ts';
import { TurnTaker } from './turn-taker.ts';
import {
  askedSources,
  asksForAll,
  flagged,
  forEachBlockAsked,
  itemsOfLevel,
  type RowsAsked,
  usedRows,
} from './used-rows.ts';
import { ValueEntries } from './value-entries.ts';
import { kindNames, statusNames, type Value } from './value.ts';

/** Those that have few values, and values that somebody would choose from. */
const listed: ReadonlySet<Intrinsic> = new Set([
  'span:name',
  'span:statusMessage',
  'span:status',
  'span:kind',
  'event:name',
  'instrumentation:name',
  'instrumentation:version',
  'trace:rootName',
  'trace:rootService',
]);

/**
 * Distinct values of an intrinsic of spans in the range (of those that the query gives, if there is one), sorted; the
 * empty string is none. Of ids, durations and counts the list is empty.
 * @throws {QueryError} `QUERY_INVALID` for a query that finds no spans
 */
export async function listIntrinsicValues(
  qs: QuerySources,
  request: IntrinsicValuesRequest,
  signal?: AbortSignal,
): Promise<AttributeValuesAnswer> {
  const turns = new TurnTaker(signal);
  const found = new ValueEntries(Math.max(0, Math.min(request.limit, limits.namesMax)));
  if (!listed.has(request.name)) return found.answer();
  const field = intrinsic(request.name);
  const text = textField(field);
  for await (const [source, asked] of askedSources(qs, request, turns, dependsOnTrace(field))) {
    if (text !== undefined) await addTexts(source, text, asked, turns, found);
    else if (field.name === 'span:status')
      await addWords(source, 'statusCode', statusNames, asked, turns, found, qs.memo);
    else if (field.name === 'span:kind') await addWords(source, 'kind', kindNames, asked, turns, found, qs.memo);
    else await addOfTable(source, (await fieldTable(source, field))!, asked, turns, found, qs.memo);
  }
  return found.answer();
}

async function addTexts(
  source: ColumnSource,
  { column, level, decoding }: TextField,
  asked: RowsAsked,
  turns: TurnTaker,
  found: ValueEntries,
): Promise<void> {
  const dictionary = await source.dictionary(column);
  if (dictionary !== undefined && asksForAll(source, asked)) {
    // Sorted: the first `limit` are all that the answer can show, the empty one left out.
    const shown = dictionary.subarray(0, found.limit + 2);
    if (shown.length < dictionary.length) found.isCut = true;
    return addValues(await valuesOfCodes(source, shown, decoding), found);
  }
  const codes = new CodeFlags();
  await forEachBlockAsked(source, asked, turns, async (scan, rows) => {
    codes.addOf(await scan.words(column), undefined, await itemsOfLevel(scan, rows, level));
  });
  const sourceCodes = codes.list().map((code) => dictionary?.[code] ?? code);
  addValues(await valuesOfCodes(source, sourceCodes, decoding), found);
}

function addValues(values: readonly (Value | undefined)[], found: ValueEntries): void {
  for (const value of values) if (value?.type === 'string' && value.value !== '') found.add(value);
}

/** Numbers without a word, which OTLP's open enums allow, are left out. */
async function addWords(
  source: ColumnSource,
  column: 'statusCode' | 'kind',
  words: readonly string[],
  asked: RowsAsked,
  turns: TurnTaker,
  found: ValueEntries,
  memo: SourceMemo | undefined,
): Promise<void> {
  const find = async (): Promise<Uint8Array> => {
    const seen = new Uint8Array(words.length);
    await forEachBlockAsked(source, asked, turns, async (scan, rows) => {
      const numbers = await scan.words(column);
      for (let i = 0; i < rows.length; i++)
        if (numbers[i] >= 0 && numbers[i] < seen.length) seen[numbers[i]] |= rows[i];
    });
    return seen;
  };
  const isWhole = memo !== undefined && asksForAll(source, asked);
  const seen = isWhole ? await memo.of(source, `values of ${column}`, find) : await find();
  for (const word of flagged(words, seen)) found.addKeyword(word);
}

async function addOfTable(
  source: ColumnSource,
  { pointer, values }: FieldTable,
  asked: RowsAsked,
  turns: TurnTaker,
  found: ValueEntries,
  memo: SourceMemo | undefined,
): Promise<void> {
  addValues(flagged(values, await usedRows(source, pointer, asked, turns, memo)), found);
}
