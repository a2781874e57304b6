import { ValueType } from '@spoor/model';
import { CLOSE_ARRAY, CLOSE_OBJECT } from '../json/json-reader.ts';
import { KnownWords } from '../known-words.ts';
import { WireTime } from '../wire-time.ts';
import { JsonObjectList, ZipkinJsonReader } from './zipkin-json-reader.ts';
import type { ZipkinV1Reader, ZipkinV1Span } from './zipkin-v1-span.ts';

const spanKeys = new KnownWords([
  'traceId',
  'parentId',
  'id',
  'name',
  'timestamp',
  'duration',
  'annotations',
  'binaryAnnotations',
  'debug',
]);
const annotationKeys = new KnownWords(['timestamp', 'value', 'endpoint']);
const binaryAnnotationKeys = new KnownWords(['key', 'value', 'endpoint']);

/**
 * The spans of Zipkin's JSON of version 1: an array of objects. Read as liberally as version 2. A binary annotation's value
 * is of the type that it has in JSON.
 * Source: zipkin-api, zipkin-api.yaml.
 */
export class ZipkinV1JsonReader implements ZipkinV1Reader {
  readonly bytes: Uint8Array;
  readonly #reader: ZipkinJsonReader;
  readonly #list: JsonObjectList;
  readonly #time = new WireTime();

  constructor(body: Uint8Array) {
    this.#reader = new ZipkinJsonReader(body);
    this.bytes = this.#reader.bytes;
    this.#list = new JsonObjectList(this.#reader);
  }

  next(span: ZipkinV1Span): boolean {
    const reader = this.#reader;
    const { json } = reader;
    if (!this.#list.next()) return false;
    span.clear();
    for (let isFirst = true; json.more(isFirst, CLOSE_OBJECT); isFirst = false) {
      const key = reader.key(spanKeys);
      if (key === undefined) json.skip();
      else this.#field(key, span);
    }
    return true;
  }

  #field(key: NonNullable<ReturnType<typeof spanKeys.find>>, span: ZipkinV1Span): void {
    const reader = this.#reader;
    const { words } = reader;
    switch (key) {
      case 'traceId':
        if (reader.id(32)) [span.traceId0, span.traceId1, span.traceId2, span.traceId3] = words;
        return;
      case 'parentId':
        span.hasParent = reader.id(16);
        if (span.hasParent) [span.parentSpanIdHigh, span.parentSpanIdLow] = [words[2], words[3]];
        return;
      case 'id':
        if (reader.id(16)) [span.spanIdHigh, span.spanIdLow] = [words[2], words[3]];
        return;
      case 'name':
        reader.text();
        span.nameStart = reader.textStart;
        span.nameEnd = reader.textEnd;
        return;
      case 'timestamp':
        reader.integer();
        return span.start.setMicro(reader.low, reader.high);
      case 'duration':
        reader.integer();
        span.durationLow = reader.low;
        span.durationHigh = reader.high;
        return;
      case 'annotations':
        return this.#each(() => this.#annotation(span));
      case 'binaryAnnotations':
        return this.#each(() => this.#binaryAnnotation(span));
      case 'debug':
        span.isDebug = reader.bool();
    }
  }

  /** Calls `read` inside each object of an array. */
  #each(read: () => void): void {
    const { json } = this.#reader;
    if (!this.#reader.openIf('array')) return;
    for (let isFirst = true; json.more(isFirst, CLOSE_ARRAY); isFirst = false) {
      if (this.#reader.openIf('object')) read();
    }
  }

  #annotation(span: ZipkinV1Span): void {
    const reader = this.#reader;
    const { json } = reader;
    let valueStart = 0;
    let valueEnd = 0;
    let endpoint = -1;
    this.#time.setMicro(0, 0);
    for (let isFirst = true; json.more(isFirst, CLOSE_OBJECT); isFirst = false) {
      const key = reader.key(annotationKeys);
      if (key === 'timestamp') {
        reader.integer();
        this.#time.setMicro(reader.low, reader.high);
      } else if (key === 'value') {
        reader.scalarText();
        valueStart = reader.textStart;
        valueEnd = reader.textEnd;
      } else if (key === 'endpoint') endpoint = this.#endpoint(span, endpoint);
      else json.skip();
    }
    span.addAnnotation(this.#time, valueStart, valueEnd, endpoint);
  }

  #binaryAnnotation(span: ZipkinV1Span): void {
    const reader = this.#reader;
    const { json } = reader;
    const { tags } = span;
    let keyStart = 0;
    let keyEnd = 0;
    let kind = 'null';
    let start = 0;
    let end = 0;
    let endpoint = -1;
    for (let isFirst = true; json.more(isFirst, CLOSE_OBJECT); isFirst = false) {
      const key = reader.key(binaryAnnotationKeys);
      if (key === 'key') {
        reader.text();
        keyStart = reader.textStart;
        keyEnd = reader.textEnd;
      } else if (key === 'value') {
        kind = json.kind();
        reader.scalarText();
        start = reader.textStart;
        end = reader.textEnd;
      } else if (key === 'endpoint') endpoint = this.#endpoint(span, endpoint);
      else json.skip();
    }
    const row = tags.count;
    if (kind === 'true' || kind === 'false') tags.bool(keyStart, keyEnd, kind === 'true');
    else if (kind === 'number') this.#number(span, keyStart, keyEnd, start, end);
    else tags.text(keyStart, keyEnd, ValueType.string, start, end);
    span.tagEndpoint[row] = endpoint;
  }

  #number(span: ZipkinV1Span, keyStart: number, keyEnd: number, start: number, end: number): void {
    const text = new TextDecoder().decode(this.bytes.subarray(start, end));
    const isInteger = /^-?\d{1,18}$/.test(text);
    if (!isInteger) return span.tags.double(keyStart, keyEnd, Number(text));
    const word = BigInt.asUintN(64, BigInt(text));
    span.tags.integer(keyStart, keyEnd, Number(word & 0xffff_ffffn), Number(word >> 32n));
  }

  #endpoint(span: ZipkinV1Span, before: number): number {
    const place = before < 0 ? span.newEndpoint() : before;
    this.#reader.endpoint(span.endpoints[place]);
    return span.endpoints[place].isPresent ? place : -1;
  }
}
