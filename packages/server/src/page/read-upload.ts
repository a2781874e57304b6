import {
  SpanRecorder,
  WireError,
  type ErrorCode,
  type Span,
  type SpanSink,
  type Trace,
  type TraceId,
} from '@spoor/model';
import {
  decodeJaegerPostSpans,
  decodeTracesJson,
  decodeTracesProtobuf,
  decodeZipkin,
  encodeTracesProtobuf,
  runSlices,
  transcodeJaegerJson,
  type DecodeResult,
} from '@spoor/wire';

/** What a file turned out to be. */
export type UploadFormat = 'OTLP protobuf' | 'OTLP JSON' | 'Jaeger JSON' | 'Zipkin v1 JSON' | 'Zipkin v2 JSON';

export interface UploadedTrace {
  readonly traceId: TraceId;
  readonly spanCount: number;
  /** of its last span, milliseconds since the epoch */
  readonly endMilli: number;
}

/** A file's spans, ready for the store. */
export interface ReadUpload {
  readonly format: UploadFormat;
  /** an `ExportTraceServiceRequest` */
  readonly protobuf: Uint8Array<ArrayBuffer>;
  /** in order of their first span */
  readonly traces: readonly UploadedTrace[];
  readonly spanCount: number;
  readonly rejectedSpanCount: number;
  readonly rejectedReason: string | undefined;
}

/**
 * Reads a file of traces, whatever program wrote it: OTLP protobuf (also with lengths between, as the Collector's file
 * exporter writes it), OTLP JSON, Jaeger's and Zipkin's JSON, any of these JSON forms one to a line. What it is is seen
 * from its content; names of files are not trusted.
 *
 * @param receivedMilli  start of Zipkin's spans that say none
 * @throws {WireError} that names what is wrong, and where
 */
export function readUpload(body: Uint8Array, receivedMilli: number): ReadUpload {
  const upload = new UploadDecoder(receivedMilli);
  if (body.length === 0) throw malformed('the file is empty');
  if (isText(body)) upload.text(body);
  else upload.binary(body);
  return upload.finish();
}

const sniffedBytes = 64 * 1024;

/** JSON has no control characters but white space; an OTLP message has its field numbers, which are such. */
function isText(body: Uint8Array): boolean {
  return !body.subarray(0, sniffedBytes).some((byte) => byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13);
}

/** A list of Tempo's or Jaeger's answers is three deep. */
const wrappersMax = 8;

type JsonObject = Readonly<Record<string, unknown>>;

class UploadDecoder {
  readonly #receivedMilli: number;
  readonly #recorder = new SpanRecorder();
  #format: UploadFormat | undefined;
  #rejectedSpanCount = 0;
  #rejectedReason: string | undefined;
  /** of lists and wrapping objects around what is being read */
  #depth = 0;

  constructor(receivedMilli: number) {
    this.#receivedMilli = receivedMilli;
  }

  binary(body: Uint8Array): void {
    try {
      // A message begins with tag 0x0a; a length of the file exporter, in four bytes, with a zero.
      if (body[0] !== 0) return this.#take('OTLP protobuf', (sink) => decodeTracesProtobuf(body, sink));
      const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
      for (let at = 0; at < body.length;) {
        const end = at + 4 <= body.length ? at + 4 + view.getUint32(at) : Number.POSITIVE_INFINITY;
        if (end > body.length) throw new WireError('WIRE_TRUNCATED', 'a message ends early', at);
        const message = body.subarray(at + 4, end);
        this.#take('OTLP protobuf', (sink) => decodeTracesProtobuf(message, sink));
        at = end;
      }
    } catch (error) {
      throw explained('read as OTLP protobuf, since it is not text', error);
    }
  }

