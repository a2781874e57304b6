import type { CodedColumn, ColumnSource } from '@spoor/store';
import type { FieldLevel, IntrinsicField } from '@spoor/traceql';
import type { BlockScan } from './block-scan.ts';
import { type CodeDecoding, codeVerdicts, valuesOfCodes } from './code-verdicts.ts';
import { alwaysTest, type ColumnTest, neverTest, testCosts } from './column-test.ts';
import { acceptCodes } from './field-attribute.ts';
import type { TurnTaker } from './turn-taker.ts';
import type { Value } from './value.ts';
import type { ValueTest } from './value-test.ts';

/** An intrinsic that is a string in a column of codes. */
export interface TextField {
  readonly level: FieldLevel;
  readonly column: CodedColumn;
  readonly decoding: CodeDecoding;
}

/** `undefined` when the intrinsic is not held in codes. */
export function textField(field: IntrinsicField): TextField | undefined {
  switch (field.name) {
    case 'span:name':
      return { level: 'span', column: 'name', decoding: 'string' };
    case 'span:statusMessage':
      return { level: 'span', column: 'statusMessage', decoding: 'string' };
    case 'span:traceState':
      return { level: 'span', column: 'traceState', decoding: 'string' };
    case 'event:name':
      return { level: 'event', column: 'eventName', decoding: 'string' };
    case 'link:traceID':
      return { level: 'link', column: 'linkTraceId', decoding: 'hex' };
    case 'link:spanID':
      return { level: 'link', column: 'linkSpanId', decoding: 'hex' };
    default:
      return undefined;
  }
}

export async function textTest(
  source: ColumnSource,
  { level, column, decoding }: TextField,
  test: ValueTest,
  turns: TurnTaker,
): Promise<ColumnTest> {
  const verdicts = await codeVerdicts(source, column, decoding, test, turns);
  if (verdicts.kind === 'none') return neverTest(level);
  if (verdicts.kind === 'all' && level === 'span') return alwaysTest(level);
  return {
    level,
    promise: undefined,
    cost: testCosts.codes,
    async rows(scan, within) {
      const out = new Uint8Array(within.length);
      await acceptCodes(await scan.words(column), undefined, verdicts, within, out);
      return out;
    },
  };
}

/** The field of each span, event or link of a block. */
export async function textValues(scan: BlockScan, { column, decoding }: TextField): Promise<Value[]> {
  const codes = Uint32Array.from(await scan.words(column));
  const dictionary = await scan.source.dictionary(column);
  return valuesOfCodes(scan.source, dictionary === undefined ? codes : codes.map((code) => dictionary[code]), decoding);
}
