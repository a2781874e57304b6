import { unixNano } from '@spoor/model';
import type { HeadRef } from './store-snapshot.ts';
import { TableSource } from './table-source.ts';

interface OpenedHead {
  readonly source: TableSource;
  readonly version: number;
  readonly spanCount: number;
}

/**
 * The heads of the newest snapshot as this thread opened them. A head only grows, so what was worked out for its first
 * rows is handed to the next, longer opening of it; an unchanged head is the same source again.
 */
export class OpenedHeads {
  readonly #opened = new Map<string, OpenedHead>();

  open(ref: HeadRef, version: number): TableSource {
    const known = this.#opened.get(ref.id);
    const spanCount = ref.counts.spans;
    if (known?.version === version && known.spanCount === spanCount) return known.source;
    // Of two queries under way, the one with the older snapshot may come to open its heads last.
    const isOlder = known !== undefined && (known.version > version || known.spanCount > spanCount);
    const source = openHead(ref, version, isOlder ? undefined : known);
    if (!isOlder) this.#opened.set(ref.id, { source, version, spanCount });
    return source;
  }

  /** Forgets all other heads: their memory may be used again for new ones, under other ids. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#opened.keys()) if (!ids.has(id)) this.#opened.delete(id);
  }
}

/** A head as one snapshot sees it: the rows below its counts, less those that its segments already hold. */
export function openHead(ref: HeadRef, version: number, known?: OpenedHead): TableSource {
  const { id, buffers, counts, startMin, startMax } = ref;
  const rows = visibleRows(ref, version, known);
  const isWhole = rows === undefined;
  const isGrown = known !== undefined && (known.version === version || (isWhole && known.source.rows === undefined));
  return new TableSource({
    id,
    table: { ...buffers, counts },
    index: buffers,
    rows,
    starts: isWhole ? { startMin: unixNano(startMin), startMax: unixNano(startMax) } : undefined,
    before: known?.source,
    lineage: isGrown ? known.source.lineage : undefined,
  });
}

/**
 * `undefined` when none is sealed, which is nearly always. Rows past those of an earlier snapshot of the same version
 * became durable after it was published, so it does not hold them.
 */
function visibleRows({ buffers, counts }: HeadRef, version: number, known?: OpenedHead): Uint32Array | undefined {
  if (known?.version !== version) return unsealedRows(buffers.sealedVersion, counts.spans, version);
  const before = known.source.rows;
  if (before === undefined) return undefined;
  const rows = new Uint32Array(before.length + counts.spans - known.spanCount);
  rows.set(before);
  for (let i = before.length, row = known.spanCount; i < rows.length; i++, row++) rows[i] = row;
  return rows;
}

function unsealedRows(sealedVersion: Uint32Array, rowCount: number, version: number): Uint32Array | undefined {
  let row = 0;
  while (row < rowCount && (sealedVersion[row] === 0 || sealedVersion[row] > version)) row++;
  if (row === rowCount) return undefined;
  const rows = new Uint32Array(rowCount);
  for (let i = 0; i < row; i++) rows[i] = i;
  let count = row;
  for (; row < rowCount; row++) {
    const sealed = sealedVersion[row];
    if (sealed === 0 || sealed > version) rows[count++] = row;
  }
  return rows.subarray(0, count);
}
