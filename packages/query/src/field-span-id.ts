import { parseSpanId } from '@spoor/model';
import type { IntrinsicField } from '@spoor/traceql';
import type { BlockScan } from './block-scan.ts';
import { type ColumnTest, neverTest, testCosts } from './column-test.ts';
import type { Value } from './value.ts';
import type { ValueTest } from './value-test.ts';

/** `span:id` and `span:parentID`, strings of 16 lower-case hex digits; a root's parent id is the empty string. */
export interface SpanIdField {
  readonly high: 'spanIdHigh' | 'parentSpanIdHigh';
  readonly low: 'spanIdLow' | 'parentSpanIdLow';
}

export function spanIdField(field: IntrinsicField): SpanIdField | undefined {
  if (field.name === 'span:id') return { high: 'spanIdHigh', low: 'spanIdLow' };
  if (field.name === 'span:parentID') return { high: 'parentSpanIdHigh', low: 'parentSpanIdLow' };
  return undefined;
}

export function spanIdTest(field: SpanIdField, test: ValueTest): ColumnTest {
  if (test.text?.excludes === false) return equalityTest(field, test.text.value);
  return {
    level: 'span',
    promise: undefined,
    cost: testCosts.computed,
    async rows(scan, within) {
      const high = await scan.words(field.high);
      const low = await scan.words(field.low);
      const out = new Uint8Array(within.length);
      for (let i = 0; i < out.length; i++) {
        if (within[i] === 1 && test.accepts(spanIdValue(high[i], low[i]))) out[i] = 1;
      }
      return out;
    },
  };
}

function equalityTest(field: SpanIdField, id: string): ColumnTest {
  if (id !== '' && parseSpanId(id) !== id) return neverTest('span');
  const wantedHigh = Number.parseInt(id.slice(0, 8) || '0', 16);
  const wantedLow = Number.parseInt(id.slice(8) || '0', 16);
  return {
    level: 'span',
    promise: undefined,
    cost: testCosts.word,
    async rows(scan, within) {
      const high = await scan.words(field.high);
      const low = await scan.words(field.low);
      const out = new Uint8Array(within.length);
      for (let i = 0; i < out.length; i++) {
        if (low[i] >>> 0 === wantedLow && high[i] >>> 0 === wantedHigh) out[i] = within[i]!;
      }
      return out;
    },
  };
}

export async function spanIdValues(scan: BlockScan, field: SpanIdField): Promise<Value[]> {
  const high = await scan.words(field.high);
  const low = await scan.words(field.low);
  return Array.from({ length: scan.rowCount }, (_, i) => spanIdValue(high[i], low[i]));
}

function spanIdValue(high: number, low: number): Value {
  if (high === 0 && low === 0) return { type: 'string', value: '' };
  return { type: 'string', value: hexOfWord(high) + hexOfWord(low) };
}

function hexOfWord(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
