import { ValueType } from '@spoor/model';
import { CLOSE_ARRAY, CLOSE_OBJECT } from '../json/json-reader.ts';
import { KnownWords } from '../known-words.ts';
import { WireTime } from '../wire-time.ts';
import { JsonObjectList, ZipkinJsonReader } from './zipkin-json-reader.ts';
import type { ZipkinKind, ZipkinSpan, ZipkinSpanSource } from './zipkin-span.ts';

const spanKeys = new KnownWords([
  'traceId',
  'parentId',
  'id',
  'kind',
  'name',
  'timestamp',
  'duration',
  'localEndpoint',
  'remoteEndpoint',
  'annotations',
  'tags',
  'debug',
]);
const annotationKeys = new KnownWords(['timestamp', 'value']);
const kindWords = new KnownWords([
  'CLIENT',
  'SERVER',
  'PRODUCER',
  'CONSUMER',
  'client',
  'server',
  'producer',
  'consumer',
]);

/**
 * The spans of Zipkin's JSON of version 2: an array of objects. Unknown keys are skipped, `null` is absent, the last of a
 * repeated key wins; only tags and annotations add up.
 * Source: zipkin-api, zipkin2-api.yaml.
 */
export class ZipkinJsonSource implements ZipkinSpanSource {
  readonly bytes: Uint8Array;
  readonly #reader: ZipkinJsonReader;
  readonly #list: JsonObjectList;
  readonly #time = new WireTime();

  constructor(body: Uint8Array) {
    this.#reader = new ZipkinJsonReader(body);
    this.bytes = this.#reader.bytes;
    this.#list = new JsonObjectList(this.#reader);
  }

  next(span: ZipkinSpan): boolean {
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

  #field(key: NonNullable<ReturnType<typeof spanKeys.find>>, span: ZipkinSpan): void {
    const reader = this.#reader;
    const { words } = reader;
    switch (key) {
      case 'traceId':
        if (reader.id(32)) [span.traceId0, span.traceId1, span.traceId2, span.traceId3] = words;
        return;
      case 'parentId':
        if (reader.id(16)) span.setParent(words[2], words[3]);
        return;
      case 'id':
        if (reader.id(16)) [span.spanIdHigh, span.spanIdLow] = [words[2], words[3]];
        return;
      case 'kind':
        reader.text();
        span.kind = (kindWords.find(this.bytes, reader.textStart, reader.textEnd)?.toLowerCase() ??
          'unspecified') as ZipkinKind;
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
        return span.setDuration(reader.low, reader.high);
      case 'localEndpoint':
        return reader.endpoint(span.localEndpoint);
      case 'remoteEndpoint':
        return reader.endpoint(span.remoteEndpoint);
      case 'annotations':
        return this.#annotations(span);
      case 'tags':
        return this.#tags(span);
      case 'debug':
        span.isDebug = reader.bool();
    }
  }

  #tags(span: ZipkinSpan): void {
    const reader = this.#reader;
    const { json } = reader;
    if (!reader.openIf('object')) return;
    for (let isFirst = true; json.more(isFirst, CLOSE_OBJECT); isFirst = false) {
      reader.anyKey();
      const keyStart = reader.textStart;
      const keyEnd = reader.textEnd;
      reader.scalarText();
      span.tags.text(keyStart, keyEnd, ValueType.string, reader.textStart, reader.textEnd);
    }
  }

  #annotations(span: ZipkinSpan): void {
    const reader = this.#reader;
    const { json } = reader;
    if (!reader.openIf('array')) return;
    for (let isFirst = true; json.more(isFirst, CLOSE_ARRAY); isFirst = false) {
      if (!reader.openIf('object')) continue;
      let valueStart = 0;
      let valueEnd = 0;
      this.#time.setMicro(0, 0);
      for (let isFirstKey = true; json.more(isFirstKey, CLOSE_OBJECT); isFirstKey = false) {
        const key = reader.key(annotationKeys);
        if (key === 'timestamp') {
          reader.integer();
          this.#time.setMicro(reader.low, reader.high);
        } else if (key === 'value') {
          reader.scalarText();
          valueStart = reader.textStart;
          valueEnd = reader.textEnd;
        } else json.skip();
      }
      span.addAnnotation(this.#time, valueStart, valueEnd);
    }
  }
}
