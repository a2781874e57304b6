import {
  type Attribute,
  type AttributeValue,
  ProtobufReader,
  type Resource,
  type Scope,
  type Span,
  type SpanEvent,
  type SpanId,
  type SpanLink,
  type TraceId,
  ValueType,
  decodeArrayValue,
  decodeKeyValueList,
  hexFromBytes,
  unixNanoFromWords,
} from '@spoor/model';
import type { SpanTable } from './span-table.ts';

/** Builds model spans from rows of a table. Resources, scopes and strings are built once and shared. */
export class TableSpans {
  readonly #table: SpanTable;
  readonly #text: Buffer;
  /** decoded strings by code, in groups that come to be when one of them is asked for */
  readonly #texts: string[][] = [];
  readonly #layouts = new Map<number, SetLayout>();
  readonly #resources: Resource[] = [];
  readonly #scopes: Scope[] = [];
  #textCount = 0;

  constructor(table: SpanTable) {
    this.#table = table;
    const { buffer, byteOffset, byteLength } = table.stringBytes;
    this.#text = Buffer.from(buffer, byteOffset, byteLength);
  }

  /** strings decoded, and kept, so far */
  get textCount(): number {
    return this.#textCount;
  }

  span(row: number): Span {
    const table = this.#table;
    const parentHigh = table.parentSpanIdHigh[row];
    const parentLow = table.parentSpanIdLow[row];
    const isRoot = parentHigh === 0 && parentLow === 0;
    return {
      traceId: traceIdOfWords(table.traceId, 4 * table.traceRow[row]),
      spanId: hexOfWords(table.spanIdHigh[row], table.spanIdLow[row]) as SpanId,
      parentSpanId: isRoot ? '' : (hexOfWords(parentHigh, parentLow) as SpanId),
      traceState: this.text(table.traceState[row]),
      flags: table.flags[row],
      name: this.text(table.name[row]),
      kind: table.kind[row],
      startTimeUnixNano: unixNanoFromWords(table.startLow[row], table.startHigh[row]),
      endTimeUnixNano: unixNanoFromWords(table.endLow[row], table.endHigh[row]),
      attributes: this.#attributes(table.shape[row], table.valueStart[row]),
      droppedAttributesCount: table.droppedAttributes[row],
      events: this.#events(row),
      droppedEventsCount: table.droppedEvents[row],
      links: this.#links(row),
      droppedLinksCount: table.droppedLinks[row],
      statusCode: table.statusCode[row],
      statusMessage: this.text(table.statusMessage[row]),
      resource: this.resource(table.resource[row]),
      scope: this.scope(table.scope[row]),
      adjustedCount: table.adjustedCount[row],
    };
  }