  text(body: Uint8Array): void {
    // As ECMAScript's decoder does, without the byte order mark that some editors write.
    const text = new TextDecoder().decode(body);
    if (!/^\s*[[{]/.test(text)) {
      throw malformed(`this is text, but not JSON: it begins with ${JSON.stringify(text.trim().slice(0, 40))}`);
    }
    const whole = parsed(text);
    if (!('problem' in whole)) return this.#document(whole.value, text);
    const lines = text.split('\n');
    const first = lines.find((line) => line.trim() !== '') ?? '';
    // One value to a line, if the first line is one by itself.
    if (first.trim() === text.trim() || 'problem' in parsed(first)) {
      throw malformed(`this is not valid JSON: ${whole.problem}`);
    }
    lines.forEach((line, index) => {
      if (line.trim() === '') return;
      const value = parsed(line);
      if ('problem' in value) throw malformed(`line ${index + 1} is not valid JSON: ${value.problem}`);
      try {
        this.#document(value.value, line);
      } catch (error) {
        throw explained(`line ${index + 1}`, error);
      }
    });
  }

  /** @param text  what `value` was parsed from, when it is the whole of it */
  #document(value: unknown, text?: string): void {
    if (++this.#depth > wrappersMax) throw new WireError('WIRE_LIMIT', 'the traces are wrapped too deeply');
    if (Array.isArray(value)) this.#list(value, text);
    else this.#object(isObject(value) ? value : {}, text);
    this.#depth--;
  }

  #object(object: JsonObject, text?: string): void {
    if ('resourceSpans' in object || 'resource_spans' in object) {
      return this.#take('OTLP JSON', (sink) => decodeTracesJson(encoded(text ?? JSON.stringify(object)), sink));
    }
    if ('batches' in object) return this.#document({ resourceSpans: object['batches'] });
    if (isObject(object['result'])) return this.#document(object['result']);
    if (isObject(object['trace'])) return this.#document(object['trace']);
    if (isJaegerTrace(object)) return this.#jaeger([object]);
    if (isZipkinSpan(object)) return this.#list([object]);
    const { data } = object;
    if (Array.isArray(data)) return this.#jaeger(data);
    if (isObject(data)) return this.#document(data);
    for (const signal of ['Logs', 'Metrics'])
      if (`resource${signal}` in object) throw malformed(`the file holds ${signal.toLowerCase()}, and no traces`);
    const keys = Object.keys(object)
      .slice(0, 5)
      .map((key) => JSON.stringify(key.slice(0, 40)));
    throw unknownContent(keys.length === 0 ? 'an empty object' : `an object with ${keys.join(', ')}`);
  }

  #list(list: readonly unknown[], text?: string): void {
    const first = list[0];
    if (first === undefined) throw malformed('the file holds an empty list');
    // Zipkin answers with a list of traces, each a list of spans.
    if (Array.isArray(first)) return this.#document(list.flat());
    if (!isObject(first)) throw unknownContent('a list of something else than objects');
    if (isJaegerTrace(first)) return this.#jaeger(list);
    if (!isZipkinSpan(first)) return list.forEach((each) => this.#document(each));
    const isV1 = list.some((span) => isObject(span) && isZipkinV1(span));
    const body = encoded(text ?? JSON.stringify(list));
    this.#take(isV1 ? 'Zipkin v1 JSON' : 'Zipkin v2 JSON', (sink) =>
      runSlices(decodeZipkin(isV1 ? 'v1-json' : 'v2-json', body, sink, { receivedMilli: this.#receivedMilli })),
    );
  }

  #jaeger(traces: readonly unknown[]): void {
    const options = { receivedMilli: this.#receivedMilli };
    this.#take('Jaeger JSON', (sink) => runSlices(decodeJaegerPostSpans(transcodeJaegerJson(traces), sink, options)));
  }

  #take(format: UploadFormat, decode: (sink: SpanSink) => DecodeResult): void {
    try {
      const { rejectedSpanCount, rejectedReason } = decode(this.#recorder);
      this.#format ??= format;
      this.#rejectedSpanCount += rejectedSpanCount;
      this.#rejectedReason ??= rejectedReason;
    } catch (error) {
      throw explained(format, error);
    }
  }

  finish(): ReadUpload {
    const spansOf = new Map<TraceId, Span[]>();
    for (const span of this.#recorder.spans) {
      const spans = spansOf.get(span.traceId);
      if (spans === undefined) spansOf.set(span.traceId, [span]);
      else spans.push(span);
    }
    const format = this.#format;
    const left = this.#rejectedReason === undefined ? '' : `: ${this.#rejectedReason}`;
    if (format === undefined || spansOf.size === 0) throw malformed(`the file holds no span that can be kept${left}`);
    const traces = Array.from(spansOf, ([traceId, spans]): Trace => ({ traceId, spans }));
    return {
      format,
      protobuf: new Uint8Array(encodeTracesProtobuf(traces)),
      traces: traces.map(({ traceId, spans }) => ({ traceId, spanCount: spans.length, endMilli: endMilli(spans) })),
      spanCount: this.#recorder.spans.length,
      rejectedSpanCount: this.#rejectedSpanCount,
      rejectedReason: this.#rejectedReason,
    };
  }
}

function endMilli(spans: readonly Span[]): number {
  const last = spans.reduce((end, span) => (span.endTimeUnixNano > end ? span.endTimeUnixNano : end), 0n);
  return Number(last / 1_000_000n);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isJaegerTrace(object: JsonObject): boolean {
  return Array.isArray(object['spans']) && ('processes' in object || 'traceID' in object);
}

function isZipkinSpan(object: JsonObject): boolean {
  return 'traceId' in object && 'id' in object;
}

function isZipkinV1(span: JsonObject): boolean {
  if ('binaryAnnotations' in span) return true;
  const annotations = span['annotations'];
  return Array.isArray(annotations) && annotations.some((each) => isObject(each) && 'endpoint' in each);
}

/** A value, or why there is none. Integers beyond 2^53 stay as their digits. */
function parsed(text: string): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: JSON.parse(text, exactInteger) as unknown };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

function exactInteger(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const isInexact = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  const source = context?.source ?? '';
  return isInexact && /^-?\d+$/.test(source) ? source : value;
}

function encoded(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function malformed(message: string): WireError {
  return new WireError('WIRE_MALFORMED', message);
}

function unknownContent(found: string): WireError {
  return malformed(
    `the file holds ${found}; expected is OTLP ("resourceSpans"), Jaeger ("data" with "spans") or Zipkin (a list of spans with "traceId" and "id")`,
  );
}

/** The same error with what was being read in front. */
function explained(what: string, error: unknown): unknown {
  if (!(error instanceof WireError)) return error;
  const code = error.code as Extract<ErrorCode, `WIRE_${string}`>;
  return new WireError(code, `${what}: ${error.message}`, -1, { cause: error });
}
