import type { FieldLevel } from '@spoor/traceql';
import type { BlockScan } from './block-scan.ts';
import type { RowMask } from './row-mask.ts';

/**
 * A test of one field, bound to a source. It is asked about a block's spans, events or links, as its level says.
 * `never` and `always` are promises about the whole source, so that it need not be scanned.
 */
export interface ColumnTest {
  readonly level: FieldLevel;
  readonly promise: 'never' | 'always' | undefined;
  /** for the order of an `and`'s parts: cheap ones first */
  readonly cost: number;
  /** The rows of `within` that pass, as a new mask. */
  rows(scan: BlockScan, within: RowMask): Promise<RowMask>;
}

/** Relative costs of testing a block's rows by kind of column. */
export const testCosts = Object.freeze({
  table: 1,
  word: 2,
  codes: 3,
  attribute: 4,
  derived: 6,
  computed: 20,
  exists: 30,
});

export function neverTest(level: FieldLevel): ColumnTest {
  return { level, promise: 'never', cost: 0, rows: async (_scan, within) => new Uint8Array(within.length) };
}

export function alwaysTest(level: FieldLevel): ColumnTest {
  return { level, promise: 'always', cost: 0, rows: async (_scan, within) => within.slice() };
}
