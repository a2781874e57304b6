import type { BlockScan } from './block-scan.ts';

/**
 * 1 for spans without a parent id. An ordered source knows them by two small columns; the ids themselves are random, and
 * the slowest of all columns to read.
 */
export async function rootRows(scan: BlockScan): Promise<Uint8Array> {
  const isRoot = new Uint8Array(scan.rowCount);
  const { isOrdered } = scan.source;
  const first = await scan.words(isOrdered ? 'depth' : 'parentSpanIdHigh');
  const second = await scan.words(isOrdered ? 'connected' : 'parentSpanIdLow');
  const wanted = isOrdered ? 1 : 0;
  for (let row = 0; row < isRoot.length; row++) isRoot[row] = first[row] === 0 && second[row] === wanted ? 1 : 0;
  return isRoot;
}
