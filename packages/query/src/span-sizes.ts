import { isCoded, ValueType } from '@spoor/model';
import type { AttributeColumn, AttributeLevel, CodedColumn, ColumnSource } from '@spoor/store';
import type { BlockScan } from './block-scan.ts';
import { rootRows } from './root-rows.ts';

/*
 * Bytes of an OTLP `Span` message as protobuf, from columns. Counts of dropped things, flags and trace states of links, and
 * unknown fields are left out.
 *
 *     trace_id 18  span_id 10  parent_span_id 10 unless a root  kind 2 unless 0  start 9  end 9
 *     trace_state, name  tag, length, text                      flags 6 unless 0
 *     attributes         tag, length, KeyValue                  status tag, length, { message, code }
 *     events             tag, length, { time 9, name, attributes }
 *     links              tag, length, { trace_id 18, span_id 10, attributes }
 */
const fixedBytes = 18 + 10 + 9 + 9;
const eventFixedBytes = 9;
const linkFixedBytes = 18 + 10;

/** Sizes of the spans of one source. */
export class SpanSizes {
  readonly #texts: Readonly<Record<'name' | 'statusMessage' | 'traceState' | 'eventName', ByteLengths>>;
  readonly #attributes: ReadonlyMap<AttributeColumn, ByteLengths | undefined>;
  readonly #columns: Readonly<Record<AttributeLevel, readonly AttributeColumn[]>>;

  private constructor(
    texts: Readonly<Record<'name' | 'statusMessage' | 'traceState' | 'eventName', ByteLengths>>,
    columns: Readonly<Record<AttributeLevel, readonly AttributeColumn[]>>,
    attributes: ReadonlyMap<AttributeColumn, ByteLengths | undefined>,
  ) {
    this.#texts = texts;
    this.#columns = columns;
    this.#attributes = attributes;
  }

  static async open(source: ColumnSource): Promise<SpanSizes> {
    const columnsOf = (level: AttributeLevel): AttributeColumn[] =>
      source.attributeColumns(level).filter(({ valueCount }) => valueCount > 0);
    const columns = { span: columnsOf('span'), event: columnsOf('event'), link: columnsOf('link') };
    const attributes = new Map<AttributeColumn, ByteLengths | undefined>();
    for (const column of Object.values(columns).flat()) {
      attributes.set(column, isCoded(column.type) ? await ByteLengths.open(source, column) : undefined);
    }
    const texts = {
      name: await ByteLengths.open(source, 'name'),
      statusMessage: await ByteLengths.open(source, 'statusMessage'),
      traceState: await ByteLengths.open(source, 'traceState'),
      eventName: await ByteLengths.open(source, 'eventName'),
    };
    return new SpanSizes(texts, columns, attributes);
  }

  /** Bytes of each row of the block. */
  async of(scan: BlockScan): Promise<Float64Array> {
    const sizes = new Float64Array(scan.rowCount).fill(fixedBytes);
    const isRoot = await rootRows(scan);
    const kind = await scan.words('kind');
    const flags = await scan.words('flags');
    const status = await scan.words('statusCode');
    const name = await this.#texts.name.of(await scan.words('name'));
    const state = await this.#texts.traceState.of(await scan.words('traceState'));
    const message = await this.#texts.statusMessage.of(await scan.words('statusMessage'));
    for (let i = 0; i < sizes.length; i++) {
      const statusBytes = optional(message[i]) + (status[i] === 0 ? 0 : 2);
      sizes[i] += (isRoot[i] === 1 ? 0 : 10) + (kind[i] === 0 ? 0 : 2) + (flags[i] === 0 ? 0 : 6);
      sizes[i] += optional(name[i]) + optional(state[i]) + optional(statusBytes);
    }
    await this.#addAttributes(scan, 'span', sizes);
    await this.#addItems(scan, 'event', sizes);
    await this.#addItems(scan, 'link', sizes);
    return sizes;
  }

