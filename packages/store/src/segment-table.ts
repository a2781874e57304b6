import { type ValueType, isCoded } from '@spoor/model';
import { GrowingNumbers, GrowingWords } from './column-growing.ts';
import type { AttributeLevel, WordColumn } from './column-source.ts';
import { SegmentBlock, chunksFor } from './segment-block.ts';
import type { LevelTables, SegmentColumns, StoredBlock } from './segment-columns.ts';
import type { SegmentDictionary } from './segment-dictionary.ts';
import { BlockChunk, type Member, SideChunk, codedColumns, levelIndex, levels } from './segment-layout.ts';
import type { OwnerTable } from './segment-owner-table.ts';
import { SetReader } from './segment-sets.ts';
import type { SpanTable } from './span-table.ts';

/** All rows of a segment, in segment order, with the segment's own codes. */
export async function readWholeTable(columns: SegmentColumns, idsOf: TraceIdsOf): Promise<SpanTable> {
  const strings = await readAllStrings(columns);
  const builder = new SegmentTableBuilder(columns, (code) => code);
  await builder.loadOwners(true);
  for (let block = 0; block < columns.footer.blocks.length; block++) await builder.addRows(block, undefined);
  return { ...builder.finish(strings), traceId: await idsOf(builder.traceRows) };
}

/** The four words of each trace's id, one after the other. */
export type TraceIdsOf = (traceRows: Uint32Array) => Promise<Uint32Array>;

/** The given rows only (ascending), with codes and owners of their own; without rows, all resources and scopes. */
export async function tableOfRows(
  columns: SegmentColumns,
  dictionary: SegmentDictionary,
  idsOf: TraceIdsOf,
  rows: Uint32Array,
): Promise<SpanTable> {
  const local = new LocalCodes();
  const builder = new SegmentTableBuilder(columns, (code) => local.of(code));
  await builder.loadOwners(rows.length === 0);
  const { blockRows } = columns.footer;
  for (let from = 0; from < rows.length;) {
    const block = Math.floor(rows[from] / blockRows);
    let to = from;
    while (to < rows.length && rows[to] < (block + 1) * blockRows) to++;
    await builder.addRows(
      block,
      rows.subarray(from, to).map((row) => row - block * blockRows),
    );
    from = to;
  }
  const table = builder.finish(NO_STRINGS); // asks for the last codes
  const strings = concatenated(await dictionary.bytes(local.codes));
  const traceId = await idsOf(builder.traceRows);
  return {
    ...table,
    ...strings,
    traceId,
    counts: { ...table.counts, strings: strings.stringOffset.length - 1, stringBytes: strings.stringBytes.length },
  };
}

interface TableStrings {
  readonly stringBytes: Uint8Array;
  readonly stringOffset: Uint32Array;
}

const NO_STRINGS: TableStrings = { stringBytes: new Uint8Array(0), stringOffset: new Uint32Array(1) };

/** Numbers the codes that are asked for; the empty string stays 0. */
class LocalCodes {
  readonly #localOf = new Map<number, number>([[0, 0]]);

  of(code: number): number {
    let local = this.#localOf.get(code);
    if (local === undefined) this.#localOf.set(code, (local = this.#localOf.size));
    return local;
  }

