import type { Attribute, TraceId } from '@spoor/model';
import { type ColumnSource, temporarySource } from '@spoor/store';
import { type Field, printField } from '@spoor/traceql';
import { BlockScan } from './block-scan.ts';
import type { AssembledTrace } from './fetch-traces.ts';
import { scalarOfGroups } from './group-scalar.ts';
import { compareWords } from './long-words.ts';
import { rowsOfPlan, visitPlan } from './plan-matches.ts';
import { groupRows } from './row-groups.ts';
import { type RowExpression, rowExpression, rowValues } from './row-expression.ts';
import type { SearchPlan, ShownPlan, ShownScalar } from './search-plan.ts';
import type { SourceScope } from './span-matches.ts';
import { columnAt, type SourceRows } from './source-rows.ts';
import type { SpanOfSet, SpanSet, TimeRange } from './trace-store.ts';
import type { TurnTaker } from './turn-taker.ts';
import { attributeValueOf } from './value-attribute.ts';
import { compareForOrder, type Value } from './value.ts';

/**
 * The span sets of some traces, by trace, ordered by the values of their groups. Only the traces of an answer are shown,
 * so the query runs once more over them alone; equal spans fold, as everywhere.
 * @param spansMax  spans that are listed of each set
 */
export async function spanSets(
  traces: readonly AssembledTrace[],
  plan: SearchPlan,
  range: TimeRange,
  spansMax: number,
  turns: TurnTaker,
): Promise<ReadonlyMap<TraceId, readonly SpanSet[]>> {
  const found = new Map<TraceId, SpanSet[]>();
  if (traces.length === 0) return found;
  const source = await temporarySource(traces.flatMap(({ parts }) => parts.flatMap(({ spans }) => spans)));
  const scope: SourceScope = { source, turns, leftOut: undefined };
  const rows = new Uint8Array(source.rowCount);
  await visitPlan(source, plan.spans, range, turns, undefined, async (scan, found) => rows.set(found, scan.firstRow));
  const sets = await setsOfRows(scope, rows, plan.shown);
  const listed = sets.flatMap((set) => set.rows.slice(0, spansMax));
  const spans = await spansOfRows(scope, Uint32Array.from(listed).sort(), plan.shown.fields);
  const ids = await source.traceIds(Uint32Array.from(sets, ({ traceRow }) => traceRow));
  for (const [i, set] of sets.entries()) {
    const shown: SpanSet = {
      attributes: set.attributes,
      matchedCount: set.rows.length,
      spans: set.rows.slice(0, spansMax).map((row) => spans.get(row)!),
    };
    const known = found.get(ids[i]);
    if (known === undefined) found.set(ids[i], [shown]);
    else known.push(shown);
  }
  return found;
}

interface SetOfRows {
  readonly traceRow: number;
  readonly attributes: readonly Attribute[];
  /** by start */
  readonly rows: readonly number[];
}

async function setsOfRows(scope: SourceScope, rows: SourceRows, shown: ShownPlan): Promise<readonly SetOfRows[]> {
  const { source, turns } = scope;
  const groups = await groupRows(
    source,
    rows,
    shown.groups.map(({ by }) => by),
    turns,
  );
  const rowsOfGroup: number[][] = Array.from({ length: groups.count }, () => []);
  for (const row of await rowsByStart(source, rows, turns)) rowsOfGroup[groups.groupOf[row]].push(row);
  const scalars: ((row: number) => Value | undefined)[] = [];
  for (const scalar of shown.scalars) scalars.push(await scalarByRow(scope, scalar));
  const firsts = Uint32Array.from(rowsOfGroup, ([first]) => first);
  const valuesOf = await valuesAtRows(
    source,
    firsts,
    shown.groups.map(({ by }) => by),
    turns,
  );
  const sets = rowsOfGroup.map((ofGroup, group) => {
    const values = valuesOf.get(ofGroup[0])!;
    const attributes = [
      ...shown.groups.map(({ text }, i) => ({ key: text, value: attributeValueOf(values[i]) })),
      ...shown.scalars.map(({ text }, i) => ({ key: text, value: attributeValueOf(scalars[i](ofGroup[0])) })),
    ];
    return { traceRow: groups.traceRow[group], values, attributes, rows: ofGroup };
  });
  return sets.sort((a, b) => a.traceRow - b.traceRow || compareLists(a.values, b.values));
}

