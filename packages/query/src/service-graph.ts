import { StatusCode } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import type { BlockScan } from './block-scan.ts';
import { type BlockCalls, CallEdges, ConnectionType, connectionTypeNames, NO_SIDE } from './call-edges.ts';
import { forEachTraceSource } from './gathered-traces.ts';
import { resourceLabel } from './label-numbers.ts';
import { LabelValues } from './label-values.ts';
import { edgeLatencyBounds, LatencyBuckets } from './latency-buckets.ts';
import { WindowCells } from './metric-windows.ts';
import type { QuerySources } from './query-sources.ts';
import { type RowMask, rowsOf } from './row-mask.ts';
import { SeriesCells, type SeriesPart } from './series-cells.ts';
import { columnOfRows, numbersOfRows } from './source-rows.ts';
import type { LabelledSeriesAnswer, ServiceGraphRequest, TimeRange } from './trace-store.ts';
import { TurnTaker } from './turn-taker.ts';
import { forEachBlock } from './used-rows.ts';
import { wholeSourceSums } from './whole-source-sums.ts';

/**
 * Calls between services in windows of time, by labels. Traces with parts in several sources are brought together first.
 * A call is in the window that its server span starts in, without one its client span; it counts as often as that span
 * says it stands for.
 * @throws {QueryError} `QUERY_INVALID`, `QUERY_LIMIT`, `QUERY_CANCELLED`
 */
export async function serviceGraph(
  qs: QuerySources,
  request: ServiceGraphRequest,
  signal?: AbortSignal,
): Promise<LabelledSeriesAnswer> {
  const turns = new TurnTaker(signal);
  const windows = new WindowCells(request.windows);
  const sums = new EdgeSums(request, windows);
  await forEachTraceSource(qs, windows.range, turns, async (source, leftOut) => {
    const sum = async (): Promise<readonly SeriesPart[] | undefined> => {
      const own = new EdgeSums(request, windows);
      await own.addSource(source, windows.range, undefined, turns);
      return own.cells.isCut ? undefined : own.cells.parts();
    };
    const memo = leftOut === undefined ? qs.memo : undefined;
    const whole = await wholeSourceSums(memo, source, windows.range, request, sum);
    if (whole === undefined) await sums.addSource(source, windows.range, leftOut, turns);
    else sums.cells.addParts(whole);
  });
  return sums.answer();
}

type Side = 'client' | 'server';

/** A label of the graph, and where its value is read. */
interface EdgeLabel {
  readonly values: LabelValues;
  readonly isGrouped: boolean;
  readonly of: Side | 'type' | { readonly side: Side; readonly attribute: string };
}

/** What has to be known of a whole source: the other side of a call lies anywhere in it. */
interface BoundSource {
  readonly edges: CallEdges;
  /** for each label of a side's resource, the numbers of its values by resource */
  readonly resourceNumbers: ReadonlyMap<EdgeLabel, ArrayLike<number>>;
  readonly statusOf: Uint32Array | undefined;
  readonly durationOf: Float64Array | undefined;
}

class EdgeSums {
  readonly #measure: ServiceGraphRequest['measure'];
  readonly #windows: WindowCells;
  readonly #buckets = new LatencyBuckets(edgeLatencyBounds);
  readonly #clients: LabelValues;
  readonly #servers: LabelValues;
  readonly #labels: readonly EdgeLabel[];
  readonly cells: SeriesCells;

