import type { AttributeColumn, SharedAttribute, SpanTemplates, TemplateColumn } from './column-source.ts';
import type { LevelTables, SegmentColumns } from './segment-columns.ts';
import type { StoredColumn } from './segment-footer.ts';
import { members } from './segment-layout.ts';

/** What the templates of a segment's spans say, turned from template by template to column by column. */
export class SegmentSpanTemplates implements SpanTemplates {
  readonly count: number;
  readonly #tables: LevelTables;
  readonly #columns: readonly ColumnTemplates[];

  constructor(columns: SegmentColumns, tables: LevelTables) {
    this.count = tables.templates.count;
    this.#tables = tables;
    this.#columns = columnTemplates(tables, columns.level('span').columns);
  }

  /** of the slots turned around */
  get sizeBytes(): number {
    return 32 * this.#columns.length + 16 * (this.#tables.templates.slots?.value.length ?? 0);
  }

  words(column: TemplateColumn): Uint32Array | undefined {
    return this.#tables.templates.members[members.span.indexOf(column)];
  }

  shared({ index }: AttributeColumn): SharedAttribute {
    return this.#columns[index].shared;
  }

  varying({ index }: AttributeColumn): readonly number[] {
    return this.#columns[index].varying;
  }
}

interface ColumnTemplates {
  readonly shared: SharedAttribute;
  /** templates whose rows have the attribute in its column */
  readonly varying: readonly number[];
}

/** By column of a level, what its templates say of it. */
export function columnTemplates(
  { shapes, templates }: LevelTables,
  stored: readonly StoredColumn[],
): readonly ColumnTemplates[] {
  const columns = stored.map(() => ({
    shared: { templates: [] as number[], values: [] as number[] },
    varying: [] as number[],
  }));
  const { slots } = templates;
  if (slots === undefined) {
    // Any template may be of any shape.
    const all = Array.from({ length: templates.count }, (_, template) => template);
    return columns.map(({ shared }) => ({ shared, varying: all }));
  }
  const shapeOf = templates.members[0]!;
  for (let template = 0; template < templates.count; template++) {
    let slot = slots.start[template];
    for (let at = shapes.start[shapeOf[template]]; at < shapes.start[shapeOf[template] + 1]; at++, slot++) {
      const column = shapes.column[at];
      const { shared, varying } = columns[column];
      if (slots.isVarying[slot] === 1 || stored[column].isOverflow) {
        varying.push(template);
      } else {
        shared.templates.push(template);
        shared.values.push(slots.value[slot]);
      }
    }
  }
  return columns;
}
