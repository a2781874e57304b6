import { serviceName, type Span, type TraceId } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import { BlockScan } from './block-scan.ts';
import type { QuerySources } from './query-sources.ts';
import { locateTraces } from './trace-parts.ts';
import { TurnTaker } from './turn-taker.ts';

/**
 * One trace as columns, one entry a span: what a picture of it needs, and no attributes. The children of a span come by
 * start, then span id; so do the roots, and so the spans whose parent is missing. Spans that a client sent twice appear
 * once: here those with the same ids, times, status and operation.
 */
export interface TraceSpanColumns {
  readonly spanCount: number;
  readonly startUnixNano: bigint;
  /** nanoseconds after `startUnixNano`; exact for 104 days */
  readonly offsetNano: Float64Array;
  /** max(0, end − start) */
  readonly durationNano: Float64Array;
  readonly endsBeforeStart: Uint8Array;
  readonly spanIdHigh: Uint32Array;
  readonly spanIdLow: Uint32Array;
  /** both halves 0 for a root */
  readonly parentSpanIdHigh: Uint32Array;
  readonly parentSpanIdLow: Uint32Array;
  readonly statusCode: Int32Array;
  readonly hasEvents: Uint8Array;
  readonly hasLinks: Uint8Array;
  /** index into `operations` */
  readonly operation: Uint32Array;
  readonly operations: readonly (readonly [service: number, name: string, kind: number])[];
  readonly services: readonly string[];
  /** The whole span of an entry. */
  span(index: number): Promise<Span>;
}

/** `undefined` when no source has a span of it. Costs no object a span: 100,000 spans are tens of milliseconds. */
export async function traceSpanColumns(
  qs: QuerySources,
  id: TraceId,
  signal?: AbortSignal,
): Promise<TraceSpanColumns | undefined> {
  const turns = new TurnTaker(signal);
  const parts = (await locateTraces(qs, [id], turns)).get(id) ?? [];
  const count = parts.reduce((sum, { rows }) => sum + rows.length, 0);
  if (count === 0) return undefined;
  const table = new RawSpans(count);
  for (const { source, rows } of parts) await table.add(source, rows, turns);
  // An ordered source has each span once, and its pre-order has siblings in order already.
  return table.columns(parts.length === 1 && parts[0].source.isOrdered);
}

/** Spans as they are found, before they are sorted. */
class RawSpans {
  readonly #sources: ColumnSource[] = [];
  readonly #sourceIndex: Uint16Array;
  readonly #sourceRow: Uint32Array;
  readonly #words: RawWords;
  readonly #duration: Float64Array;
  readonly #hasEvents: Uint8Array;
  readonly #hasLinks: Uint8Array;
  readonly #operation: Uint32Array;
  readonly #operations = new OperationCodes();
  #count = 0;

  constructor(capacity: number) {
    this.#sourceIndex = new Uint16Array(capacity);
    this.#sourceRow = new Uint32Array(capacity);
    this.#words = Object.fromEntries(wordColumns.map((column) => [column, new Uint32Array(capacity)])) as RawWords;
    this.#duration = new Float64Array(capacity);
    this.#hasEvents = new Uint8Array(capacity);
    this.#hasLinks = new Uint8Array(capacity);
    this.#operation = new Uint32Array(capacity);
  }

  /** @param rows  ascending */
  async add(source: ColumnSource, rows: Uint32Array, turns: TurnTaker): Promise<void> {
    const index = this.#sources.push(source) - 1;
    const operationOf = await this.#operations.ofSource(source);
    for (let at = 0; at < rows.length;) {
      await turns.turn();
      const scan = new BlockScan(source, Math.floor(rows[at] / source.blockRows), turns.signal);
      let end = at;
      while (end < rows.length && rows[end] < scan.firstRow + scan.rowCount) end++;
      this.#sourceIndex.fill(index, this.#count, this.#count + end - at);
      await this.#addBlock(scan, rows.subarray(at, end), operationOf);
      at = end;
    }
  }