  /** segment codes by local code */
  get codes(): Uint32Array {
    return Uint32Array.from(this.#localOf.keys());
  }
}

/** Table columns that are read as they are. */
const SPAN_WORDS = [
  'spanIdHigh',
  'spanIdLow',
  'parentSpanIdHigh',
  'parentSpanIdLow',
  'startLow',
  'startHigh',
  'endLow',
  'endHigh',
] as const;
/** Table columns of codes, held as places in a dictionary. */
const CODED_WORDS = ['name', 'statusMessage', 'traceState'] as const;
const SPAN_MEMBERS = ['kind', 'statusCode', 'flags', 'droppedAttributes', 'droppedEvents', 'droppedLinks'] as const;
const LINK_MEMBERS = ['linkFlags', 'linkDropped'] as const;
const ITEM_WORDS = ['eventTimeLow', 'eventTimeHigh', 'eventName', 'linkTraceId', 'linkSpanId'] as const;
const OTHER_WORDS = [
  'traceRow',
  'shape',
  'valueStart',
  'eventStart',
  'linkStart',
  'eventDropped',
  'eventShape',
  'eventValueStart',
  'linkTraceState',
  'linkShape',
  'linkValueStart',
  'resource',
  'scope',
  'resourceShape',
  'resourceValueStart',
  'resourceSchemaUrl',
  'resourceDropped',
  'resourceEntityRefs',
  'scopeShape',
  'scopeValueStart',
  'scopeName',
  'scopeVersion',
  'scopeSchemaUrl',
  'scopeDropped',
] as const;
const tableWords = [
  ...SPAN_WORDS,
  ...CODED_WORDS,
  ...SPAN_MEMBERS,
  ...LINK_MEMBERS,
  ...ITEM_WORDS,
  ...OTHER_WORDS,
] as const;
type TableWord = (typeof tableWords)[number];

/** What rows need that no logical column holds. */
const MEMBERS_BESIDE: readonly (readonly [AttributeLevel, Member])[] = [
  ['span', 'shape'],
  ['span', 'droppedAttributes'],
  ['span', 'droppedEvents'],
  ['span', 'droppedLinks'],
  ['event', 'shape'],
  ['event', 'eventDropped'],
  ['link', 'shape'],
  ['link', 'linkTraceState'],
  ['link', 'linkFlags'],
  ['link', 'linkDropped'],
];
const NEEDED_WORDS: readonly WordColumn[] = [
  ...SPAN_WORDS,
  'kind',
  'statusCode',
  'flags',
  ...CODED_WORDS,
  ...ITEM_WORDS,
  'traceRow',
  'resource',
  'scope',
  'eventStart',
  'linkStart',
];

/** Appends rows of a segment to columns with the layout of {@link SpanTable}. */
class SegmentTableBuilder {
  readonly #columns: SegmentColumns;
  readonly #code: (code: number) => number;
  readonly #words: Record<TableWord, GrowingWords>;
  readonly #adjustedCount = new GrowingNumbers();
  readonly #values = new GrowingNumbers();
  readonly #shapes: TableShapeTrie;
  readonly #traceRows = new GrowingWords();
  #owners: Record<Owner, LoadedOwners> | undefined;

  constructor(columns: SegmentColumns, code: (code: number) => number) {
    this.#columns = columns;
    this.#code = code;
    this.#shapes = new TableShapeTrie(columns, code);
    this.#words = Object.fromEntries(tableWords.map((word) => [word, new GrowingWords()])) as Record<
      TableWord,
      GrowingWords
    >;
    this.#words.eventStart.push(0);
    this.#words.linkStart.push(0);
  }

  /** rows of the traces that were met, in order */
  get traceRows(): Uint32Array {
    return this.#traceRows.finish();
  }

