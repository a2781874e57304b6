import type { TraceId } from '@spoor/model';
import { isCoded } from '@spoor/model';
import type {
  AttributeBlock,
  AttributeColumn,
  AttributeLevel,
  CodedColumn,
  ColumnBlock,
  ColumnNeed,
  ColumnSource,
  NumberColumn,
  Remembered,
  StringPage,
  TraceColumns,
  WordColumn,
} from '@spoor/store';

const codedColumns: readonly WordColumn[] = [
  'name',
  'statusMessage',
  'traceState',
  'eventName',
  'linkTraceId',
  'linkSpanId',
];

/** Strings a page. */
const PAGE_STRINGS = 3;

/** The strings of another source in bytewise order: a string's code is its place. */
interface SortedStrings {
  readonly strings: readonly Uint8Array[];
  readonly innerCode: Uint32Array;
  readonly codeOfInner: Uint32Array;
}

/**
 * Another source (of one block) cut into small blocks whose coded columns have dictionaries, as segments have them:
 * what a few random spans would otherwise never reach. Its strings are sorted, and lie in pages of a few.
 */
export class RecodedSource implements ColumnSource {
  readonly blockRows: number;
  readonly #inner: ColumnSource;
  #sorted: Promise<SortedStrings> | undefined;
  readonly #remembered = new Map<string, unknown>();
  readonly #dictionaries = new Map<CodedColumn | AttributeColumn, Uint32Array>();

  constructor(inner: ColumnSource, blockRows: number) {
    this.#inner = inner;
    this.blockRows = blockRows;
  }

