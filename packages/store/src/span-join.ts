import { assert } from '@spoor/model';
import type { SpanSelection } from './ordered-spans.ts';
import type { SpanTable } from './span-table.ts';
import { mixWord } from './string-interner.ts';

/** The tables that fit into `OrderedSpans.tableIndex`. */
const TABLES_MAX = 0xffff;

/**
 * The spans of several tables side by side, numbered through (*members*), grouped by trace. Members of joined trace t
 * are `members[traceBegin[t]]` and the `traceCount[t] − 1` after it.
 */
export interface JoinedSpans {
  readonly tables: readonly SpanTable[];
  readonly tableIndex: Uint16Array;
  readonly sourceRow: Uint32Array;
  readonly startHigh: Uint32Array;
  readonly startLow: Uint32Array;
  readonly spanIdHigh: Uint32Array;
  readonly spanIdLow: Uint32Array;
  readonly parentIdHigh: Uint32Array;
  readonly parentIdLow: Uint32Array;
  /** four words each */
  readonly traceId: Uint32Array;
  readonly traceBegin: Uint32Array;
  readonly traceCount: Uint32Array;
  readonly members: Uint32Array;
  /** as long as `members`, for sorting */
  readonly scratch: Uint32Array;
}

export function joinSpans(selections: readonly SpanSelection[]): JoinedSpans {
  assert(selections.length <= TABLES_MAX, 'no more tables than can be numbered');
  let total = 0;
  let traceMax = 0;
  for (const { table, rows } of selections) {
    const count = rows?.length ?? table.counts.spans;
    total += count;
    traceMax += Math.min(count, table.counts.traces);
  }
  const words = () => new Uint32Array(total);
  const ids = new TraceNumbers(traceMax);
  const traceOf = words();
  const columns = {
    tableIndex: new Uint16Array(total),
    sourceRow: words(),
    startHigh: words(),
    startLow: words(),
    spanIdHigh: words(),
    spanIdLow: words(),
    parentIdHigh: words(),
    parentIdLow: words(),
  };
  let at = 0;
  for (const [index, selection] of selections.entries()) {
    copySelection(columns, at, index, selection);
    at = numberSelection(ids, traceOf, at, selection);
  }
  return { tables: selections.map(({ table }) => table), ...columns, ...groupByTrace(traceOf, ids), scratch: words() };
}

type MemberColumns = Pick<
  JoinedSpans,
  'tableIndex' | 'sourceRow' | 'startHigh' | 'startLow' | 'spanIdHigh' | 'spanIdLow' | 'parentIdHigh' | 'parentIdLow'
>;

function copySelection(to: MemberColumns, at: number, index: number, { table, rows }: SpanSelection): void {
  const count = rows?.length ?? table.counts.spans;
  to.tableIndex.fill(index, at, at + count);
  if (rows === undefined) for (let i = 0; i < count; i++) to.sourceRow[at + i] = i;
  else to.sourceRow.set(rows, at);
  copyColumn(to.startHigh, at, table.startHigh, count, rows);
  copyColumn(to.startLow, at, table.startLow, count, rows);
  copyColumn(to.spanIdHigh, at, table.spanIdHigh, count, rows);
  copyColumn(to.spanIdLow, at, table.spanIdLow, count, rows);
  copyColumn(to.parentIdHigh, at, table.parentSpanIdHigh, count, rows);
  copyColumn(to.parentIdLow, at, table.parentSpanIdLow, count, rows);
}

function copyColumn(
  to: Uint32Array,
  at: number,
  from: Uint32Array,
  count: number,
  rows: Uint32Array | undefined,
): void {
  if (rows === undefined) to.set(from.subarray(0, count), at);
  else for (let i = 0; i < count; i++) to[at + i] = from[rows[i]]!;
}

function numberSelection(ids: TraceNumbers, traceOf: Uint32Array, at: number, { table, rows }: SpanSelection): number {
  const numberOf = new Uint32Array(table.counts.traces);
  const count = rows?.length ?? table.counts.spans;
  for (let i = 0; i < count; i++) {
    const trace = table.traceRow[rows === undefined ? i : rows[i]];
    if (numberOf[trace] === 0) numberOf[trace] = 1 + ids.numberOf(table.traceId, 4 * trace);
    traceOf[at + i] = numberOf[trace] - 1;
  }
  return at + count;
}

/** A counting sort: members of a trace stay in the order they came. */
function groupByTrace(
  traceOf: Uint32Array,
  ids: TraceNumbers,
): Pick<JoinedSpans, 'traceId' | 'traceBegin' | 'traceCount' | 'members'> {
  const traceCount = new Uint32Array(ids.count);
  for (let i = 0; i < traceOf.length; i++) traceCount[traceOf[i]]++;
  const traceBegin = new Uint32Array(ids.count);
  for (let trace = 1; trace < ids.count; trace++) traceBegin[trace] = traceBegin[trace - 1] + traceCount[trace - 1];
  const next = traceBegin.slice();
  const members = new Uint32Array(traceOf.length);
  for (let i = 0; i < traceOf.length; i++) members[next[traceOf[i]]++] = i;
  return { traceId: ids.ids.subarray(0, 4 * ids.count), traceBegin, traceCount, members };
}

/** Numbers distinct trace ids in order of first sight. */
class TraceNumbers {
  count = 0;
  readonly ids: Uint32Array;
  readonly #slots: Uint32Array;

  constructor(traceMax: number) {
    this.ids = new Uint32Array(4 * traceMax);
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * traceMax + 2)));
  }

  numberOf(words: Uint32Array, at: number): number {
    const { ids } = this;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hash = 0;
    for (let word = 0; word < 4; word++) hash = mixWord(hash ^ words[at + word]);
    let slot = hash & mask;
    for (let entry = slots[slot]; entry !== 0; entry = slots[slot]!) {
      const to = 4 * (entry - 1);
      const same =
        ids[to] === words[at] &&
        ids[to + 1] === words[at + 1] &&
        ids[to + 2] === words[at + 2] &&
        ids[to + 3] === words[at + 3];
      if (same) return entry - 1;
      slot = (slot + 1) & mask;
    }
    for (let word = 0; word < 4; word++) ids[4 * this.count + word] = words[at + word]!;
    slots[slot] = ++this.count;
    return this.count - 1;
  }
}
