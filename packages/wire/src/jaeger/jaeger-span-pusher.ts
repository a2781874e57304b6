import {
  type SpanDraft,
  SpanKind,
  type SpanSink,
  StatusCode,
  ValueType,
  emptySpanDraft,
  limits,
  resetSpanDraft,
} from '@spoor/model';
import { asciiBytes, asciiTexts, internAll } from '../ascii-text.ts';
import type { AttributeTable } from '../attribute-table.ts';
import { KnownWords } from '../known-words.ts';
import { isUtf8 } from '../utf8.ts';
import { type JaegerProcess, type JaegerReference, JaegerRefType, type JaegerSpan } from './jaeger-span.ts';

const spanTags = new KnownWords([
  'span.kind',
  'error',
  'otel.status_code',
  'otel.status_description',
  'http.status_code',
  'http.status_message',
  'w3c.tracestate',
  'otel.scope.name',
  'otel.scope.version',
  'otel.library.name',
  'otel.library.version',
]);
const processTags = new KnownWords(['service.name', 'hostname', 'host.name', 'jaeger.version']);
const logFields = new KnownWords(['event', 'message']);
const spanKinds = new KnownWords(['internal', 'server', 'client', 'producer', 'consumer']);
const statusCodes = new KnownWords(['OK', 'ERROR', 'ok', 'error', 'UNSET', 'unset']);
const truth = new KnownWords(['true']);
/** What Node's exporter writes where a scope has no version. */
const noVersion = new KnownWords(['undefined']);

/** What is written into spans in the place of something else, or beside it. */
const ours = asciiTexts(
  'service.name',
  'null-process-and-service-name',
  'empty-service-name',
  'InvalidServiceName',
  'InvalidOperationName',
  'InvalidTagKey',
  'errNegativeDuration',
  'host.name',
  'opencensus.exporterversion',
  'Jaeger-',
  'opentracing.ref_type',
  'child_of',
  'follows_from',
  ':',
);

/**
 * Turns Jaeger spans into OTLP's model: the same translation as Jaeger 2 and the OpenTelemetry Collector do, with the
 * sanitising of Jaeger 1, and with what they lose kept.
 *
 * - `span.kind`, `error`, `otel.status_*`, `w3c.tracestate`, `otel.scope.*` (`otel.library.*`) become kind, status, trace
 *   state and scope. Without a status, `http.status_code` decides: 500 and above are errors, for clients 400 and above.
 * - The parent is `parentSpanId`, else the first CHILD_OF, else the first FOLLOWS_FROM reference into the same trace.
 *   References other than a CHILD_OF the parent are links with `opentracing.ref_type`.
 * - A log is an event, named by its field `event`, else `message`.
 * - Process tags are kept always; `hostname` is `host.name`, `jaeger.version` is `opencensus.exporterversion`.
 * - A service without a name is `empty-service-name`; without a process, `null-process-and-service-name`.
 * - What is not UTF-8 but should be is replaced by `InvalidOperationName`, `InvalidServiceName` or `InvalidTagKey`, and
 *   its bytes are kept in an attribute of that name.
 *
 * Source: opentelemetry-collector-contrib, pkg/translator/jaeger; jaeger 1, cmd/collector/app/sanitizer.
 */
export class JaegerSpanPusher {
  readonly #sink: SpanSink;
  readonly #bytes: Uint8Array;
  readonly #draft: SpanDraft = emptySpanDraft();
  readonly #id = new Uint8Array(16);
  readonly #idView = new DataView(this.#id.buffer);
  // Rows of the tags that become something else, −1 without one.
  #kindRow = -1;
  #errorRow = -1;
  #statusRow = -1;
  #descriptionRow = -1;
  #httpStatusRow = -1;
  #httpMessageRow = -1;
  #traceStateRow = -1;
  #scopeNameRow = -1;
  #scopeVersionRow = -1;
  // Codes of the scope in force, −1 after a new resource.
  #scopeName = -1;
  #scopeVersion = -1;
  spanCount = 0;
  rejectedSpanCount = 0;
  rejectedReason: string | undefined;

  constructor(sink: SpanSink, bytes: Uint8Array) {
    this.#sink = sink;
    this.#bytes = bytes;
  }