function compareLists(a: readonly (Value | undefined)[], b: readonly (Value | undefined)[]): number {
  for (let i = 0; i < a.length; i++) {
    const order = compareForOrder(a[i], b[i]);
    if (order !== 0) return order;
  }
  return 0;
}

async function rowsByStart(source: ColumnSource, rows: SourceRows, turns: TurnTaker): Promise<readonly number[]> {
  const columns = ['startHigh', 'startLow', 'spanIdHigh', 'spanIdLow'] as const;
  const [high, low, idHigh, idLow] = await Promise.all(columns.map((column) => columnAt(source, column, rows, turns)));
  const found: number[] = [];
  for (let row = rows.indexOf(1); row >= 0; row = rows.indexOf(1, row + 1)) found.push(row);
  return found.sort(
    (a, b) => compareWords(low[a], high[a], low[b], high[b]) || compareWords(idLow[a], idHigh[a], idLow[b], idHigh[b]),
  );
}

/** The scalar as it was of the row's group when its stage was reached. */
async function scalarByRow(
  scope: SourceScope,
  { of, by, scalar }: ShownScalar,
): Promise<(row: number) => Value | undefined> {
  const rows = await rowsOfPlan(scope, of);
  const groups = await groupRows(scope.source, rows, by, scope.turns);
  const values = await scalarOfGroups({ ...scope, rows, groups, rowsOf: (plan) => rowsOfPlan(scope, plan) }, scalar);
  return (row) => values.of(groups.groupOf[row]);
}

/** Values of some expressions at some rows. */
async function valuesAtRows(
  source: ColumnSource,
  rows: Uint32Array,
  expressions: readonly RowExpression[],
  turns: TurnTaker,
): Promise<ReadonlyMap<number, readonly (Value | undefined)[]>> {
  const values = new Map<number, readonly (Value | undefined)[]>();
  const byBlock = Map.groupBy(rows, (row) => Math.floor(row / source.blockRows));
  for (const [b, ofBlock] of byBlock) {
    await turns.turn();
    const scan = new BlockScan(source, b, turns.signal);
    const readers = await Promise.all(expressions.map((expression) => rowValues(scan, expression)));
    for (const row of ofBlock) {
      values.set(
        row,
        readers.map((read) => read(row - scan.firstRow)),
      );
    }
  }
  return values;
}

/** Every span says its name and duration anyway, and its summary what is of the trace. */
const saidAnyway: ReadonlySet<string> = new Set([
  'span:name',
  'span:duration',
  'span:id',
  'trace:id',
  'trace:duration',
  'trace:rootName',
  'trace:rootService',
]);

async function spansOfRows(
  { source, turns }: SourceScope,
  rows: Uint32Array,
  fields: readonly Field[],
): Promise<ReadonlyMap<number, SpanOfSet>> {
  const shown = fields.filter((field) => field.kind === 'attribute' || !saidAnyway.has(field.name));
  const values = await valuesAtRows(source, rows, shown.map(rowExpression), turns);
  const spans = await source.spans(rows);
  return new Map(
    Array.from(rows, (row, i) => {
      const { spanId, name, startTimeUnixNano: start, endTimeUnixNano: end } = spans[i];
      const durationNano = Math.max(0, Number(end - start));
      return [row, { spanId, name, start, durationNano, attributes: namedValues(shown, values.get(row)!) }];
    }),
  );
}

/** Under names without scope; of two fields with one name, what the query reads first. */
function namedValues(fields: readonly Field[], values: readonly (Value | undefined)[]): readonly Attribute[] {
  const named = new Map<string, Attribute>();
  for (const [i, field] of fields.entries()) {
    const key = field.kind === 'attribute' ? field.name : printField(field);
    const value = attributeValueOf(values[i]);
    if (value.type !== 'empty' && !named.has(key)) named.set(key, { key, value });
  }
  return [...named.values()];
}
