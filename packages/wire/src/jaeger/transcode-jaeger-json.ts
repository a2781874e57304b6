import { ProtobufWriter, WireError } from '@spoor/model';
import { JaegerRefType } from './jaeger-span.ts';

/** A member of a JSON document. */
type JsonObject = Readonly<Record<string, unknown>>;

/** Protobuf's `ValueType` by the words that Jaeger's JSON has for it. */
const tagTypes: Readonly<Record<string, number>> = Object.freeze({
  string: 0,
  bool: 1,
  int64: 2,
  float64: 3,
  binary: 4,
});

/**
 * Rewrites traces of Jaeger's JSON, as its page downloads them and its API answers, as a `PostSpansRequest`, which
 * `decodeJaegerPostSpans` reads: one batch for each process of each trace. Warnings, which Jaeger writes while it answers,
 * are left out. For files that people open: it takes the parsed document, and its memory.
 *
 * @param traces  members of `data`; an integer beyond 2^53 may be given as its digits
 * @throws {WireError} `WIRE_MALFORMED` with the path of what is wrong
 * Source: jaeger, internal/uimodel/model.go; jaeger-idl, proto/api_v2/model.proto.
 */
export function transcodeJaegerJson(traces: readonly unknown[]): Uint8Array {
  const writer = new ProtobufWriter(64 * 1024);
  traces.forEach((trace, index) => writeTrace(writer, objectAt(trace, `data[${index}]`), `data[${index}]`));
  return writer.finish();
}

/** A span and where it stands. */
interface PlacedSpan {
  readonly span: JsonObject;
  readonly path: string;
}

function writeTrace(writer: ProtobufWriter, trace: JsonObject, path: string): void {
  const processes = trace['processes'] === undefined ? {} : objectAt(trace['processes'], `${path}.processes`);
  const spansOf = new Map<unknown, PlacedSpan[]>();
  listAt(trace['spans'], `${path}.spans`).forEach((each, index) => {
    const spanPath = `${path}.spans[${index}]`;
    const span = objectAt(each, spanPath);
    const process = span['process'] ?? processes[String(span['processID'])];
    const spans = spansOf.get(process);
    if (spans === undefined) spansOf.set(process, [{ span, path: spanPath }]);
    else spans.push({ span, path: spanPath });
  });
  for (const [process, spans] of spansOf) {
    const batch = writer.begin(1);
    for (const placed of spans) writeSpan(writer, placed);
    if (process !== undefined) writeProcess(writer, objectAt(process, `${path}.processes`), `${path}.processes`);
    writer.end(batch);
  }
}

function writeProcess(writer: ProtobufWriter, process: JsonObject, path: string): void {
  const start = writer.begin(2);
  writeText(writer, 1, process['serviceName'], `${path}.serviceName`);
  writeTags(writer, 2, process['tags'], `${path}.tags`);
  writer.end(start);
}

function writeSpan(writer: ProtobufWriter, { span, path }: PlacedSpan): void {
  const start = writer.begin(1);
  const traceId = idAt(span['traceID'], 32, `${path}.traceID`);
  writer.hexField(1, traceId);
  writer.hexField(2, idAt(span['spanID'], 16, `${path}.spanID`));
  writeText(writer, 3, span['operationName'], `${path}.operationName`);
  listAt(span['references'], `${path}.references`).forEach((each, index) => {
    const at = `${path}.references[${index}]`;
    const { traceID, spanID, refType } = objectAt(each, at);
    writeReference(
      writer,
      idAt(traceID ?? traceId, 32, `${at}.traceID`),
      idAt(spanID, 16, `${at}.spanID`),
      refType === 'FOLLOWS_FROM' ? JaegerRefType.followsFrom : JaegerRefType.childOf,
    );
  });
  const parent = span['parentSpanID'];
  if (typeof parent === 'string' && parent !== '') {
    writeReference(writer, traceId, idAt(parent, 16, `${path}.parentSpanID`), JaegerRefType.childOf);
  }
  if (span['flags'] !== undefined) writer.varintField(5, numberAt(span['flags'], `${path}.flags`) >>> 0);
  writeMicro(writer, 6, numberAt(span['startTime'], `${path}.startTime`));
  writeMicro(writer, 7, numberAt(span['duration'] ?? 0, `${path}.duration`));
  writeTags(writer, 8, span['tags'], `${path}.tags`);
  listAt(span['logs'], `${path}.logs`).forEach((each, index) => {
    const at = `${path}.logs[${index}]`;
    const log = objectAt(each, at);
    const logStart = writer.begin(9);
    writeMicro(writer, 1, numberAt(log['timestamp'], `${at}.timestamp`));
    writeTags(writer, 2, log['fields'], `${at}.fields`);
    writer.end(logStart);
  });
  writer.end(start);
}

