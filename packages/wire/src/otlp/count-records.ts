import { ProtobufReader, WireType } from '@spoor/model';
import { CLOSE_ARRAY, CLOSE_OBJECT, JsonReader } from '../json/json-reader.ts';

/** Signals that are answered and counted but not kept yet. */
export type UnkeptSignal = 'logs' | 'metrics';
export type OtlpEncoding = 'protobuf' | 'json';

/** One step down a request: the fields that lead to the next, by number and by JSON name. All of them repeated or messages. */
interface Step {
  readonly numbers: readonly number[];
  readonly names: readonly string[];
}

/**
 * Where the records lie: `ExportLogsServiceRequest` down to `LogRecord`, `ExportMetricsServiceRequest` through every
 * kind of metric down to its data points.
 * Source: opentelemetry-proto 1.11, logs/v1/logs.proto and metrics/v1/metrics.proto.
 */
const paths: Readonly<Record<UnkeptSignal, readonly Step[]>> = {
  logs: [
    { numbers: [1], names: ['resourceLogs'] },
    { numbers: [2], names: ['scopeLogs'] },
    { numbers: [2], names: ['logRecords'] },
  ],
  metrics: [
    { numbers: [1], names: ['resourceMetrics'] },
    { numbers: [2], names: ['scopeMetrics'] },
    { numbers: [2], names: ['metrics'] },
    { numbers: [5, 7, 9, 10, 11], names: ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] },
    { numbers: [1], names: ['dataPoints'] },
  ],
};

/**
 * Log records or data points in a request. Reads no more than tags, lengths and keys on the way to them; the records
 * themselves are skipped unseen.
 * @throws {WireError} when the body is malformed on that way
 */
export function countRecords(body: Uint8Array, signal: UnkeptSignal, encoding: OtlpEncoding): number {
  if (encoding === 'protobuf') return countProtobuf(new ProtobufReader(body), body.length, paths[signal], 0);
  const reader = new JsonReader(body);
  const count = countJson(reader, paths[signal], 0);
  reader.end();
  return count;
}

function countProtobuf(reader: ProtobufReader, end: number, path: readonly Step[], depth: number): number {
  const step = path[depth];
  let count = 0;
  while (reader.position < end) {
    const tag = reader.tag(end);
    if (!step.numbers.includes(tag >>> 3)) {
      reader.skip(tag, end);
      continue;
    }
    reader.expect(tag, WireType.bytes);
    const payloadEnd = reader.payloadEnd(end);
    if (depth === path.length - 1) {
      count++;
      reader.position = payloadEnd;
    } else count += countProtobuf(reader, payloadEnd, path, depth + 1);
  }
  return count;
}

/** Counts in the value at the reader, an object; anything else has no records. */
function countJson(reader: JsonReader, path: readonly Step[], depth: number): number {
  if (depth === path.length) {
    reader.skip();
    return 1;
  }
  if (reader.kind() !== 'object') {
    reader.skip();
    return 0;
  }
  let count = 0;
  reader.open();
  for (let isFirst = true; reader.more(isFirst, CLOSE_OBJECT); isFirst = false) {
    reader.key();
    if (path[depth].names.includes(reader.text())) count += countJsonField(reader, path, depth + 1);
    else reader.skip();
  }
  return count;
}

/** A field on the path: the elements of an array, or one message. */
function countJsonField(reader: JsonReader, path: readonly Step[], depth: number): number {
  if (reader.kind() !== 'array') return depth === path.length ? (reader.skip(), 0) : countJson(reader, path, depth);
  let count = 0;
  reader.open();
  for (let isFirst = true; reader.more(isFirst, CLOSE_ARRAY); isFirst = false) count += countJson(reader, path, depth);
  return count;
}
