import { NO_ROW, type TemplateColumn } from '@spoor/store';
import type { FieldLevel, IntrinsicField } from '@spoor/traceql';
import type { BlockScan } from './block-scan.ts';
import { type ColumnTest, testCosts } from './column-test.ts';
import { differenceOfWords } from './long-words.ts';
import {
  acceptNumbers,
  type NumberWrap,
  type Numbers,
  wrapDuration,
  wrapInt,
  wrapKind,
  wrapStatus,
} from './number-verdicts.ts';
import { allRows } from './row-mask.ts';
import type { ValueTest } from './value-test.ts';

/** An intrinsic that is a number for each span or event of a block. */
export interface NumberField {
  readonly level: FieldLevel;
  readonly cost: number;
  readonly wrap: NumberWrap;
  readonly load: (scan: BlockScan) => Promise<Numbers>;
  /** what templates call it */
  readonly column?: TemplateColumn;
}

/** `undefined` when the intrinsic is not a number. */
export function numberField(field: IntrinsicField): NumberField | undefined {
  switch (field.name) {
    case 'span:kind':
      return wordField('kind', wrapKind);
    case 'span:status':
      return wordField('statusCode', wrapStatus);
    case 'span:duration':
      return { level: 'span', cost: testCosts.word, wrap: wrapDuration, load: (scan) => scan.numbers('durationNano') };
    case 'span:childCount':
      return { level: 'span', cost: testCosts.word, wrap: wrapInt, load: (scan) => scan.words('childCount') };
    case 'nestedSetLeft':
      return derived(async (scan) => (await nestedSet(scan)).left);
    case 'nestedSetRight':
      return derived(async (scan) => (await nestedSet(scan)).right);
    case 'nestedSetParent':
      return derived(nestedSetParent);
    case 'event:timeSinceStart':
      return { level: 'event', cost: testCosts.derived, wrap: wrapDuration, load: timesSinceStart };
    default:
      return undefined;
  }
}

function wordField(column: 'kind' | 'statusCode', wrap: NumberWrap): NumberField {
  return { level: 'span', cost: testCosts.word, wrap, load: (scan) => scan.words(column), column };
}

function derived(load: NumberField['load']): NumberField {
  return { level: 'span', cost: testCosts.derived, wrap: wrapInt, load };
}

export function numberTest({ level, cost, wrap, load, column }: NumberField, test: ValueTest): ColumnTest {
  // Of the source, which has the same ones for all its blocks.
  let decided: { readonly ofTemplate: Uint32Array; readonly verdicts: Uint8Array } | undefined;
  return {
    level,
    promise: undefined,
    cost,
    async rows(scan, within) {
      const out = new Uint8Array(within.length);
      const ofTemplate = column && (await scan.source.templates())?.words(column);
      if (ofTemplate === undefined) {
        acceptNumbers(await load(scan), undefined, wrap, test, within, out);
        return out;
      }
      if (decided?.ofTemplate !== ofTemplate) {
        decided = { ofTemplate, verdicts: new Uint8Array(ofTemplate.length) };
        const all = allRows(ofTemplate.length);
        acceptNumbers(new Int32Array(ofTemplate), undefined, wrap, test, all, decided.verdicts);
      }
      const { verdicts } = decided;
      const template = await scan.words('template');
      for (let i = 0; i < out.length; i++) out[i] = verdicts[template[i]] & within[i];
      return out;
    },
  };
}

/**
 * Position p (from 0) and depth d in the trace's pre-order give a connected span's left number, its subtree of s spans
 * the right one: left = 2p − d + 1, right = left + 2s − 1. Trees of roots come first, so what is not connected does
 * not count. A span that hangs on no root has 0, as Tempo gives it.
 */
async function nestedSet(scan: BlockScan): Promise<{ left: Int32Array; right: Int32Array }> {
  const { firstRow } = await scan.source.traces();
  const traceRow = await scan.words('traceRow');
  const depth = await scan.words('depth');
  const subtreeSize = await scan.words('subtreeSize');
  const connected = await scan.words('connected');
  const left = new Int32Array(scan.rowCount);
  const right = new Int32Array(scan.rowCount);
  for (let i = 0; i < scan.rowCount; i++) {
    if (connected[i] === 0) continue;
    left[i] = leftNumber(scan.firstRow + i - firstRow[traceRow[i]], depth[i]);
    right[i] = left[i] + 2 * subtreeSize[i] - 1;
  }
  return { left, right };
}

function leftNumber(position: number, depth: number): number {
  return 2 * position - depth + 1;
}

/** −1 for a root, 0 for what is not connected. */
async function nestedSetParent(scan: BlockScan): Promise<Int32Array> {
  const { firstRow } = await scan.source.traces();
  const traceRow = await scan.words('traceRow');
  const depth = await scan.words('depth');
  const parentRow = await scan.words('parentRow');
  const connected = await scan.words('connected');
  const parent = new Int32Array(scan.rowCount);
  for (let i = 0; i < scan.rowCount; i++) {
    if (connected[i] === 0) continue;
    const row = parentRow[i] >>> 0;
    parent[i] = row === NO_ROW ? -1 : leftNumber(row - firstRow[traceRow[i]], depth[i] - 1);
  }
  return parent;
}

/** Nanoseconds from the span's start to each event; below 0 when the event lies before. */
async function timesSinceStart(scan: BlockScan): Promise<Float64Array> {
  const eventStart = await scan.words('eventStart');
  const timeLow = await scan.words('eventTimeLow');
  const timeHigh = await scan.words('eventTimeHigh');
  const startLow = await scan.words('startLow');
  const startHigh = await scan.words('startHigh');
  const nano = new Float64Array(timeLow.length);
  for (let row = 0; row < scan.rowCount; row++) {
    for (let e = eventStart[row]; e < eventStart[row + 1]; e++) {
      nano[e] = differenceOfWords(timeLow[e], timeHigh[e], startLow[row], startHigh[row]);
    }
  }
  return nano;
}