function writeReference(writer: ProtobufWriter, traceId: string, spanId: string, type: number): void {
  const start = writer.begin(4);
  writer.hexField(1, traceId);
  writer.hexField(2, spanId);
  writer.varintField(3, type);
  writer.end(start);
}

/** A `Timestamp` or `Duration` from microseconds; lossless below 2^53. */
function writeMicro(writer: ProtobufWriter, field: number, micro: number): void {
  const seconds = Math.trunc(micro / 1e6);
  const start = writer.begin(field);
  writer.intField(1, seconds);
  writer.intField(2, Math.round((micro - seconds * 1e6) * 1000));
  writer.end(start);
}

function writeTags(writer: ProtobufWriter, field: number, tags: unknown, path: string): void {
  listAt(tags, path).forEach((each, index) => {
    const { key, type, value } = objectAt(each, `${path}[${index}]`);
    const start = writer.begin(field);
    writeText(writer, 1, key, `${path}[${index}].key`);
    writeValue(writer, typeof type === 'string' ? type.toLowerCase() : typeOf(value), value);
    writer.end(start);
  });
}

function typeOf(value: unknown): string {
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'number' ? 'float64' : 'string';
}

/** A value that is not of its type is kept as text, as Jaeger's page would show it. */
function writeValue(writer: ProtobufWriter, type: string, value: unknown): void {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  const writeType = (name: string): void => writer.varintField(2, tagTypes[name]);
  if (type === 'bool' && /^(true|false)$/.test(text)) {
    writeType(type);
    writer.varintField(4, text === 'true' ? 1 : 0);
  } else if (type === 'int64' && /^-?\d+$/.test(text)) {
    writeType(type);
    writer.intField(5, BigInt(text));
  } else if (type === 'float64' && text !== '' && !Number.isNaN(Number(text))) {
    writeType(type);
    writer.doubleField(6, Number(text));
  } else if (type === 'binary' && typeof value === 'string') {
    writeType(type);
    writer.bytesField(
      7,
      Uint8Array.from(binaryOf(value), (char) => char.charCodeAt(0)),
    );
  } else {
    writeType('string');
    writer.bytesField(3, encoder.encode(text));
  }
}

/** Bytes as characters. What is not base64 stands for itself. */
function binaryOf(text: string): string {
  try {
    return atob(text);
  } catch {
    return String.fromCharCode(...encoder.encode(text));
  }
}

const encoder = new TextEncoder();

function writeText(writer: ProtobufWriter, field: number, value: unknown, path: string): void {
  if (value === undefined || value === null) return;
  if (typeof value !== 'string') throw malformed(path, 'a text', value);
  writer.bytesField(field, encoder.encode(value));
}

/** An id in hex of its full length; Jaeger leaves leading zeros out. */
function idAt(value: unknown, digits: number, path: string): string {
  if (typeof value !== 'string' || value.length > digits || !/^[0-9a-f]+$/i.test(value)) {
    throw malformed(path, `an id of up to ${digits} hex digits`, value);
  }
  return value.padStart(digits, '0');
}

function numberAt(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw malformed(path, 'a number', value);
  return value;
}

function objectAt(value: unknown, path: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(path, 'an object', value);
  return value as JsonObject;
}

/** Jaeger writes an empty list as `null`. */
function listAt(value: unknown, path: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw malformed(path, 'a list', value);
  return value;
}

const shownCharactersMax = 60;

function malformed(path: string, wanted: string, value: unknown): WireError {
  const found = value === undefined ? 'nothing' : JSON.stringify(value).slice(0, shownCharactersMax);
  return new WireError('WIRE_MALFORMED', `${path}: ${wanted} belongs here, not ${found}`);
}