  async #addItems(scan: BlockScan, level: 'event' | 'link', sizes: Float64Array): Promise<void> {
    const starts = await scan.words(level === 'event' ? 'eventStart' : 'linkStart');
    const itemCount = starts[scan.rowCount];
    if (itemCount === 0) return;
    const items = new Float64Array(itemCount).fill(level === 'event' ? eventFixedBytes : linkFixedBytes);
    if (level === 'event') {
      const names = await this.#texts.eventName.of(await scan.words('eventName'));
      for (let i = 0; i < itemCount; i++) items[i] += optional(names[i]);
    }
    await this.#addAttributes(scan, level, items);
    for (let row = 0; row < sizes.length; row++) {
      for (let item = starts[row]; item < starts[row + 1]; item++) sizes[row] += delimited(items[item]);
    }
  }

  async #addAttributes(scan: BlockScan, level: AttributeLevel, sizes: Float64Array): Promise<void> {
    for (const column of this.#columns[level]) {
      const { rows, codes, numbers } = await scan.attribute(column);
      if (rows.length === 0) continue;
      const keyBytes = delimited(Buffer.byteLength(column.key));
      const lengths = codes === undefined ? undefined : await this.#attributes.get(column)!.of(codes);
      for (let i = 0; i < rows.length; i++) {
        const value =
          lengths === undefined ? numberBytes(numbers![i], column.type) : codedBytes(lengths[i], column.type);
        sizes[rows[i]] += delimited(keyBytes + delimited(value));
      }
    }
  }
}

/** Byte lengths of a coded column's values, each fetched once. */
class ByteLengths {
  readonly #source: ColumnSource;
  readonly #dictionary: Uint32Array | undefined;
  /** by code, the length + 1; 0 while it is not known */
  #known = new Uint32Array(1024);

  private constructor(source: ColumnSource, dictionary: Uint32Array | undefined) {
    this.#source = source;
    this.#dictionary = dictionary;
  }

  static async open(source: ColumnSource, column: CodedColumn | AttributeColumn): Promise<ByteLengths> {
    return new ByteLengths(source, await source.dictionary(column));
  }

  async of(codes: ArrayLike<number>): Promise<Uint32Array> {
    const unknown = this.#unknownOf(codes);
    if (unknown.length > 0) {
      const bytes = await this.#source.bytes(unknown.map((code) => this.#dictionary?.[code] ?? code));
      for (let i = 0; i < unknown.length; i++) this.#known[unknown[i]] = 1 + bytes[i].length;
    }
    const lengths = new Uint32Array(codes.length);
    for (let i = 0; i < lengths.length; i++) lengths[i] = this.#known[codes[i]] - 1;
    return lengths;
  }

  #unknownOf(codes: ArrayLike<number>): Uint32Array {
    const unknown: number[] = [];
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i];
      if (code >= this.#known.length) this.#grow(code + 1);
      if (this.#known[code] !== 0) continue;
      // Not zero, so that it is asked for once.
      this.#known[code] = 1;
      unknown.push(code);
    }
    return Uint32Array.from(unknown);
  }

  #grow(length: number): void {
    const larger = new Uint32Array(Math.max(length, 2 * this.#known.length));
    larger.set(this.#known);
    this.#known = larger;
  }
}

/** An `AnyValue` of a value that is kept as bytes. A large integer is kept as 8 of them, and sent as up to 10. */
function codedBytes(length: number, type: ValueType): number {
  return type === ValueType.bigInt ? 1 + 9 : delimited(length);
}

function numberBytes(value: number, type: ValueType): number {
  switch (type) {
    case ValueType.bool:
      return 2;
    case ValueType.int:
      return 1 + (value < 0 ? 10 : varintBytes(value));
    case ValueType.double:
      return 9;
    default:
      return 0;
  }
}

/** A field of so many bytes with its tag and length; nothing when it is empty. */
function optional(length: number): number {
  return length === 0 ? 0 : delimited(length);
}

function delimited(length: number): number {
  return 1 + varintBytes(length) + length;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}
