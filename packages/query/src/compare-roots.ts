import { type ColumnSource, NO_ROW, type SpanTemplates } from '@spoor/store';
import { intrinsic } from '@spoor/traceql';
import type { BlockScan } from './block-scan.ts';
import { type AttributeOf, intrinsicValues } from './compare-values.ts';
import { servicesOf, wordsOfRows } from './field-table.ts';
import { lastUpTo } from './metric-intervals.ts';
import { PairNumbers } from './pair-numbers.ts';
import type { SharedValue } from './shared-counts.ts';
import type { Value } from './value.ts';

/** The spans of a source by the roots of their traces: those of one key have root name and root service in common. */
export interface RootKeys {
  readonly keyCount: number;
  readonly valuesOf: (key: number) => readonly SharedValue[];
  /** by row of a block, in an array that is valid until the next call */
  readonly keysOf: (scan: BlockScan) => Promise<Uint32Array>;
}

/** What traces without root have. */
const NO_TEXT: Value = Object.freeze({ type: 'string', value: '' });

/** @param source  ordered */
export async function rootKeys(
  source: ColumnSource,
  templates: SpanTemplates | undefined,
  attributeOf: AttributeOf,
): Promise<RootKeys> {
  const traces = await source.traces();
  const { keyOf, names, resources } = await rootsByTemplate(source, templates, traces.rootRow);
  const keyCount = names.length + 1;
  for (const [trace, row] of traces.rootRow.entries()) if (row === NO_ROW) keyOf[trace] = names.length;
  const [ofName, ofService] = [attributeOf(intrinsic('trace:rootName')), attributeOf(intrinsic('trace:rootService'))];
  const nameOf = await intrinsicValues(source, intrinsic('span:name'), names);
  const services = await servicesOf(source);
  const keys = new Uint32Array(source.blockRows);
  return {
    keyCount,
    valuesOf: (key) => [
      { of: ofName, value: nameOf[key] ?? NO_TEXT },
      { of: ofService, value: key < names.length ? services[resources[key]] : NO_TEXT },
    ],
    async keysOf({ firstRow, rowCount }) {
      let trace = lastUpTo(traces.firstRow, firstRow);
      for (let row = 0; row < rowCount; trace++) {
        const end = Math.min(rowCount, traces.firstRow[trace] + traces.spanCount[trace] - firstRow);
        for (; row < end; row++) keys[row] = keyOf[trace]!;
      }
      return keys;
    },
  };
}

interface Roots {
  /** by trace row; anything where there is no root */
  readonly keyOf: Uint32Array;
  /** by key, what the column `name` has */
  readonly names: Uint32Array;
  readonly resources: Uint32Array;
}

async function rootsByTemplate(
  source: ColumnSource,
  templates: SpanTemplates | undefined,
  rootRow: Uint32Array,
): Promise<Roots> {
  const [names, resources] = [templates?.words('name'), templates?.words('resource')];
  if (names !== undefined && resources !== undefined) {
    return { keyOf: await wordsOfRows(source, 'template', rootRow), names, resources };
  }
  const name = await wordsOfRows(source, 'name', rootRow);
  const resource = await wordsOfRows(source, 'resource', rootRow);
  const pairs = new PairNumbers(rootRow.length);
  const keyOf = name.map((word, trace) => pairs.of(word, resource[trace]));
  const keyCount = keyOf.reduce((most, key) => Math.max(most, key), -1) + 1;
  return {
    keyOf,
    names: Uint32Array.from({ length: keyCount }, (_, key) => pairs.first(key)),
    resources: Uint32Array.from({ length: keyCount }, (_, key) => pairs.second(key)),
  };
}
