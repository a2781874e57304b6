import {
  type SpanDraft,
  SpanKind,
  type SpanSink,
  StatusCode,
  ValueType,
  bytesFromHex,
  emptySpanDraft,
  limits,
  resetSpanDraft,
} from '@spoor/model';
import { asciiBytes, asciiTexts, internAll } from '../ascii-text.ts';
import type { AttributeTable } from '../attribute-table.ts';
import { KnownWords } from '../known-words.ts';
import { isUtf8 } from '../utf8.ts';
import { WireTime } from '../wire-time.ts';
import { type TagLink, parseAnnotationEvent, parseTagLink } from './annotation-event.ts';
import { ipText } from './ip-text.ts';
import { isResourceKey } from './resource-key.ts';
import type { AddressForm, ZipkinEndpoint, ZipkinSpan } from './zipkin-span.ts';

const tagKeys = new KnownWords([
  'error',
  'otel.status_code',
  'otel.status_description',
  'otel.library.name',
  'otel.library.version',
  'otel.scope.name',
  'otel.scope.version',
  'span.kind',
  'w3c.tracestate',
  'service.name',
]);
const statusCodes = new KnownWords([
  'OK',
  'ERROR',
  'UNSET',
  'STATUS_CODE_OK',
  'STATUS_CODE_ERROR',
  'STATUS_CODE_UNSET',
]);
const internalKind = new KnownWords(['internal', 'INTERNAL']);
const truth = new KnownWords(['true']);
const falsehood = new KnownWords(['false']);

/** What is written into spans in the place of something else, or beside it. */
const ours = asciiTexts(
  'service.name',
  'unknown-service',
  'errNegativeDuration',
  'errZeroParentID',
  'otel.zipkin.absentField.startTime',
  'peer.service',
  'net.host.ip',
  'net.host.port',
  'net.peer.ip',
  'net.peer.port',
);
const linkPrefix = asciiBytes('otlp.link.');
const encoder = new TextEncoder();

/**
 * Turns Zipkin spans into OTLP's model, as the OpenTelemetry Collector does.
 *
 * - The resource is `service.name` (the tag, else the local endpoint's service, else `unknown-service`) and the tags whose
 *   keys belong to resources, since exporters copy a resource's attributes into every span.
 * - `otel.status_code`, `otel.status_description`, `error`, `otel.scope.*` (`otel.library.*`), `w3c.tracestate`,
 *   `otlp.link.N` and `span.kind=internal` become what they were. A tag `error` other than `false` is an error, with its
 *   value as the message unless that is `true`.
 * - Endpoints are `net.host.*`, `peer.service` and `net.peer.*`; annotations are events.
 * - `parentId` equal to `id` says nothing; a zero one is noted as `errZeroParentID`, a negative duration as
 *   `errNegativeDuration`.
 *
 * Source: opentelemetry-collector-contrib, pkg/translator/zipkin/zipkinv2; jaeger 1, sanitizer/zipkin.
 */
export class ZipkinSpanPusher {
  readonly #sink: SpanSink;
  readonly #bytes: Uint8Array;
  readonly #absentStart: (span: ZipkinSpan) => WireTime;
  readonly #draft: SpanDraft = emptySpanDraft();
  readonly #end = new WireTime();
  // Rows of the tags that become something else, −1 without one.
  #errorRow = -1;
  #statusRow = -1;
  #descriptionRow = -1;
  #traceStateRow = -1;
  #scopeNameRow = -1;
  #scopeVersionRow = -1;
  #serviceRow = -1;
  readonly #resourceRows: number[] = [];
  readonly #links: TagLink[] = [];
  // Codes of the scope in force, −1 after a new resource.
  #scopeName = -1;
  #scopeVersion = -1;
  /** codes of the resource in force, keys and values in turn */
  #resource: readonly number[] = [];
  #hasResource = false;
  spanCount = 0;
  rejectedSpanCount = 0;
  rejectedReason: string | undefined;

  /** @param absentStart  the start of a span that says none and has no annotation */
  constructor(sink: SpanSink, bytes: Uint8Array, absentStart: (span: ZipkinSpan) => WireTime) {
    this.#sink = sink;
    this.#bytes = bytes;
    this.#absentStart = absentStart;
  }