  resource(row: number): Resource {
    const table = this.#table;
    return (this.#resources[row] ??= {
      attributes: this.#attributes(table.resourceShape[row], table.resourceValueStart[row]),
      droppedAttributesCount: table.resourceDropped[row],
      schemaUrl: this.text(table.resourceSchemaUrl[row]),
      entityRefs: splitFields(this.bytes(table.resourceEntityRefs[row])),
    });
  }

  scope(row: number): Scope {
    const table = this.#table;
    return (this.#scopes[row] ??= {
      name: this.text(table.scopeName[row]),
      version: this.text(table.scopeVersion[row]),
      attributes: this.#attributes(table.scopeShape[row], table.scopeValueStart[row]),
      droppedAttributesCount: table.scopeDropped[row],
      schemaUrl: this.text(table.scopeSchemaUrl[row]),
    });
  }

  text(code: number): string {
    const group = (this.#texts[code >>> GROUP_BITS] ??= []);
    const known = group[code & GROUP_MASK];
    if (known !== undefined) return known;
    const { stringOffset } = this.#table;
    const text = this.#text.toString('utf8', stringOffset[code], stringOffset[code + 1]);
    group[code & GROUP_MASK] = text;
    this.#textCount++;
    return text;
  }

  /** A copy, in memory that is not shared. */
  bytes(code: number): Uint8Array {
    const { stringBytes, stringOffset } = this.#table;
    return new Uint8Array(stringBytes.subarray(stringOffset[code], stringOffset[code + 1]));
  }

  #events(row: number): SpanEvent[] {
    const table = this.#table;
    const events: SpanEvent[] = [];
    for (let event = table.eventStart[row]; event < table.eventStart[row + 1]; event++) {
      events.push({
        timeUnixNano: unixNanoFromWords(table.eventTimeLow[event], table.eventTimeHigh[event]),
        name: this.text(table.eventName[event]),
        attributes: this.#attributes(table.eventShape[event], table.eventValueStart[event]),
        droppedAttributesCount: table.eventDropped[event],
      });
    }
    return events;
  }

  #links(row: number): SpanLink[] {
    const table = this.#table;
    const links: SpanLink[] = [];
    for (let link = table.linkStart[row]; link < table.linkStart[row + 1]; link++) {
      links.push({
        traceId: hexFromBytes(this.bytes(table.linkTraceId[link])),
        spanId: hexFromBytes(this.bytes(table.linkSpanId[link])),
        traceState: this.text(table.linkTraceState[link]),
        flags: table.linkFlags[link],
        attributes: this.#attributes(table.linkShape[link], table.linkValueStart[link]),
        droppedAttributesCount: table.linkDropped[link],
      });
    }
    return links;
  }

  #attributes(shape: number, valueStart: number): Attribute[] {
    if (shape === 0) return [];
    const { keys, types } = this.#layout(shape);
    const { values } = this.#table;
    return keys.map((key, i) => ({ key, value: this.#value(types[i], values[valueStart + i]) }));
  }

  #layout(shape: number): SetLayout {
    let layout = this.#layouts.get(shape);
    if (layout === undefined) {
      const { shapeParent, shapeKey, shapeType } = this.#table;
      const keys: string[] = [];
      const types: ValueType[] = [];
      for (let at = shape; at !== 0; at = shapeParent[at]!) {
        keys.push(this.text(shapeKey[at]));
        types.push(shapeType[at] as ValueType);
      }
      this.#layouts.set(shape, (layout = { keys: keys.reverse(), types: types.reverse() }));
    }
    return layout;
  }

  #value(type: ValueType, value: number): AttributeValue {
    switch (type) {
      case ValueType.empty:
        return { type: 'empty' };
      case ValueType.string:
        return { type: 'string', value: this.text(value) };
      case ValueType.bool:
        return { type: 'bool', value: value !== 0 };
      case ValueType.int:
        return { type: 'int', value };
      case ValueType.double:
        return { type: 'double', value };
      case ValueType.bytes:
        return { type: 'bytes', value: this.bytes(value) };
      case ValueType.array:
        return { type: 'array', value: decodeArrayValue(this.bytes(value)) };
      case ValueType.kvlist:
        return { type: 'kvlist', value: decodeKeyValueList(this.bytes(value)) };
      case ValueType.bigInt:
        return { type: 'int', value: new DataView(this.bytes(value).buffer).getBigInt64(0, true) };
    }
  }
}

const GROUP_BITS = 8;
const GROUP_MASK = (1 << GROUP_BITS) - 1;

interface SetLayout {
  readonly keys: readonly string[];
  readonly types: readonly ValueType[];
}

/** The id whose four words start at `at`. */
export function traceIdOfWords(words: Uint32Array, at: number): TraceId {
  return (hexOfWords(words[at], words[at + 1]) + hexOfWords(words[at + 2], words[at + 3])) as TraceId;
}

/** The four big-endian words of an id. */
export function wordsOfTraceId(id: TraceId): Uint32Array {
  return Uint32Array.from([0, 8, 16, 24], (at) => Number.parseInt(id.slice(at, at + 8), 16));
}

/** By tables: `toString(16)` and `padStart` took most of the time of building a span. */
function hexOfWords(high: number, low: number): string {
  return hexOfWord(high) + hexOfWord(low);
}

function hexOfWord(word: number): string {
  return HEX_3[word >>> 20] + HEX_3[(word >>> 8) & 0xfff] + HEX_2[word & 0xff];
}

const HEX_2: readonly string[] = Array.from({ length: 0x100 }, (_, value) => value.toString(16).padStart(2, '0'));
const HEX_3: readonly string[] = Array.from({ length: 0x1000 }, (_, value) => value.toString(16).padStart(3, '0'));

/** Bodies of length-delimited fields that lie back to back. */
function splitFields(bytes: Uint8Array): Uint8Array[] {
  const reader = new ProtobufReader(bytes);
  const bodies: Uint8Array[] = [];
  while (reader.position < bytes.length) {
    reader.tag(bytes.length);
    const end = reader.payloadEnd(bytes.length);
    bodies.push(bytes.slice(reader.position, end));
    reader.position = end;
  }
  return bodies;
}
