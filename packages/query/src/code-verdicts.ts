import { type AttributeValue, decodeArrayValue, isCoded, ValueType } from '@spoor/model';
import type { AttributeColumn, CodedColumn, ColumnSource } from '@spoor/store';
import { matchedStrings } from './matched-strings.ts';
import type { TurnTaker } from './turn-taker.ts';
import type { Value } from './value.ts';
import type { ValueTest } from './value-test.ts';

/** What a test says of the codes of a column. `lookup[code]` is {@link ACCEPTED} or another number. */
export type CodeVerdicts =
  | { readonly kind: 'none' }
  | { readonly kind: 'all' }
  | { readonly kind: 'one'; readonly code: number; readonly excludes: boolean }
  /** `decide` must have seen the codes before `lookup` is read; the array is replaced when it grows */
  | { readonly kind: 'lookup'; decide(codes: ArrayLike<number>): Promise<Uint8Array> };

export const ACCEPTED = 2;
const REFUSED = 1;
const ASKED = 3;

const textEncoder = new TextEncoder();

/**
 * Evaluates a test once per distinct value of a coded column: over its whole dictionary now, or, in a source
 * without (the head), over the codes of each block as they are first met.
 */
export async function codeVerdicts(
  source: ColumnSource,
  column: CodedColumn | AttributeColumn,
  decoding: CodeDecoding,
  test: ValueTest,
  turns: TurnTaker,
): Promise<CodeVerdicts> {
  if (test.always === true) return { kind: 'all' };
  if (decoding === 'opaque') return { kind: test.accepts(OPAQUE) ? 'all' : 'none' };
  if (decoding === 'string' && test.text !== undefined) return verdictsByText(source, column, test.text);
  const dictionary = await source.dictionary(column);
  if (dictionary === undefined) return { kind: 'lookup', decide: lazyVerdicts(source, decoding, test, turns) };
  const make = () => dictionaryVerdicts(source, dictionary, decoding, test, turns);
  if (test.regex === undefined || decoding !== 'string') return make();
  const { pattern, excludes } = test.regex;
  const columnName = typeof column === 'string' ? column : `${column.level} ${column.index}`;
  return source.remembered(`${columnName} ${excludes ? '!~' : '=~'} ${pattern}`, async () => ({
    value: await make(),
    sizeBytes: dictionary.length + pattern.length,
  }));
}

async function dictionaryVerdicts(
  source: ColumnSource,
  dictionary: Uint32Array,
  decoding: CodeDecoding,
  test: ValueTest,
  turns: TurnTaker,
): Promise<CodeVerdicts> {
  const verdicts = await acceptsOfCodes(source, dictionary, decoding, test, turns);
  let accepted = 0;
  for (let i = 0; i < verdicts.length; i++) {
    accepted += verdicts[i];
    verdicts[i] = verdicts[i] === 1 ? ACCEPTED : REFUSED;
  }
  if (accepted === 0) return { kind: 'none' };
  if (accepted === verdicts.length) return { kind: 'all' };
  return { kind: 'lookup', decide: async () => verdicts };
}

/** 1 for the codes whose value the test accepts. @param codes  ascending */
async function acceptsOfCodes(
  source: ColumnSource,
  codes: Uint32Array,
  decoding: CodeDecoding,
  test: ValueTest,
  turns: TurnTaker,
): Promise<Uint8Array> {
  const { regex } = test;
  if (regex === undefined || decoding !== 'string') {
    return acceptsOf(await valuesOfCodes(source, codes, decoding), test, turns);
  }
  const accepts = await matchedStrings(source, codes, regex, turns);
  if (regex.excludes) for (let i = 0; i < accepts.length; i++) accepts[i] ^= 1;
  return accepts;
}

/** A test may take long: a regular expression, a long text. */
const VALUES_A_TURN = 64;

/** 1 for the values that the test accepts. */
export async function acceptsOf(
  values: readonly (Value | undefined)[],
  test: ValueTest,
  turns: TurnTaker,
): Promise<Uint8Array> {
  const accepts = new Uint8Array(values.length);
  for (let i = 0; i < accepts.length; i++) {
    if (i % VALUES_A_TURN === 0) await turns.turn();
    const value = values[i];
    if (value !== undefined && test.accepts(value)) accepts[i] = 1;
  }
  return accepts;
}

/** How a code's bytes are read. Bytes and key-value lists can only be there or not. */
export type CodeDecoding = 'string' | 'hex' | 'array' | 'bigInt' | 'opaque';

export function decodingOf(type: ValueType): CodeDecoding {
  switch (type) {
    case ValueType.string:
      return 'string';
    case ValueType.array:
      return 'array';
    case ValueType.bigInt:
      return 'bigInt';
    default:
      return 'opaque';
  }
}

const OPAQUE: Value = Object.freeze({ type: 'bytes', value: new Uint8Array(0) });

/** Values of source codes, in their order. */
export async function valuesOfCodes(
  source: ColumnSource,
  codes: Uint32Array,
  decoding: CodeDecoding,
): Promise<AttributeValue[]> {
  if (decoding === 'string') return (await source.strings(codes)).map((value) => ({ type: 'string', value }));
  if (decoding === 'opaque') return Array.from(codes, () => OPAQUE as AttributeValue);
  const encoded = await source.bytes(codes);
  switch (decoding) {
    case 'array':
      return encoded.map((bytes) => ({ type: 'array', value: decodeArrayValue(bytes) }));
    case 'bigInt':
      return encoded.map((bytes) => ({ type: 'int', value: bigIntOf(bytes) }));
    case 'hex':
      return encoded.map((bytes) => ({ type: 'string', value: Buffer.from(bytes).toString('hex') }));
  }
}

function bigIntOf(bytes: Uint8Array): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigInt64(0, true);
}

async function verdictsByText(
  source: ColumnSource,
  column: CodedColumn | AttributeColumn,
  { value, excludes }: NonNullable<ValueTest['text']>,
): Promise<CodeVerdicts> {
  const absent: CodeVerdicts = { kind: excludes ? 'all' : 'none' };
  const sourceCode = await source.findString(textEncoder.encode(value));
  if (sourceCode === undefined) return absent;
  const dictionary = await source.dictionary(column);
  const code = dictionary === undefined ? sourceCode : dictionary.indexOf(sourceCode);
  if (code < 0) return absent;
  if (dictionary?.length === 1) return { kind: excludes ? 'none' : 'all' };
  return { kind: 'one', code, excludes };
}

function lazyVerdicts(
  source: ColumnSource,
  decoding: CodeDecoding,
  test: ValueTest,
  turns: TurnTaker,
): (codes: ArrayLike<number>) => Promise<Uint8Array> {
  let verdicts = new Uint8Array(1024);
  return async (codes) => {
    const unknown: number[] = [];
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i];
      if (code >= verdicts.length) verdicts = grown(verdicts, code + 1);
      if (verdicts[code] !== 0) continue;
      verdicts[code] = ASKED;
      unknown.push(code);
    }
    if (unknown.length > 0) {
      const ascending = Uint32Array.from(unknown).sort();
      const accepts = await acceptsOfCodes(source, ascending, decoding, test, turns);
      for (let i = 0; i < accepts.length; i++) verdicts[ascending[i]] = accepts[i] === 1 ? ACCEPTED : REFUSED;
    }
    return verdicts;
  };
}

function grown(verdicts: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(length, 2 * verdicts.length));
  larger.set(verdicts);
  return larger;
}

/** True when a column's blocks hold codes. */
export function hasCodes(column: AttributeColumn): boolean {
  return isCoded(column.type);
}