  /** @param all  take over all of them, under their own numbers; else those that rows have, when they are met */
  async loadOwners(all: boolean): Promise<void> {
    const loaded = (table: OwnerTable): LoadedOwners => ({
      table,
      placeOf: new Int32Array(table.count).fill(-1),
      count: 0,
    });
    this.#owners = {
      resource: loaded(await this.#columns.owners('resources')),
      scope: loaded(await this.#columns.owners('scopes')),
    };
    if (!all) return;
    for (const owner of ['resource', 'scope'] as const)
      for (let row = 0; row < this.#owners[owner].table.count; row++) this.#ownerPlace(owner, row);
  }

  /** @param rows within the block, ascending; all when absent */
  async addRows(index: number, rows: Uint32Array | undefined): Promise<void> {
    const tables = new Map<AttributeLevel, LevelTables>();
    for (const level of levels) tables.set(level, await this.#columns.levelTables(level));
    const { ids, withTraces } = chunksFor(this.#columns, { words: NEEDED_WORDS, numbers: ['adjustedCount'] });
    for (const level of levels) ids.add(BlockChunk.template + 32 * levelIndex(level));
    for (const [level, member] of MEMBERS_BESIDE)
      ids.add(this.#columns.memberChunk(level, member) ?? BlockChunk.template);
    const stored = await (rows === undefined
      ? this.#columns.block(index, ids, withTraces)
      : this.#columns.passingBlock(index, ids));
    const block = new SegmentBlock(this.#columns, stored, tables, new Map());
    const shift = (items: Uint32Array | undefined, by: number): Uint32Array | undefined =>
      items?.map((item) => item + by);
    const { block: near, part } = rows === undefined ? { block, part: undefined } : block.around(rows);
    const spans = part && shift(rows, -part.spans[0]);
    const events = spans && itemsOf(spans, near.words('eventStart'));
    const links = spans && itemsOf(spans, near.words('linkStart'));
    await this.#addSpans(near, spans);
    await this.#addItems(near, events, links);
    // Attribute values lie one after the other in the whole block.
    await this.#addAttributes(block, stored, tables.get('span')!, 'span', rows);
    await this.#addAttributes(block, stored, tables.get('event')!, 'event', part && shift(events, part.events[0]));
    await this.#addAttributes(block, stored, tables.get('link')!, 'link', part && shift(links, part.links[0]));
  }

  finish({ stringBytes, stringOffset }: TableStrings): SpanTable {
    const words = Object.fromEntries(tableWords.map((word) => [word, this.#words[word].finish()])) as Record<
      TableWord,
      Uint32Array
    >;
    const values = this.#values.finish();
    const shapes = this.#shapes.finish();
    return {
      ...words,
      ...shapes,
      stringBytes,
      stringOffset,
      values,
      adjustedCount: this.#adjustedCount.finish(),
      kind: new Int32Array(words.kind.buffer, words.kind.byteOffset, words.kind.length),
      statusCode: new Int32Array(words.statusCode.buffer, words.statusCode.byteOffset, words.statusCode.length),
      traceId: new Uint32Array(0),
      counts: {
        strings: stringOffset.length - 1,
        stringBytes: stringBytes.length,
        shapes: shapes.shapeKey.length,
        values: values.length,
        resources: words.resourceShape.length,
        scopes: words.scopeShape.length,
        traces: this.#traceRows.length,
        spans: words.traceRow.length,
        events: words.eventName.length,
        links: words.linkTraceId.length,
      },
    };
  }

  async #addSpans(block: SegmentBlock, rows: Uint32Array | undefined): Promise<void> {
    const words = this.#words;
    for (const column of SPAN_WORDS) words[column].append(block.words(column), rows);
    for (const column of CODED_WORDS) await this.#addCoded(column, block.member('span', column, rows), undefined);
    for (const member of SPAN_MEMBERS) words[member].append(block.member('span', member, rows), undefined);
    this.#adjustedCount.append(block.numbers('adjustedCount'), rows);
    const traceRow = block.words('traceRow');
    const [resource, scope] = [block.member('span', 'resource', rows), block.member('span', 'scope', rows)];
    const eventStart = block.words('eventStart');
    const linkStart = block.words('linkStart');
    for (let i = 0; i < (rows?.length ?? block.rowCount); i++) {
      const row = rows === undefined ? i : rows[i];
      if (this.#traceRows.length === 0 || traceRow[row] !== this.#traceRows.last) this.#traceRows.push(traceRow[row]);
      words.traceRow.push(this.#traceRows.length - 1);
      words.resource.push(this.#ownerPlace('resource', resource[i]));
      words.scope.push(this.#ownerPlace('scope', scope[i]));
      words.eventStart.push(words.eventStart.last + eventStart[row + 1] - eventStart[row]);
      words.linkStart.push(words.linkStart.last + linkStart[row + 1] - linkStart[row]);
    }
  }

  async #addItems(block: SegmentBlock, events: Uint32Array | undefined, links: Uint32Array | undefined): Promise<void> {
    const words = this.#words;
    words.eventTimeLow.append(block.words('eventTimeLow'), events);
    words.eventTimeHigh.append(block.words('eventTimeHigh'), events);
    words.eventDropped.append(block.member('event', 'eventDropped'), events);
    await this.#addCoded('eventName', block.words('eventName'), events);
    await this.#addCoded('linkTraceId', block.words('linkTraceId'), links);
    await this.#addCoded('linkSpanId', block.words('linkSpanId'), links);
    words.linkTraceState.append(
      block.member('link', 'linkTraceState').map((code) => this.#code(code)),
      links,
    );
    for (const member of LINK_MEMBERS) words[member].append(block.member('link', member), links);
  }

  async #addCoded(
    column: (typeof codedColumns)[number],
    places: Uint32Array | Int32Array,
    rows: Uint32Array | undefined,
  ): Promise<void> {
    if (places.length === 0) return;
    const dictionary = await this.#columns.dictionary(SideChunk.codedDictionary + codedColumns.indexOf(column));
    const into = this.#words[column];
    for (let i = 0; i < (rows?.length ?? places.length); i++)
      into.push(this.#code(dictionary[places[rows === undefined ? i : rows[i]]]));
  }

  async #addAttributes(
    block: SegmentBlock,
    stored: StoredBlock,
    tables: LevelTables,
    level: AttributeLevel,
    rows: Uint32Array | undefined,
  ): Promise<void> {
    const reader = await SetReader.load(this.#columns, block, stored, tables, level, rows);
    const [shapes, starts] = (
      {
        span: [this.#words.shape, this.#words.valueStart],
        event: [this.#words.eventShape, this.#words.eventValueStart],
        link: [this.#words.linkShape, this.#words.linkValueStart],
      } as const
    )[level];
    reader.read(this.#code, this.#values, (shape, valueStart) => {
      shapes.push(this.#shapes.ofLevel(level, shape, tables));
      starts.push(valueStart);
    });
  }

  /** Number in the table of a resource or scope of the segment; it is taken over when it is met first. */
  #ownerPlace(owner: Owner, row: number): number {
    const owners = this.#owners![owner];
    if (owners.placeOf[row] >= 0) return owners.placeOf[row];
    const { words, start, keys, types, values } = owners.table;
    this.#words[`${owner}ValueStart`].push(this.#values.length);
    let shape = 0;
    for (let i = start[row]; i < start[row + 1]; i++) {
      shape = this.#shapes.step(shape, this.#code(keys[i]), types[i]);
      this.#values.push(isCoded(types[i] as ValueType) ? this.#code(values[i]) : values[i]);
    }
    this.#words[`${owner}Shape`].push(shape);
    for (const [f, { name, isCode }] of OWNER_FIELDS[owner].entries())
      this.#words[name].push(isCode ? this.#code(words[f][row]) : words[f][row]);
    return (owners.placeOf[row] = owners.count++);
  }
}

type Owner = 'resource' | 'scope';

interface LoadedOwners {
  readonly table: OwnerTable;
  /** by row of the segment's; −1 for those not taken over */
  readonly placeOf: Int32Array;
  count: number;
}

/** In the order of the segment's words. */
const OWNER_FIELDS = {
  resource: [
    { name: 'resourceSchemaUrl', isCode: true },
    { name: 'resourceDropped', isCode: false },
    { name: 'resourceEntityRefs', isCode: true },
  ],
  scope: [
    { name: 'scopeName', isCode: true },
    { name: 'scopeVersion', isCode: true },
    { name: 'scopeSchemaUrl', isCode: true },
    { name: 'scopeDropped', isCode: false },
  ],
} as const;

/** The shapes of all levels and owners as one trie, as {@link SpanTable} has it. */
class TableShapeTrie {
  readonly #columns: SegmentColumns;
  readonly #code: (code: number) => number;
  readonly #children = new Map<string, number>();
  readonly #parent = new GrowingWords();
  readonly #key = new GrowingWords();
  readonly #type: number[] = [0];
  readonly #length = new GrowingWords();
  readonly #known: Record<AttributeLevel, Int32Array>;

  constructor(columns: SegmentColumns, code: (code: number) => number) {
    this.#columns = columns;
    this.#code = code;
    for (const column of [this.#parent, this.#key, this.#length]) column.push(0);
    const unknown = (level: AttributeLevel): Int32Array => new Int32Array(columns.level(level).shapeCount).fill(-1);
    this.#known = { span: unknown('span'), event: unknown('event'), link: unknown('link') };
  }

  ofLevel(level: AttributeLevel, shape: number, { shapes }: LevelTables): number {
    const known = this.#known[level];
    if (known[shape] >= 0) return known[shape];
    const { columns } = this.#columns.level(level);
    let at = 0;
    for (let i = shapes.start[shape]; i < shapes.start[shape + 1]; i++) {
      const { keyCode, type } = columns[shapes.column[i]];
      at = this.step(at, this.#code(keyCode), type);
    }
    return (known[shape] = at);
  }

  step(parent: number, key: number, type: number): number {
    const name = `${parent}/${key}/${type}`;
    let shape = this.#children.get(name);
    if (shape === undefined) {
      this.#children.set(name, (shape = this.#type.length));
      this.#length.push(this.#length.at(parent) + 1);
      this.#parent.push(parent);
      this.#key.push(key);
      this.#type.push(type);
    }
    return shape;
  }

  finish(): Pick<SpanTable, 'shapeParent' | 'shapeKey' | 'shapeType' | 'shapeLength'> {
    return {
      shapeParent: this.#parent.finish(),
      shapeKey: this.#key.finish(),
      shapeType: Uint8Array.from(this.#type),
      shapeLength: this.#length.finish(),
    };
  }
}

/** Events (or links) of the rows, ascending as the rows are. */
function itemsOf(rows: Uint32Array, start: ArrayLike<number>): Uint32Array {
  const items = new GrowingWords();
  for (const row of rows) for (let item = start[row]; item < start[row + 1]; item++) items.push(item);
  return items.finish();
}

async function readAllStrings(columns: SegmentColumns): Promise<TableStrings> {
  const { firstCode, separator } = columns.footer.pages;
  const strings: Uint8Array[] = [];
  for (let index = 0; index < separator.length; index++) {
    const [page] = await columns.pages([index]);
    for (let i = 0; i < firstCode[index + 1] - firstCode[index]; i++) strings.push(page.bytes(i));
  }
  return concatenated(strings);
}

function concatenated(strings: readonly Uint8Array[]): TableStrings {
  const stringOffset = new Uint32Array(strings.length + 1);
  for (let i = 0; i < strings.length; i++) stringOffset[i + 1] = stringOffset[i] + strings[i].length;
  const stringBytes = new Uint8Array(stringOffset[strings.length]);
  for (let i = 0; i < strings.length; i++) stringBytes.set(strings[i], stringOffset[i]);
  return { stringBytes, stringOffset };
}
