import { ValueType } from '@spoor/model';
import type { ColumnSource, SpanTemplates, TemplateColumn } from '@spoor/store';
import { attribute, intrinsic, type Intrinsic } from '@spoor/traceql';
import type { BlockScan } from './block-scan.ts';
import type { BlockBins } from './compare-attribute.ts';
import {
  type BlockCounter,
  columnCounter,
  type ColumnCounter,
  numberCounter,
  textCounter,
} from './compare-counters.ts';
import { rootKeys } from './compare-roots.ts';
import {
  type AttributeOf,
  type ComparedColumn,
  intrinsicValues,
  ownerValues,
  sharedAttributes,
} from './compare-values.ts';
import { numberField } from './field-number.ts';
import { textField } from './field-text.ts';
import { type SharedValue, SharedCounts } from './shared-counts.ts';
import type { TurnTaker } from './turn-taker.ts';

/** Intrinsics of few values that are columns of spans, with what templates call them. */
const spanIntrinsics: readonly (readonly [Intrinsic, TemplateColumn | undefined])[] = Object.freeze([
  ['span:name', 'name'],
  ['span:statusMessage', 'statusMessage'],
  ['span:kind', 'kind'],
  ['span:status', 'statusCode'],
  ['span:childCount', undefined],
] as const);

/** Rows of a key have values in common. */
interface Keyed {
  readonly counts: SharedCounts;
  readonly keysOf: (scan: BlockScan) => Promise<Uint32Array | Int32Array>;
}

/** A column that is read where some row of a block has a value of its own. */
interface VaryingColumn extends ComparedColumn {
  readonly count: ColumnCounter;
  /** of which some row has; any when absent */
  readonly templates: readonly number[] | undefined;
}

/** One ordered source as a comparison counts it: what rows have in common once for all of them, the rest column by column. */
export class CompareSource {
  readonly #source: ColumnSource;
  readonly #attributeOf: AttributeOf;
  readonly #keyed: Keyed[] = [];
  readonly #counters: BlockCounter[] = [];
  readonly #columns: VaryingColumn[] = [];
  #templateCount: number | undefined;

  private constructor(source: ColumnSource, attributeOf: AttributeOf) {
    this.#source = source;
    this.#attributeOf = attributeOf;
  }

  static async open(source: ColumnSource, attributeOf: AttributeOf): Promise<CompareSource> {
    const opened = new CompareSource(source, attributeOf);
    const templates = await source.templates();
    const columns = opened.#comparedColumns();
    const shared = templates === undefined ? [] : await sharedAttributes(source, templates, columns);
    await opened.#bindIntrinsics(templates, shared);
    await opened.#bindOwners(templates, shared, 'resource');
    await opened.#bindOwners(templates, shared, 'scope');
    opened.#bindColumns(templates, columns);
    opened.#templateCount = templates?.count;
    if (templates !== undefined) opened.#share(templates.count, (template) => shared[template], 'template');
    const { keyCount, valuesOf, keysOf } = await rootKeys(source, templates, attributeOf);
    opened.#keyed.push({ counts: new SharedCounts(keyCount, valuesOf), keysOf });
    return opened;
  }

  /** Of a repeated key the first counts. */
  #comparedColumns(): readonly ComparedColumn[] {
    const columns: ComparedColumn[] = [];
    for (const column of this.#source.attributeColumns('span')) {
      if (column.type === ValueType.empty || column.occurrence > 0 || column.valueCount === 0) continue;
      const of = this.#attributeOf(attribute('span', column.key));
      if (!of.isOver) columns.push({ column, of });
    }
    return columns;
  }

  async #bindIntrinsics(templates: SpanTemplates | undefined, shared: readonly SharedValue[][]): Promise<void> {
    for (const [name, column] of spanIntrinsics) {
      const field = intrinsic(name);
      const of = this.#attributeOf(field);
      const words = column && templates?.words(column);
      const text = textField(field);
      if (words !== undefined) {
        const values = await intrinsicValues(this.#source, field, words);
        for (const [template, value] of values.entries()) shared[template].push({ of, value });
      } else if (text === undefined) this.#counters.push(numberCounter(numberField(field)!, of));
      else this.#counters.push(textCounter(this.#source, text, of));
    }
  }

  async #bindOwners(
    templates: SpanTemplates | undefined,
    shared: readonly SharedValue[][],
    pointer: 'resource' | 'scope',
  ): Promise<void> {
    const values = await ownerValues(this.#source, pointer, this.#attributeOf);
    const words = templates?.words(pointer);
    if (words === undefined) this.#share(values.length, (owner) => values[owner], pointer);
    else for (const [template, owner] of words.entries()) shared[template].push(...values[owner]);
  }

  #share(
    keyCount: number,
    valuesOf: (key: number) => readonly SharedValue[],
    word: 'template' | 'resource' | 'scope',
  ): void {
    this.#keyed.push({ counts: new SharedCounts(keyCount, valuesOf), keysOf: (scan) => scan.words(word) });
  }

  #bindColumns(templates: SpanTemplates | undefined, columns: readonly ComparedColumn[]): void {
    for (const { column, of } of columns) {
      const varying = templates?.varying(column);
      if (varying?.length === 0) continue;
      this.#columns.push({ column, of, count: columnCounter(this.#source, column, of), templates: varying });
    }
  }

  async add(block: BlockBins, turns: TurnTaker): Promise<void> {
    for (const { counts, keysOf } of this.#keyed) counts.add(block, await keysOf(block.scan));
    for (const count of this.#counters) await count(block);
    await turns.turn();
    const columns = await this.#columnsOf(block);
    const values = await block.scan.varying(columns.map(({ column }) => column));
    for (const [i, { of, count }] of columns.entries()) {
      if (!of.isOver) await count(block, values[i]);
    }
  }

  /** Those of which some row that counts may have a value. */
  async #columnsOf({ scan, rows }: BlockBins): Promise<readonly VaryingColumn[]> {
    if (this.#templateCount === undefined) return this.#columns.filter(({ of }) => !of.isOver);
    const isThere = new Uint8Array(this.#templateCount);
    const template = await scan.words('template');
    for (let i = 0; i < rows.length; i++) isThere[template[rows[i]]] = 1;
    return this.#columns.filter(({ of, templates }) => !of.isOver && templates!.some((each) => isThere[each] === 1));
  }

  /** Called when all blocks were added. */
  finish(): void {
    for (const { counts } of this.#keyed) counts.flush();
  }
}