  constructor({ measure, by, matchers, seriesMax }: ServiceGraphRequest, windows: WindowCells) {
    this.#measure = measure;
    this.#windows = windows;
    this.#clients = new LabelValues('client', matchers);
    this.#servers = new LabelValues('server', matchers);
    const names = new Set([...by, ...matchers.map(({ name }) => name)]);
    const labelOf = (name: string): EdgeLabel => {
      const isGrouped = by.includes(name);
      if (name === 'client') return { values: this.#clients, isGrouped, of: 'client' };
      if (name === 'server') return { values: this.#servers, isGrouped, of: 'server' };
      return { values: new LabelValues(name, matchers), isGrouped, of: sourceOfLabel(name) };
    };
    const labels = [...names].map(labelOf);
    this.#labels = labels;
    const grouped = labels.filter(({ isGrouped }) => isGrouped).map(({ values }) => values);
    this.cells = new SeriesCells(windows, grouped, isLatency(measure) ? this.#buckets.width : 1, seriesMax);
  }

  async addSource(
    source: ColumnSource,
    range: TimeRange,
    leftOut: Uint8Array | undefined,
    turns: TurnTaker,
  ): Promise<void> {
    const bound = await this.#bind(source, turns);
    await forEachBlock(source, range, turns, (scan, rows) => this.#addBlock(scan, rows, leftOut, bound));
  }

  async #bind(source: ColumnSource, turns: TurnTaker): Promise<BoundSource> {
    const resources = await source.resources();
    const resourceNumbers = new Map<EdgeLabel, ArrayLike<number>>();
    for (const label of this.#labels) {
      if (typeof label.of === 'string') continue;
      const { attribute } = label.of;
      const texts = resources.map(({ attributes }) => resourceLabel(attributes, attribute));
      resourceNumbers.set(
        label,
        texts.map((text) => label.values.number(text)),
      );
    }
    return {
      edges: await CallEdges.open(source, this.#clients, this.#servers, turns),
      resourceNumbers,
      statusOf: this.#measure === 'failed' ? await columnOfRows(source, 'statusCode', turns) : undefined,
      durationOf: isLatency(this.#measure) ? await numbersOfRows(source, 'durationNano', turns) : undefined,
    };
  }

  async #addBlock(
    scan: BlockScan,
    inRange: RowMask,
    leftOut: Uint8Array | undefined,
    bound: BoundSource,
  ): Promise<void> {
    const calls = await bound.edges.ofBlock(scan, inRange, leftOut);
    if (!calls.rows.includes(1)) return;
    const cells = await this.#windows.ofBlock(scan);
    let rows = rowsOf(calls.rows).filter((row) => cells[row] >= 0 && this.#counts(calls, row, bound));
    const numbers = new Map(this.#labels.map((label) => [label, numbersOf(label, calls, bound)]));
    for (const [{ values }, ofLabel] of numbers) {
      if (values.isRestricted) rows = rows.filter((row) => values.accepts(ofLabel[row]));
    }
    const grouped = [...numbers].filter(([{ isGrouped }]) => isGrouped);
    const series = this.cells.series(
      grouped.map(([, ofLabel]) => Int32Array.from(rows, (row) => ofLabel[row])),
      rows.length,
    );
    const count = await scan.numbers('adjustedCount');
    for (const [i, row] of rows.entries()) this.#add(series[i], cells[row], calls, row, count[row], bound);
  }

  /** Whether the measure has anything to say of the call. */
  #counts(calls: BlockCalls, i: number, { statusOf }: BoundSource): boolean {
    const [client, server] = [calls.clientRows[i], calls.serverRows[i]];
    switch (this.#measure) {
      case 'requests':
        return true;
      case 'failed':
        return statusOf![client] === StatusCode.error || statusOf![server] === StatusCode.error;
      case 'serverLatency':
        return timedRow(calls, i) !== NO_SIDE;
      case 'clientLatency':
        return client !== NO_SIDE;
    }
  }

  #add(series: number, cell: number, calls: BlockCalls, i: number, count: number, { durationOf }: BoundSource): void {
    const into = this.cells.cells(series);
    if (into === undefined) return;
    if (durationOf === undefined) {
      into[cell] += count;
      return;
    }
    const row = this.#measure === 'clientLatency' ? calls.clientRows[i] : timedRow(calls, i);
    this.#buckets.add(into, cell * this.#buckets.width, durationOf[row], count);
  }

  answer(): LabelledSeriesAnswer {
    const accumulate = isLatency(this.#measure)
      ? (values: Float64Array): void => this.#buckets.accumulate(values)
      : undefined;
    return this.cells.answer(accumulate);
  }
}

/** The row whose duration is the server's: of a database, which sends no span, its client's. */
function timedRow({ types, clientRows, serverRows }: BlockCalls, i: number): number {
  return types[i] === ConnectionType.database ? clientRows[i] : serverRows[i];
}

function isLatency(measure: ServiceGraphRequest['measure']): boolean {
  return measure === 'serverLatency' || measure === 'clientLatency';
}

function sourceOfLabel(name: string): EdgeLabel['of'] {
  if (name === 'connection_type') return 'type';
  const match = /^(client|server)_(.+)$/.exec(name);
  // A label that a series does not have is empty, as in Prometheus.
  return match === null ? { side: 'client', attribute: '' } : { side: match[1] as Side, attribute: match[2] };
}

function numbersOf(label: EdgeLabel, calls: BlockCalls, bound: BoundSource): ArrayLike<number> {
  const { values, of } = label;
  if (of === 'client') return calls.clients;
  if (of === 'server') return calls.servers;
  if (of === 'type') {
    const numbers = connectionTypeNames.map((name) => values.number(name));
    return Int32Array.from(calls.types, (type) => numbers[type]);
  }
  const { resourceOf } = bound.edges;
  const byResource = bound.resourceNumbers.get(label)!;
  const missing = values.number('');
  const rows = of.side === 'client' ? calls.clientRows : calls.serverRows;
  return rows.map((row) => (row === NO_SIDE ? missing : byResource[resourceOf[row]]));
}
