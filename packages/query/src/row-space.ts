import type { FieldLevel } from '@spoor/traceql';
import type { BlockScan } from './block-scan.ts';
import type { Levels } from './condition.ts';
import type { RowMask } from './row-mask.ts';
import type { TurnTaker } from './turn-taker.ts';

/** In place of an event's or link's index: the span has none. */
export const NONE = -1;

/**
 * What a condition is evaluated over: the spans of a block, or the combinations (span, event, link) of some of them.
 * A missing index list means that row i is span i (in a space of spans), or that the level takes no part.
 */
export interface RowSpace {
  readonly scan: BlockScan;
  readonly turns: TurnTaker;
  readonly length: number;
  readonly span: Int32Array | undefined;
  readonly event: Int32Array | undefined;
  readonly link: Int32Array | undefined;
}

export function spanSpace(scan: BlockScan, turns: TurnTaker): RowSpace {
  return { scan, turns, length: scan.rowCount, span: undefined, event: undefined, link: undefined };
}

/** All combinations of the chosen spans with their events and links, as `levels` asks. */
export async function expandedSpace({ scan, turns }: RowSpace, spans: RowMask, levels: Levels): Promise<RowSpace> {
  const eventStart = levels.event ? await scan.words('eventStart') : undefined;
  const linkStart = levels.link ? await scan.words('linkStart') : undefined;
  const span: number[] = [];
  const event: number[] = [];
  const link: number[] = [];
  for (let row = 0; row < spans.length; row++) {
    if (spans[row] === 0) continue;
    const [firstEvent, endEvent] = indexRange(eventStart, row);
    const [firstLink, endLink] = indexRange(linkStart, row);
    for (let e = firstEvent; e < endEvent; e++) {
      for (let l = firstLink; l < endLink; l++) {
        span.push(row);
        event.push(e);
        link.push(l);
      }
    }
  }
  return {
    scan,
    turns,
    length: span.length,
    span: Int32Array.from(span),
    event: levels.event ? Int32Array.from(event) : undefined,
    link: levels.link ? Int32Array.from(link) : undefined,
  };
}

function indexRange(start: ArrayLike<number> | undefined, row: number): readonly [number, number] {
  if (start === undefined || start[row] === start[row + 1]) return [NONE, NONE + 1];
  return [start[row], start[row + 1]];
}

/** Which span, event or link each row of the space is about; `undefined` when that is the row's own number. */
export function indexesOf(space: RowSpace, level: FieldLevel): Int32Array | undefined {
  return space[level];
}

/** How many spans, events or links the block has. */
export async function lengthOfLevel(scan: BlockScan, level: FieldLevel): Promise<number> {
  if (level === 'span') return scan.rowCount;
  const start = await scan.words(level === 'event' ? 'eventStart' : 'linkStart');
  return start[scan.rowCount];
}
