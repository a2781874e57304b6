import { ProtobufWriter } from '@spoor/model';

/** Name of the rejected count in each signal's `Export…PartialSuccess`. */
const rejectedNames = Object.freeze({
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
});
export type OtlpSignal = keyof typeof rejectedNames;

/**
 * What is not a full success. A message with a count of 0 is a warning: everything was accepted.
 */
export interface PartialSuccess {
  readonly rejectedCount: number;
  readonly errorMessage: string;
}

/**
 * An `ExportTraceServiceResponse`, `ExportLogsServiceResponse` or `ExportMetricsServiceResponse`, which are alike.
 * Empty on full success.
 *
 *    Export…ServiceResponse:  1 partial_success  message
 *    Export…PartialSuccess:   1 rejected_…  int64   2 error_message  string
 *
 * Source: opentelemetry-proto 1.11, collector/{trace,logs,metrics}/v1/*_service.proto.
 */
export function encodeExportResponseProtobuf(partial?: PartialSuccess): Uint8Array {
  const writer = new ProtobufWriter();
  if (partial === undefined) return writer.finish();
  const start = writer.begin(1);
  if (partial.rejectedCount !== 0) writer.varintField(1, partial.rejectedCount);
  if (partial.errorMessage !== '') writer.stringField(2, partial.errorMessage);
  writer.end(start);
  return writer.finish();
}

/** The same as OTLP/JSON: `{}` on full success, the count as a string. */
export function encodeExportResponseJson(signal: OtlpSignal, partial?: PartialSuccess): Uint8Array {
  if (partial === undefined) return new TextEncoder().encode('{}');
  const partialSuccess: Record<string, string> = {};
  if (partial.rejectedCount !== 0) partialSuccess[rejectedNames[signal]] = String(partial.rejectedCount);
  if (partial.errorMessage !== '') partialSuccess['errorMessage'] = partial.errorMessage;
  return new TextEncoder().encode(JSON.stringify({ partialSuccess }));
}