  /** The spans that follow are of this process. */
  resource(process: JaegerProcess): void {
    const sink = this.#sink;
    const bytes = this.#bytes;
    const { tags, serviceNameStart: start, serviceNameEnd: end } = process;
    const isBroken = !isUtf8(bytes, start, end);
    let name: number;
    if (process.isMissing) name = this.#text('null-process-and-service-name');
    else if (start === end) name = this.#text('empty-service-name');
    else if (isBroken) name = this.#text('InvalidServiceName');
    else name = sink.intern(bytes, start, end);
    sink.attribute(this.#text('service.name'), ValueType.string, name);
    if (isBroken) sink.attribute(this.#text('InvalidServiceName'), ValueType.bytes, sink.intern(bytes, start, end));
    this.#renameProcessTags(tags, start !== end);
    sink.endResource(0, this.#attributes(tags, 0, tags.count), 0);
    this.#scopeName = this.#scopeVersion = -1;
  }

  /** Each once: what comes again under the same key keeps it, and falls under the limit on attributes. */
  #renameProcessTags(tags: AttributeTable, hasServiceName: boolean): void {
    const first = { hostname: -1, 'host.name': -1, 'jaeger.version': -1 };
    for (let row = 0; row < tags.count; row++) {
      const key = processTags.find(this.#bytes, tags.keyStart[row], tags.keyEnd[row]);
      if (key === 'service.name') tags.isLifted[row] = hasServiceName;
      else if (key !== undefined && first[key] < 0) first[key] = row;
    }
    const host = first['host.name'] < 0 ? first.hostname : -1;
    const version = first['jaeger.version'];
    const isText = version >= 0 && tags.type[version] === ValueType.string;
    if (isText && version < host) this.#exporterVersion(tags, version);
    if (host >= 0) this.#renamed(tags, host, 'host.name');
    if (isText && version > host) this.#exporterVersion(tags, version);
  }

  /** Pushes a span, or counts it as rejected when its ids are impossible. */
  span(span: JaegerSpan): void {
    const problem = idProblem(span);
    if (problem !== undefined) {
      this.rejectedSpanCount++;
      this.rejectedReason ??= problem;
      return;
    }
    const sink = this.#sink;
    const draft = resetSpanDraft(this.#draft);
    this.#judgeTags(span.tags);
    this.#scope(span.tags);
    this.#kindAndStatus(span.tags, draft);
    draft.traceStateCode = this.#lift(span.tags, this.#traceStateRow);
    this.#name(span, draft);
    if (span.isDurationNegative) sink.attribute(this.#text('errNegativeDuration'), ValueType.bool, 1);
    draft.droppedAttributesCount = this.#attributes(span.tags, 0, span.tags.count);
    sink.endAttributes();
    for (let log = 0; log < span.logCount; log++) this.#event(span, log);
    this.#idsAndTimes(span, draft);
    for (const reference of span.references) this.#link(reference, draft);
    sink.endSpan(draft);
    this.spanCount++;
  }

  /** One look at every key; what is found is taken up afterwards, since tags come in any order. */
  #judgeTags(tags: AttributeTable): void {
    this.#kindRow = this.#errorRow = this.#statusRow = this.#descriptionRow = -1;
    this.#httpStatusRow = this.#httpMessageRow = this.#traceStateRow = -1;
    this.#scopeNameRow = this.#scopeVersionRow = -1;
    for (let row = 0; row < tags.count; row++) {
      const key = spanTags.find(this.#bytes, tags.keyStart[row], tags.keyEnd[row]);
      if (key !== undefined) this.#judgeTag(key, tags, row);
    }
  }

  #judgeTag(key: NonNullable<ReturnType<typeof spanTags.find>>, tags: AttributeTable, row: number): void {
    if (key === 'error') {
      this.#errorRow = row;
      return;
    }
    if (key === 'http.status_code') {
      this.#httpStatusRow = row;
      return;
    }
    if (tags.type[row] !== ValueType.string) return;
    switch (key) {
      case 'span.kind':
        this.#kindRow = row;
        return;
      case 'otel.status_code':
        this.#statusRow = row;
        return;
      case 'otel.status_description':
        this.#descriptionRow = row;
        return;
      case 'http.status_message':
        this.#httpMessageRow = row;
        return;
      case 'w3c.tracestate':
        this.#traceStateRow = row;
        return;
      case 'otel.scope.name':
      case 'otel.library.name':
        // Both names of one thing, the old one by older exporters; some send both.
        this.#scopeNameRow = row;
        tags.isLifted[row] = true;
        return;
      case 'otel.scope.version':
      case 'otel.library.version':
        this.#scopeVersionRow = row;
        tags.isLifted[row] = true;
    }
  }

  #scope(tags: AttributeTable): void {
    const name = this.#lift(tags, this.#scopeNameRow);
    const version = this.#isWord(noVersion, tags, this.#scopeVersionRow) ? 0 : this.#lift(tags, this.#scopeVersionRow);
    if (name === this.#scopeName && version === this.#scopeVersion) return;
    this.#scopeName = name;
    this.#scopeVersion = version;
    this.#sink.endScope(name, version, 0, 0);
  }

  #kindAndStatus(tags: AttributeTable, draft: SpanDraft): void {
    const kind = this.#word(spanKinds, tags, this.#kindRow);
    if (kind !== undefined) {
      draft.kind = SpanKind[kind];
      tags.isLifted[this.#kindRow] = true;
    }
    const status = this.#word(statusCodes, tags, this.#statusRow)?.toLowerCase();
    if (status !== undefined) tags.isLifted[this.#statusRow] = true;
    if (this.#isTrue(tags, this.#errorRow)) {
      tags.isLifted[this.#errorRow] = true;
      draft.statusCode = StatusCode.error;
    } else if (status !== undefined) draft.statusCode = StatusCode[status as keyof typeof StatusCode];
    else if (isHttpError(this.#httpStatus(tags, this.#httpStatusRow), draft.kind)) draft.statusCode = StatusCode.error;
    else return;
    if (this.#descriptionRow >= 0) draft.statusMessageCode = this.#lift(tags, this.#descriptionRow);
    else if (draft.statusCode === StatusCode.error) draft.statusMessageCode = this.#code(tags, this.#httpMessageRow);
  }

  #name(span: JaegerSpan, draft: SpanDraft): void {
    const { nameStart, nameEnd } = span;
    if (nameStart === nameEnd) return;
    const code = this.#sink.intern(this.#bytes, nameStart, nameEnd);
    if (isUtf8(this.#bytes, nameStart, nameEnd)) {
      draft.nameCode = code;
      return;
    }
    draft.nameCode = this.#text('InvalidOperationName');
    this.#sink.attribute(draft.nameCode, ValueType.bytes, code);
  }

  #idsAndTimes(span: JaegerSpan, draft: SpanDraft): void {
    draft.traceId0 = span.traceId0;
    draft.traceId1 = span.traceId1;
    draft.traceId2 = span.traceId2;
    draft.traceId3 = span.traceId3;
    draft.spanIdHigh = span.spanIdHigh;
    draft.spanIdLow = span.spanIdLow;
    draft.startLow = span.start.low;
    draft.startHigh = span.start.high;
    if (!span.isDurationNegative) span.start.add(span.duration.low, span.duration.high);
    draft.endLow = span.start.low;
    draft.endHigh = span.start.high;
    // Bit 0 is "sampled" in both; Jaeger's others mean something else than W3C's.
    draft.flags = span.flags & 1;
    draft.parentSpanIdHigh = span.parentSpanIdHigh;
    draft.parentSpanIdLow = span.parentSpanIdLow;
    if ((span.parentSpanIdHigh | span.parentSpanIdLow) !== 0) return;
    const inTrace = span.references.filter((reference) => isSameTrace(reference, draft));
    const parent = inTrace.find(({ type }) => type === JaegerRefType.childOf) ?? inTrace[0];
    if (parent === undefined) return;
    draft.parentSpanIdHigh = parent.spanIdHigh;
    draft.parentSpanIdLow = parent.spanIdLow;
  }

  /** A CHILD_OF the parent says nothing more; a FOLLOWS_FROM does, and stays. */
  #link(reference: JaegerReference, draft: SpanDraft): void {
    const sink = this.#sink;
    const isChildOf = reference.type === JaegerRefType.childOf;
    const { spanIdHigh, spanIdLow } = reference;
    const isParent = spanIdHigh === draft.parentSpanIdHigh && spanIdLow === draft.parentSpanIdLow;
    if (isChildOf && isParent && isSameTrace(reference, draft)) return;
    const type = this.#text(isChildOf ? 'child_of' : 'follows_from');
    sink.attribute(this.#text('opentracing.ref_type'), ValueType.string, type);
    this.#idView.setUint32(0, reference.traceId0);
    this.#idView.setUint32(4, reference.traceId1);
    this.#idView.setUint32(8, reference.traceId2);
    this.#idView.setUint32(12, reference.traceId3);
    const traceId = sink.intern(this.#id, 0, 16);
    this.#idView.setUint32(0, spanIdHigh);
    this.#idView.setUint32(4, spanIdLow);
    sink.endLink(traceId, sink.intern(this.#id, 0, 8), 0, 0, 0);
  }

  #event(span: JaegerSpan, log: number): void {
    const fields = span.logFields;
    const from = span.logFieldsEnd(log - 1);
    const to = span.logFieldsEnd(log);
    let eventRow = -1;
    let messageRow = -1;
    for (let row = from; row < to; row++) {
      if (fields.type[row] !== ValueType.string) continue;
      const key = logFields.find(this.#bytes, fields.keyStart[row], fields.keyEnd[row]);
      if (key === 'event' && eventRow < 0) eventRow = row;
      else if (key === 'message' && messageRow < 0) messageRow = row;
    }
    const name = this.#lift(fields, eventRow >= 0 ? eventRow : messageRow);
    const dropped = this.#attributes(fields, from, to);
    this.#sink.endEvent(name, span.logTimeLow(log), span.logTimeHigh(log), dropped);
  }

  /** Pushes what was not lifted. @returns how many were left out because of the limit */
  #attributes(table: AttributeTable, from: number, to: number): number {
    const sink = this.#sink;
    const bytes = this.#bytes;
    let count = 0;
    for (let row = from; row < to; row++) {
      if (table.isLifted[row] || ++count > limits.attributesPerSetMax) continue;
      const start = table.keyStart[row];
      const end = table.keyEnd[row];
      if (!isUtf8(bytes, start, end)) {
        this.#invalidKey(table, row);
        continue;
      }
      // A binary tag loses nothing; a text that is none would.
      if (table.type[row] === ValueType.string && !isUtf8(bytes, table.valueStart[row], table.valueEnd[row])) {
        table.type[row] = ValueType.bytes;
      }
      table.pushValue(sink, bytes, row, start === end ? 0 : sink.intern(bytes, start, end));
    }
    return Math.max(0, count - limits.attributesPerSetMax);
  }

  /** As Jaeger has it: `InvalidTagKey`, with the key's bytes, a colon and the value's as its value. */
  #invalidKey(table: AttributeTable, row: number): void {
    const key = this.#bytes.subarray(table.keyStart[row], table.keyEnd[row]);
    const isText = table.type[row] === ValueType.string || table.type[row] === ValueType.bytes;
    const value = isText
      ? this.#bytes.subarray(table.valueStart[row], table.valueEnd[row])
      : asciiBytes(String(table.number[row]));
    const joined = new Uint8Array(key.length + 1 + value.length);
    joined.set(key, 0);
    joined.set(ours[':'], key.length);
    joined.set(value, key.length + 1);
    this.#sink.attribute(this.#text('InvalidTagKey'), ValueType.bytes, this.#sink.intern(joined, 0, joined.length));
  }

  #renamed(tags: AttributeTable, row: number, key: keyof typeof ours): void {
    tags.isLifted[row] = true;
    tags.pushValue(this.#sink, this.#bytes, row, this.#text(key));
  }

  #exporterVersion(tags: AttributeTable, row: number): void {
    tags.isLifted[row] = true;
    const version = this.#bytes.subarray(tags.valueStart[row], tags.valueEnd[row]);
    const value = new Uint8Array(7 + version.length);
    value.set(ours['Jaeger-'], 0);
    value.set(version, 7);
    const code = this.#sink.intern(value, 0, value.length);
    this.#sink.attribute(this.#text('opencensus.exporterversion'), ValueType.string, code);
  }

  /** Code of a row's text, which will not be an attribute; 0 without a row. */
  #lift(table: AttributeTable, row: number): number {
    if (row >= 0) table.isLifted[row] = true;
    return this.#code(table, row);
  }

  #code(table: AttributeTable, row: number): number {
    if (row < 0 || table.valueStart[row] === table.valueEnd[row]) return 0;
    return this.#sink.intern(this.#bytes, table.valueStart[row], table.valueEnd[row]);
  }

  #word<W extends string>(words: KnownWords<W>, table: AttributeTable, row: number): W | undefined {
    return row < 0 ? undefined : words.find(this.#bytes, table.valueStart[row], table.valueEnd[row]);
  }

  #isWord(words: KnownWords<string>, table: AttributeTable, row: number): boolean {
    return this.#word(words, table, row) !== undefined;
  }

  #isTrue(table: AttributeTable, row: number): boolean {
    if (row < 0) return false;
    if (table.type[row] === ValueType.string) return this.#isWord(truth, table, row);
    return table.type[row] === ValueType.bool && table.number[row] === 1;
  }

  #httpStatus(table: AttributeTable, row: number): number {
    if (row < 0) return 0;
    if (table.type[row] !== ValueType.string) return table.number[row];
    const end = Math.min(table.valueEnd[row], table.valueStart[row] + 4);
    return Number(new TextDecoder().decode(this.#bytes.subarray(table.valueStart[row], end)));
  }

  #text(text: keyof typeof ours): number {
    return internAll(this.#sink, ours[text]);
  }
}

function idProblem(span: JaegerSpan): string | undefined {
  if ((span.traceId0 | span.traceId1 | span.traceId2 | span.traceId3) === 0) return 'a trace id of zeros';
  return (span.spanIdHigh | span.spanIdLow) === 0 ? 'a span id of zeros' : undefined;
}

function isHttpError(status: number, kind: number): boolean {
  return status >= 500 || (status >= 400 && kind === SpanKind.client);
}

function isSameTrace(reference: JaegerReference, draft: SpanDraft): boolean {
  return (
    reference.traceId0 === draft.traceId0 &&
    reference.traceId1 === draft.traceId1 &&
    reference.traceId2 === draft.traceId2 &&
    reference.traceId3 === draft.traceId3
  );
}
