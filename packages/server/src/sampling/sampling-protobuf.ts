import { ProtobufReader, ProtobufWriter, WireType } from '@spoor/model';
import type { OperationStrategies, SamplingStrategy } from './sampling-strategy.ts';

/**
 * Reads the service of a `SamplingStrategyParameters`; the last one wins, absent is empty.
 *
 *    1 serviceName  string
 *
 * @throws {WireError}
 * Source: jaeger-idl, proto/api_v2/sampling.proto.
 */
export function decodeStrategyParameters(bytes: Uint8Array): string {
  const reader = new ProtobufReader(bytes);
  const end = bytes.length;
  let service = '';
  while (reader.position < end) {
    const tag = reader.tag(end);
    if (tag >>> 3 !== 1) {
      reader.skip(tag, end);
      continue;
    }
    reader.expect(tag, WireType.bytes);
    const payloadEnd = reader.payloadEnd(end);
    service = new TextDecoder().decode(bytes.subarray(reader.position, payloadEnd));
    reader.position = payloadEnd;
  }
  return service;
}

/**
 * Writes a `SamplingStrategyResponse`. Zeros are left out, as proto3 does.
 *
 *    1 strategyType           enum (PROBABILISTIC 0, RATE_LIMITING 1)
 *    2 probabilisticSampling  1 samplingRate  double
 *    3 rateLimitingSampling   1 maxTracesPerSecond  int32
 *    4 operationSampling      1 defaultSamplingProbability  double   2 defaultLowerBoundTracesPerSecond  double
 *                             3 perOperationStrategies[]: 1 operation  string   2 probabilisticSampling
 *                             4 defaultUpperBoundTracesPerSecond  double
 *
 * Source: jaeger-idl, proto/api_v2/sampling.proto.
 */
export function encodeStrategy({
  type,
  samplingRate,
  maxTracesPerSecond,
  operations,
}: SamplingStrategy): Uint8Array<ArrayBuffer> {
  const writer = new ProtobufWriter();
  if (type === 'rateLimiting') writer.varintField(1, 1);
  if (samplingRate !== undefined) pushRate(writer, 2, samplingRate);
  if (maxTracesPerSecond !== undefined) {
    const start = writer.begin(3);
    if (maxTracesPerSecond !== 0) writer.intField(1, maxTracesPerSecond);
    writer.end(start);
  }
  if (operations !== undefined) pushOperations(writer, operations);
  return new Uint8Array(writer.finish());
}

function pushRate(writer: ProtobufWriter, field: number, samplingRate: number): void {
  const start = writer.begin(field);
  if (samplingRate !== 0) writer.doubleField(1, samplingRate);
  writer.end(start);
}

function pushOperations(
  writer: ProtobufWriter,
  { defaultProbability, lowerBoundPerSecond, list }: OperationStrategies,
): void {
  const start = writer.begin(4);
  if (defaultProbability !== 0) writer.doubleField(1, defaultProbability);
  if (lowerBoundPerSecond !== 0) writer.doubleField(2, lowerBoundPerSecond);
  for (const { operation, samplingRate } of list) {
    const one = writer.begin(3);
    writer.stringField(1, operation);
    pushRate(writer, 2, samplingRate);
    writer.end(one);
  }
  writer.end(start);
}
