import type { ChunkDirectory } from './segment-chunk.ts';
import type { SegmentFooter } from './segment-footer.ts';
import { BlockChunk, SideChunk, codedColumns, levels, members } from './segment-layout.ts';
import type { SegmentReader } from './segment-reader.ts';

/** Stored bytes of a segment by what they hold, largest first; the footer and its tail are what the parts leave. */
export function segmentSizes({ columns: { footer }, entry }: SegmentReader): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  const add = (name: string, bytes: number): void => void sizes.set(name, (sizes.get(name) ?? 0) + bytes);
  const addAll = (directory: ChunkDirectory, nameOf: (id: number) => string): void => {
    for (const [i, id] of directory.ids.entries()) add(nameOf(id), directory.offset[i + 1] - directory.offset[i]);
  };
  addAll(footer.pages.chunks, () => 'dictionary pages');
  for (const { chunks } of footer.blocks) addAll(chunks, (id) => blockChunkName(footer, id));
  addAll(footer.traceBlocks, () => 'traces');
  addAll(footer.traceIdPages, () => 'trace ids');
  addAll(footer.side, (id) => sideChunkName(footer, id));
  add('footer', entry.sizeBytes - [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0));
  return new Map([...sizes].toSorted(([, a], [, b]) => b - a));
}

function blockChunkName(footer: SegmentFooter, id: number): string {
  if (id >= BlockChunk.attribute) return attributeName(footer, id - BlockChunk.attribute);
  if (id < BlockChunk.template) return Object.entries(BlockChunk).find(([, value]) => value === id)![0];
  const level = levels[(id >>> 5) - 1];
  const member = (id % 32) - (BlockChunk.member % 32);
  return `${level} ${member >= 0 ? members[level][member] : id % 32 === 0 ? 'template' : 'overflow'}`;
}

function sideChunkName(footer: SegmentFooter, id: number): string {
  if (id >= SideChunk.attributeDictionary)
    return `${attributeName(footer, id - SideChunk.attributeDictionary)} dictionary`;
  if (id >= SideChunk.codedDictionary) return `${codedColumns[id - SideChunk.codedDictionary]} dictionary`;
  if (id >= SideChunk.templates) return `${levels[id - SideChunk.templates]} templates`;
  return id >= SideChunk.shapes
    ? `${levels[id - SideChunk.shapes]} shapes`
    : id === SideChunk.resources
      ? 'resources'
      : 'scopes';
}

function attributeName(footer: SegmentFooter, number: number): string {
  let index = number;
  for (const { columns } of footer.levels) {
    const column = columns[index];
    if (column !== undefined)
      return `${column.level}.${column.key}/${column.type}${column.occurrence > 0 ? `/${column.occurrence}` : ''}`;
    index -= columns.length;
  }
  return `column ${number}`;
}
