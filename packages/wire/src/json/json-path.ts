import { CLOSE_ARRAY, CLOSE_OBJECT, JsonReader } from './json-reader.ts';

/** One open object or array: its closing bracket and where in it the walk is. */
interface Frame {
  readonly close: number;
  key: string;
  /** members or elements begun */
  count: number;
}

/**
 * Path, such as `resourceSpans[0].scopeSpans[0].spans[3].traceId`, of what lies at `offset` of a JSON text. Walks the
 * text from its start: for error messages only. Of a text that is not JSON, the path up to where it stops being so.
 */
export function jsonPathAt(bytes: Uint8Array, offset: number): string {
  const frames: Frame[] = [];
  try {
    walkTo(new JsonReader(bytes), offset, frames);
  } catch {
    // The walk meets the very fault that is being reported; the path so far is the answer.
  }
  let path = '';
  // Deep nesting is itself a fault to report, and nobody reads on past the first screenful.
  for (const { close, key, count } of frames.slice(0, PATH_STEPS_MAX)) {
    if (count === 0) continue;
    if (close === CLOSE_ARRAY) path += `[${count - 1}]`;
    else path += path === '' ? key : `.${key}`;
  }
  return frames.length > PATH_STEPS_MAX ? `${path}…` : path;
}

const PATH_STEPS_MAX = 32;

/** Stops as soon as the reader has passed `offset`; `frames` then leads to it. */
function walkTo(reader: JsonReader, offset: number, frames: Frame[]): void {
  do {
    const frame = frames.at(-1);
    if (frame !== undefined) {
      if (!reader.more(frame.count === 0, frame.close)) {
        if (reader.position > offset) return;
        frames.pop();
        continue;
      }
      if (frame.close === CLOSE_OBJECT) {
        reader.key();
        frame.key = reader.text();
      }
      frame.count++;
    }
    const kind = reader.kind();
    if (kind === 'object' || kind === 'array') {
      reader.open();
      frames.push({ close: kind === 'object' ? CLOSE_OBJECT : CLOSE_ARRAY, key: '', count: 0 });
    } else if (kind === 'string') reader.string();
    else if (kind === 'number') reader.number();
    else reader.literal(kind);
  } while (reader.position <= offset && frames.length > 0);
}