  async #addBlock(scan: BlockScan, rows: Uint32Array, operationOf: OperationOf): Promise<void> {
    const from = this.#count;
    for (const column of wordColumns) {
      const values = await scan.words(column);
      const target = this.#words[column];
      for (let i = 0; i < rows.length; i++) target[from + i] = values[rows[i] - scan.firstRow]!;
    }
    const duration = await scan.numbers('durationNano');
    const [eventStart, linkStart] = [await scan.words('eventStart'), await scan.words('linkStart')];
    const [resource, name, kind] = [await scan.words('resource'), await scan.words('name'), await scan.words('kind')];
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] - scan.firstRow;
      this.#sourceRow[from + i] = rows[i]!;
      this.#duration[from + i] = duration[row]!;
      this.#hasEvents[from + i] = eventStart[row + 1] > eventStart[row] ? 1 : 0;
      this.#hasLinks[from + i] = linkStart[row + 1] > linkStart[row] ? 1 : 0;
      this.#operation[from + i] = operationOf(resource[row], name[row], kind[row] | 0);
    }
    this.#count += rows.length;
    await this.#operations.readNames(scan.source);
  }

  columns(isOrdered: boolean): TraceSpanColumns {
    const words = this.#words;
    const { offset, startUnixNano } = offsets(words.startHigh, words.startLow, this.#count);
    const order = isOrdered ? undefined : this.#order(offset);
    const sources = this.#sources;
    const sourceIndex = gathered(this.#sourceIndex, order);
    const sourceRow = gathered(this.#sourceRow, order);
    const { codeOfRaw, operations, services } = this.#operations.finish();
    const operation = gathered(this.#operation, order);
    for (let i = 0; i < operation.length; i++) operation[i] = codeOfRaw[operation[i]]!;
    return {
      spanCount: sourceRow.length,
      startUnixNano,
      offsetNano: gathered(offset, order),
      durationNano: gathered(this.#duration, order),
      endsBeforeStart: gathered(endsBeforeStart(words), order),
      spanIdHigh: gathered(words.spanIdHigh, order),
      spanIdLow: gathered(words.spanIdLow, order),
      parentSpanIdHigh: gathered(words.parentSpanIdHigh, order),
      parentSpanIdLow: gathered(words.parentSpanIdLow, order),
      statusCode: new Int32Array(gathered(words.statusCode, order).buffer),
      hasEvents: gathered(this.#hasEvents, order),
      hasLinks: gathered(this.#hasLinks, order),
      operation,
      operations,
      services,
      span: async (index) => (await sources[sourceIndex[index]].spans(Uint32Array.of(sourceRow[index])))[0],
    };
  }

  /** Entries by start, then span id, retries left out. */
  #order(offset: Float64Array): Uint32Array {
    const { spanIdHigh, spanIdLow } = this.#words;
    const order = Uint32Array.from({ length: this.#count }, (_, i) => i).sort(
      (a, b) => offset[a] - offset[b] || spanIdHigh[a] - spanIdHigh[b] || spanIdLow[a] - spanIdLow[b] || a - b,
    );
    let kept = 0;
    for (const entry of order) if (kept === 0 || !this.#isSame(order[kept - 1], entry)) order[kept++] = entry;
    return order.subarray(0, kept);
  }

  #isSame(a: number, b: number): boolean {
    if (this.#operation[a] !== this.#operation[b] && this.#sourceIndex[a] === this.#sourceIndex[b]) return false;
    return wordColumns.every((column) => this.#words[column][a] === this.#words[column][b]);
  }
}

const wordColumns = [
  'spanIdHigh',
  'spanIdLow',
  'parentSpanIdHigh',
  'parentSpanIdLow',
  'startHigh',
  'startLow',
  'endHigh',
  'endLow',
  'statusCode',
] as const;

type RawWords = Readonly<Record<(typeof wordColumns)[number], Uint32Array>>;

function endsBeforeStart({ startHigh, startLow, endHigh, endLow }: RawWords): Uint8Array {
  const flags = new Uint8Array(startHigh.length);
  for (let i = 0; i < flags.length; i++) {
    if (endHigh[i] < startHigh[i] || (endHigh[i] === startHigh[i] && endLow[i] < startLow[i])) flags[i] = 1;
  }
  return flags;
}

type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** The entries that `order` names; the column itself without one. A loop: `map` with a closure takes ten times as long. */
function gathered<T extends Column>(column: T, order: Uint32Array | undefined): T {
  if (order === undefined) return column;
  const result = new (column.constructor as new (length: number) => T)(order.length);
  for (let i = 0; i < order.length; i++) result[i] = column[order[i]]!;
  return result;
}

/** Distances from the earliest start, without a bigint for each span. */
function offsets(high: Uint32Array, low: Uint32Array, count: number): { offset: Float64Array; startUnixNano: bigint } {
  let first = 0;
  for (let i = 1; i < count; i++)
    if (high[i] < high[first] || (high[i] === high[first] && low[i] < low[first])) first = i;
  const offset = new Float64Array(count);
  for (let i = 0; i < count; i++) offset[i] = (high[i] - high[first]) * 2 ** 32 + (low[i] - low[first]);
  return { offset, startUnixNano: (BigInt(high[first] ?? 0) << 32n) | BigInt(low[first] ?? 0) };
}

/** Gives an operation a number of its source's own, from the codes in its columns. */
type OperationOf = (resource: number, nameCode: number, kind: number) => number;

/**
 * Numbers (service, name, kind) as blocks are read, by the sources' codes; the names themselves are read once for each
 * code, and operations of several sources that turn out the same become one in {@link finish}.
 */
class OperationCodes {
  readonly #raw: {
    readonly source: ColumnSource;
    readonly service: string;
    readonly nameCode: number;
    readonly kind: number;
  }[] = [];
  readonly #names = new Map<ColumnSource, Map<number, string>>();
  #unread: number = 0;

  async ofSource(source: ColumnSource): Promise<OperationOf> {
    const services = (await source.resources()).map(serviceName);
    const serviceNumbers = new Map<string, number>();
    const numberOfResource = services.map((service) => {
      if (!serviceNumbers.has(service)) serviceNumbers.set(service, serviceNumbers.size);
      return serviceNumbers.get(service)!;
    });
    const known = new Map<number, Map<number, number>>();
    this.#names.set(source, new Map());
    return (resource, nameCode, kind) => {
      // Kinds beyond OTLP's are open-ended; 2^20 services and 32 kinds side by side are exact in a double.
      const group = numberOfResource[resource] * 2 ** 32 + (kind >>> 0);
      let byName = known.get(group);
      if (byName === undefined) known.set(group, (byName = new Map()));
      let raw = byName.get(nameCode);
      if (raw === undefined) {
        raw = this.#raw.push({ source, service: services[resource], nameCode, kind }) - 1;
        byName.set(nameCode, raw);
      }
      return raw;
    };
  }

  /** Reads the names of codes met since the last call. */
  async readNames(source: ColumnSource): Promise<void> {
    const names = this.#names.get(source)!;
    const codes = [...new Set(this.#raw.slice(this.#unread).map(({ nameCode }) => nameCode))].filter(
      (code) => !names.has(code),
    );
    this.#unread = this.#raw.length;
    if (codes.length === 0) return;
    const dictionary = await source.dictionary('name');
    const sourceCodes = Uint32Array.from(codes, (code) => (dictionary === undefined ? code : dictionary[code]));
    const texts = await source.strings(sourceCodes);
    for (let i = 0; i < codes.length; i++) names.set(codes[i], texts[i]);
  }

  finish() {
    const services = new Map<string, number>();
    const codes = new Map<string, number>();
    const operations: [number, string, number][] = [];
    const codeOfRaw = this.#raw.map(({ source, service, nameCode, kind }) => {
      if (!services.has(service)) services.set(service, services.size);
      const name = this.#names.get(source)!.get(nameCode)!;
      const key = `${services.get(service)} ${kind} ${name}`;
      let code = codes.get(key);
      if (code === undefined) {
        code = operations.push([services.get(service)!, name, kind]) - 1;
        codes.set(key, code);
      }
      return code;
    });
    return { services: [...services.keys()], operations, codeOfRaw };
  }
}