  /** Pushes a span, or counts it as rejected when its ids are impossible. */
  span(span: ZipkinSpan): void {
    const problem = idProblem(span);
    if (problem !== undefined) {
      this.rejectedSpanCount++;
      this.rejectedReason ??= problem;
      return;
    }
    const sink = this.#sink;
    const draft = resetSpanDraft(this.#draft);
    draft.kind = SpanKind[span.kind];
    this.#judgeTags(span.tags, draft);
    this.#useResource(span);
    this.#useScope(span.tags);
    this.#status(span.tags, draft);
    draft.traceStateCode = this.#code(span.tags, this.#traceStateRow);
    if (span.nameStart !== span.nameEnd) draft.nameCode = sink.intern(this.#bytes, span.nameStart, span.nameEnd);
    this.#idsAndTimes(span, draft);
    this.#endpoints(span);
    draft.droppedAttributesCount = this.#attributes(span.tags);
    sink.endAttributes();
    for (let i = 0; i < span.annotationCount; i++) this.#event(span, i);
    for (const link of this.#links) this.#link(link);
    sink.endSpan(draft);
    this.spanCount++;
  }

  #judgeTags(tags: AttributeTable, draft: SpanDraft): void {
    this.#errorRow = this.#statusRow = this.#descriptionRow = this.#traceStateRow = -1;
    this.#scopeNameRow = this.#scopeVersionRow = this.#serviceRow = -1;
    this.#resourceRows.length = this.#links.length = 0;
    const bytes = this.#bytes;
    for (let row = 0; row < tags.count; row++) {
      const start = tags.keyStart[row];
      const end = tags.keyEnd[row];
      const key = tagKeys.find(bytes, start, end);
      if (key !== undefined) this.#judgeTag(key, tags, row, draft);
      else if (isResourceKey(bytes, start, end)) {
        this.#resourceRows.push(row);
        tags.isLifted[row] = true;
      } else if (isLinkKey(bytes, start, end)) this.#judgeLink(tags, row);
    }
  }

  /** A tag that only looks like a link stays an attribute. */
  #judgeLink(tags: AttributeTable, row: number): void {
    if (tags.type[row] !== ValueType.string) return;
    const link = parseTagLink(this.#bytes, tags.valueStart[row], tags.valueEnd[row]);
    if (link === undefined) return;
    tags.isLifted[row] = true;
    this.#links.push(link);
  }

  #judgeTag(
    key: NonNullable<ReturnType<typeof tagKeys.find>>,
    tags: AttributeTable,
    row: number,
    draft: SpanDraft,
  ): void {
    if (key === 'error') {
      this.#errorRow = row;
      return;
    }
    if (tags.type[row] !== ValueType.string) return;
    switch (key) {
      case 'span.kind':
        if (draft.kind !== SpanKind.unspecified || !this.#isWord(internalKind, tags, row)) return;
        draft.kind = SpanKind.internal;
        break;
      case 'otel.status_code':
        this.#statusRow = row;
        return;
      case 'otel.status_description':
        this.#descriptionRow = row;
        return;
      case 'w3c.tracestate':
        this.#traceStateRow = row;
        break;
      case 'otel.library.name':
      case 'otel.scope.name':
        this.#scopeNameRow = row;
        break;
      case 'otel.library.version':
      case 'otel.scope.version':
        this.#scopeVersionRow = row;
        break;
      case 'service.name':
        if (tags.valueStart[row] !== tags.valueEnd[row]) this.#serviceRow = row;
    }
    tags.isLifted[row] = true;
  }

  /** Pushes the span's resource unless it is the one in force, which it mostly is. */
  #useResource({ tags, localEndpoint }: ZipkinSpan): void {
    const sink = this.#sink;
    const resource = this.#resourceCodes(tags, localEndpoint);
    if (this.#hasResource && isSame(resource, this.#resource)) return;
    this.#resource = resource;
    this.#hasResource = true;
    this.#scopeName = this.#scopeVersion = -1;
    sink.attribute(internAll(sink, ours['service.name']), ValueType.string, resource[0]);
    for (let i = 0; i < this.#resourceRows.length && i < limits.attributesPerSetMax - 1; i++) {
      tags.pushValue(sink, this.#bytes, this.#resourceRows[i], resource[2 * i + 1]);
    }
    sink.endResource(0, Math.max(0, this.#resourceRows.length - limits.attributesPerSetMax + 1), 0);
  }

  #resourceCodes(tags: AttributeTable, { serviceStart, serviceEnd }: ZipkinEndpoint): number[] {
    const sink = this.#sink;
    const bytes = this.#bytes;
    let service = this.#code(tags, this.#serviceRow);
    if (service === 0 && serviceStart !== serviceEnd) service = sink.intern(bytes, serviceStart, serviceEnd);
    if (service === 0) service = internAll(sink, ours['unknown-service']);
    const codes = [service];
    for (const row of this.#resourceRows) {
      codes.push(sink.intern(bytes, tags.keyStart[row], tags.keyEnd[row]));
      codes.push(tags.type[row] === ValueType.string ? this.#code(tags, row) : -1 - tags.number[row]);
    }
    return codes;
  }

  #useScope(tags: AttributeTable): void {
    const name = this.#code(tags, this.#scopeNameRow);
    const version = this.#code(tags, this.#scopeVersionRow);
    if (name === this.#scopeName && version === this.#scopeVersion) return;
    this.#scopeName = name;
    this.#scopeVersion = version;
    this.#sink.endScope(name, version, 0, 0);
  }

  #status(tags: AttributeTable, draft: SpanDraft): void {
    const status = this.#statusRow < 0 ? undefined : this.#word(statusCodes, tags, this.#statusRow);
    const error = this.#errorRow;
    const isText = error >= 0 && tags.type[error] === ValueType.string;
    const isError = error >= 0 && (isText ? !this.#isWord(falsehood, tags, error) : tags.number[error] !== 0);
    if (status !== undefined) {
      tags.isLifted[this.#statusRow] = true;
      if (status.endsWith('OK')) draft.statusCode = StatusCode.ok;
      else if (status.endsWith('ERROR')) draft.statusCode = StatusCode.error;
    } else if (isError) draft.statusCode = StatusCode.error;
    if (isError && draft.statusCode === StatusCode.error) {
      tags.isLifted[error] = true;
      if (isText && !this.#isWord(truth, tags, error)) draft.statusMessageCode = this.#code(tags, error);
    }
    if (this.#descriptionRow < 0 || draft.statusCode === StatusCode.unset) return;
    tags.isLifted[this.#descriptionRow] = true;
    draft.statusMessageCode = this.#code(tags, this.#descriptionRow);
  }

  #idsAndTimes(span: ZipkinSpan, draft: SpanDraft): void {
    const sink = this.#sink;
    draft.traceId0 = span.traceId0;
    draft.traceId1 = span.traceId1;
    draft.traceId2 = span.traceId2;
    draft.traceId3 = span.traceId3;
    draft.spanIdHigh = span.spanIdHigh;
    draft.spanIdLow = span.spanIdLow;
    draft.flags = span.isDebug ? 1 : 0;
    if (span.parentSpanIdHigh !== span.spanIdHigh || span.parentSpanIdLow !== span.spanIdLow) {
      draft.parentSpanIdHigh = span.parentSpanIdHigh;
      draft.parentSpanIdLow = span.parentSpanIdLow;
    }
    let { start } = span;
    if (start.low === 0 && start.high === 0) {
      start = this.#absentStart(span);
      sink.attribute(internAll(sink, ours['otel.zipkin.absentField.startTime']), ValueType.bool, 1);
    }
    draft.startLow = this.#end.low = start.low;
    draft.startHigh = this.#end.high = start.high;
    if (span.negativeDurationMicro === 0n) this.#end.add(span.duration.low, span.duration.high);
    else this.#string('errNegativeDuration', String(span.negativeDurationMicro));
    if (span.hasZeroParent) this.#string('errZeroParentID', '0');
    draft.endLow = this.#end.low;
    draft.endHigh = this.#end.high;
  }

  #endpoints({ localEndpoint: local, remoteEndpoint: remote }: ZipkinSpan): void {
    const sink = this.#sink;
    if (local.isPresent) {
      this.#address('net.host.ip', local.ipv6Form, local.ipv6Start, local.ipv6End);
      this.#address('net.host.ip', local.ipv4Form, local.ipv4Start, local.ipv4End);
      if (local.port > 0) sink.attribute(internAll(sink, ours['net.host.port']), ValueType.int, local.port);
    }
    if (!remote.isPresent) return;
    if (remote.serviceStart !== remote.serviceEnd) {
      const service = sink.intern(this.#bytes, remote.serviceStart, remote.serviceEnd);
      sink.attribute(internAll(sink, ours['peer.service']), ValueType.string, service);
    }
    this.#address('net.peer.ip', remote.ipv6Form, remote.ipv6Start, remote.ipv6End);
    this.#address('net.peer.ip', remote.ipv4Form, remote.ipv4Start, remote.ipv4End);
    if (remote.port > 0) sink.attribute(internAll(sink, ours['net.peer.port']), ValueType.int, remote.port);
  }

  #address(key: 'net.host.ip' | 'net.peer.ip', form: AddressForm, start: number, end: number): void {
    if (form === 'none') return;
    const sink = this.#sink;
    const code =
      form === 'text'
        ? sink.intern(this.#bytes, start, end)
        : internAll(sink, asciiBytes(ipText(this.#bytes, form, start, end)));
    sink.attribute(internAll(sink, ours[key]), ValueType.string, code);
  }

  /** @returns how many were left out because of the limit */
  #attributes(tags: AttributeTable): number {
    const sink = this.#sink;
    const bytes = this.#bytes;
    let count = 0;
    for (let row = 0; row < tags.count; row++) {
      if (tags.isLifted[row] || ++count > limits.attributesPerSetMax - RESERVED) continue;
      // Bytes lose nothing; a text that is none would.
      if (tags.type[row] === ValueType.string && !isUtf8(bytes, tags.valueStart[row], tags.valueEnd[row])) {
        tags.type[row] = ValueType.bytes;
      }
      const keyStart = tags.keyStart[row];
      const keyEnd = tags.keyEnd[row];
      tags.pushValue(sink, bytes, row, keyStart === keyEnd ? 0 : sink.intern(bytes, keyStart, keyEnd));
    }
    return Math.max(0, count - limits.attributesPerSetMax + RESERVED);
  }

  #event(span: ZipkinSpan, i: number): void {
    const sink = this.#sink;
    const start = span.annotationValueStart[i];
    const end = span.annotationValueEnd[i];
    const event = parseAnnotationEvent(this.#bytes, start, end);
    const timeLow = span.annotationTimeLow(i);
    const timeHigh = span.annotationTimeHigh(i);
    if (event === undefined) {
      return sink.endEvent(start === end ? 0 : sink.intern(this.#bytes, start, end), timeLow, timeHigh, 0);
    }
    const overflow = this.#parsedAttributes(event.attributes);
    const name = internAll(sink, encoder.encode(event.name));
    sink.endEvent(name, timeLow, timeHigh, event.droppedAttributesCount + overflow);
  }

  #link(link: TagLink): void {
    const sink = this.#sink;
    const overflow = this.#parsedAttributes(link.attributes);
    sink.endLink(
      internAll(sink, bytesFromHex(link.traceId)!),
      internAll(sink, bytesFromHex(link.spanId)!),
      internAll(sink, encoder.encode(link.traceState)),
      0,
      link.droppedAttributesCount + overflow,
    );
  }

  /** Nested values stay JSON. */
  #parsedAttributes(attributes: Readonly<Record<string, unknown>>): number {
    const sink = this.#sink;
    const entries = Object.entries(attributes);
    for (const [key, value] of entries.slice(0, limits.attributesPerSetMax)) {
      const keyCode = internAll(sink, encoder.encode(key));
      if (typeof value === 'boolean') sink.attribute(keyCode, ValueType.bool, value ? 1 : 0);
      else if (typeof value === 'number') {
        sink.attribute(keyCode, Number.isSafeInteger(value) ? ValueType.int : ValueType.double, value);
      } else if (value === null) sink.attribute(keyCode, ValueType.empty, 0);
      else {
        const text = typeof value === 'string' ? value : JSON.stringify(value);
        sink.attribute(keyCode, ValueType.string, internAll(sink, encoder.encode(text)));
      }
    }
    return Math.max(0, entries.length - limits.attributesPerSetMax);
  }

  #string(key: keyof typeof ours, value: string): void {
    const sink = this.#sink;
    sink.attribute(internAll(sink, ours[key]), ValueType.string, internAll(sink, asciiBytes(value)));
  }

  /** Code of a row's text; 0 without a row. */
  #code(table: AttributeTable, row: number): number {
    if (row < 0 || table.valueStart[row] === table.valueEnd[row]) return 0;
    return this.#sink.intern(this.#bytes, table.valueStart[row], table.valueEnd[row]);
  }

  #word<W extends string>(words: KnownWords<W>, table: AttributeTable, row: number): W | undefined {
    return words.find(this.#bytes, table.valueStart[row], table.valueEnd[row]);
  }

  #isWord(words: KnownWords<string>, table: AttributeTable, row: number): boolean {
    return this.#word(words, table, row) !== undefined;
  }
}

/** Attributes that this translation may add to a span's own: endpoints and notes. */
const RESERVED = 10;

function idProblem(span: ZipkinSpan): string | undefined {
  if ((span.traceId0 | span.traceId1 | span.traceId2 | span.traceId3) === 0) return 'a trace id of zeros, or none';
  return (span.spanIdHigh | span.spanIdLow) === 0 ? 'a span id of zeros, or none' : undefined;
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

function isLinkKey(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start <= linkPrefix.length) return false;
  for (let i = 0; i < linkPrefix.length; i++) if (bytes[start + i] !== linkPrefix[i]) return false;
  return true;
}