  get id() {
    return this.#inner.id;
  }
  get rowCount() {
    return this.#inner.rowCount;
  }
  get traceCount() {
    return this.#inner.traceCount;
  }
  get isOrdered() {
    return this.#inner.isOrdered;
  }
  get startMin() {
    return this.#inner.startMin;
  }
  get startMax() {
    return this.#inner.startMax;
  }
  attributeColumns(level: AttributeLevel) {
    return this.#inner.attributeColumns(level);
  }
  resources() {
    return this.#inner.resources();
  }
  scopes() {
    return this.#inner.scopes();
  }
  async templates(): Promise<undefined> {
    return undefined;
  }
  async findString(bytes: Uint8Array) {
    const code = await this.#inner.findString(bytes);
    return code === undefined ? undefined : (await this.#sortedStrings()).codeOfInner[code];
  }
  async strings(codes: Uint32Array) {
    const { innerCode } = await this.#sortedStrings();
    return this.#inner.strings(codes.map((code) => innerCode[code]));
  }
  async bytes(codes: Uint32Array) {
    const { strings } = await this.#sortedStrings();
    return Array.from(codes, (code) => strings[code]);
  }
  async *stringPages(codes: Uint32Array): AsyncGenerator<StringPage> {
    const { strings } = await this.#sortedStrings();
    for (const page of new Set(Array.from(codes, (code) => Math.floor(code / PAGE_STRINGS)))) {
      const firstCode = page * PAGE_STRINGS;
      const ofPage = strings.slice(firstCode, firstCode + PAGE_STRINGS);
      const offset = new Uint32Array(ofPage.length + 1);
      for (const [i, string] of ofPage.entries()) offset[i + 1] = offset[i] + string.length;
      yield { firstCode, count: ofPage.length, offset, bytes: new Uint8Array(Buffer.concat(ofPage)) };
    }
  }
  async remembered<T>(name: string, make: () => Promise<Remembered<T>>): Promise<T> {
    if (!this.#remembered.has(name)) this.#remembered.set(name, (await make()).value);
    return this.#remembered.get(name) as T;
  }
  findTrace(id: TraceId) {
    return this.#inner.findTrace(id);
  }
  traceIds(rows: Uint32Array) {
    return this.#inner.traceIds(rows);
  }
  traces(): Promise<TraceColumns> {
    return this.#inner.traces();
  }
  spans(rows: Uint32Array) {
    return this.#inner.spans(rows);
  }
  async ordered(): Promise<ColumnSource> {
    return this.isOrdered ? this : new RecodedSource(await this.#inner.ordered(), this.blockRows);
  }

  async dictionary(column: CodedColumn | AttributeColumn): Promise<Uint32Array> {
    let dictionary = this.#dictionaries.get(column);
    if (dictionary === undefined) this.#dictionaries.set(column, (dictionary = await this.#makeDictionary(column)));
    return dictionary;
  }

  async #makeDictionary(column: CodedColumn | AttributeColumn): Promise<Uint32Array> {
    const codes = typeof column === 'string' ? await this.#words(column) : (await this.#attribute(column)).codes!;
    const { codeOfInner } = await this.#sortedStrings();
    return Uint32Array.from(new Set(codes), (code) => codeOfInner[code]).sort();
  }

  #sortedStrings(): Promise<SortedStrings> {
    return (this.#sorted ??= sortedStrings(this.#inner));
  }

  async block(index: number, need: ColumnNeed): Promise<ColumnBlock> {
    const firstRow = index * this.blockRows;
    const rowCount = Math.min(this.blockRows, this.rowCount - firstRow);
    const words = new Map<WordColumn, Uint32Array | Int32Array>();
    const numbers = new Map<NumberColumn, Float64Array>();
    const attributes = new Map<AttributeColumn, AttributeBlock>();
    for (const column of need.words ?? []) words.set(column, await this.#cutWords(column, firstRow, rowCount));
    for (const column of need.numbers ?? []) {
      const whole = (await this.#inner.block(0, { numbers: [column] })).numbers(column);
      numbers.set(column, whole.slice(firstRow, firstRow + rowCount));
    }
    for (const column of [...(need.attributes ?? []), ...(need.varying ?? [])])
      attributes.set(column, await this.#cutAttribute(column, firstRow, rowCount));
    return {
      firstRow,
      rowCount,
      words: (column) => words.get(column)!,
      numbers: (column) => numbers.get(column)!,
      attribute: (column) => attributes.get(column)!,
      varying: (column) => attributes.get(column)!,
    };
  }

  async #words(column: WordColumn): Promise<Uint32Array | Int32Array> {
    return (await this.#inner.block(0, { words: [column] })).words(column);
  }

  async #attribute(column: AttributeColumn): Promise<AttributeBlock> {
    return (await this.#inner.block(0, { attributes: [column] })).attribute(column);
  }

  /** First item and the one past the last of the block's spans, events or links. */
  async #items(level: AttributeLevel, firstRow: number, rowCount: number): Promise<readonly [number, number]> {
    if (level === 'span') return [firstRow, firstRow + rowCount];
    const start = await this.#words(level === 'event' ? 'eventStart' : 'linkStart');
    return [start[firstRow], start[firstRow + rowCount]];
  }

  async #cutWords(column: WordColumn, firstRow: number, rowCount: number): Promise<Uint32Array | Int32Array> {
    const whole = await this.#words(column);
    if (column === 'eventStart' || column === 'linkStart') {
      return Uint32Array.from({ length: rowCount + 1 }, (_, i) => whole[firstRow + i] - whole[firstRow]);
    }
    const level = column.startsWith('event') ? 'event' : column.startsWith('link') ? 'link' : 'span';
    const [first, end] = await this.#items(level, firstRow, rowCount);
    const cut = whole.slice(first, end);
    if (!codedColumns.includes(column)) return cut;
    const dictionary = await this.dictionary(column as CodedColumn);
    const { codeOfInner } = await this.#sortedStrings();
    return cut.map((code) => dictionary.indexOf(codeOfInner[code]));
  }

  async #cutAttribute(column: AttributeColumn, firstRow: number, rowCount: number): Promise<AttributeBlock> {
    const whole = await this.#attribute(column);
    const [first, end] = await this.#items(column.level, firstRow, rowCount);
    const kept = [...whole.rows.keys()].filter((i) => whole.rows[i] >= first && whole.rows[i] < end);
    const dictionary = isCoded(column.type) ? await this.dictionary(column) : undefined;
    const { codeOfInner } = await this.#sortedStrings();
    return {
      rows: Uint32Array.from(kept, (i) => whole.rows[i] - first),
      codes: dictionary && Uint32Array.from(kept, (i) => dictionary.indexOf(codeOfInner[whole.codes![i]])),
      numbers: whole.numbers && Float64Array.from(kept, (i) => whole.numbers![i]),
    };
  }
}

/** @param source  whose strings lie in one page, as a table's do */
async function sortedStrings(source: ColumnSource): Promise<SortedStrings> {
  const unsorted: Uint8Array[] = [];
  for await (const { firstCode, count, offset, bytes } of source.stringPages(Uint32Array.of(0)))
    for (let i = 0; i < count; i++) unsorted[firstCode + i] = bytes.slice(offset[i], offset[i + 1]);
  const innerCode = Uint32Array.from(unsorted.keys()).sort((a, b) => Buffer.compare(unsorted[a], unsorted[b]));
  const codeOfInner = new Uint32Array(innerCode.length);
  for (const [code, inner] of innerCode.entries()) codeOfInner[inner] = code;
  return { strings: Array.from(innerCode, (inner) => unsorted[inner]), innerCode, codeOfInner };
}
