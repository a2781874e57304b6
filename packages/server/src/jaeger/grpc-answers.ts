import { ProtobufWriter, type TraceId } from '@spoor/model';
import type { DependencyEdge, TraceSummary } from '@spoor/query';
import { namelessService } from '@spoor/wire';
import { filterLevels, filterOps } from './filter-term.ts';

/*
 * The answer messages of Jaeger's gRPC services, those that hold spans excepted. Fields at their default are left out.
 * Source: jaeger-idl, proto/api_v2/query.proto, api_v3/query_service.proto, storage/v2/*.proto.
 */

/** `GetServicesResponse`:  1 services  string[] */
export function encodeServices(names: readonly string[]): Uint8Array {
  const writer = new ProtobufWriter();
  for (const name of names) writer.stringField(1, name || namelessService);
  return writer.finish();
}

export interface JaegerOperation {
  readonly name: string;
  readonly spanKind: string;
}

/** `GetOperationsResponse`:  1 operations  Operation[]; of api_v2:  1 operationNames  string[]   2 operations */
export function encodeOperations(operations: readonly JaegerOperation[], isV2: boolean): Uint8Array {
  const writer = new ProtobufWriter();
  if (isV2) for (const name of new Set(operations.map((operation) => operation.name))) writer.stringField(1, name);
  for (const { name, spanKind } of operations) {
    const start = writer.begin(isV2 ? 2 : 1);
    writeText(writer, 1, name);
    writeText(writer, 2, spanKind);
    writer.end(start);
  }
  return writer.finish();
}

/** `GetDependenciesResponse`, `DependenciesResponse`:  1 dependencies[]:  1 parent   2 child   3 call_count  uint64 */
export function encodeDependencies(edges: readonly DependencyEdge[]): Uint8Array {
  const writer = new ProtobufWriter();
  for (const { parent, child, callCount } of edges) {
    const start = writer.begin(1);
    writeText(writer, 1, parent);
    writeText(writer, 2, child);
    writeCount(writer, 3, Math.round(callCount));
    writer.end(start);
  }
  return writer.finish();
}

/**
 * `FindTraceSummariesResponse`:  1 summaries  TraceSummary[]   2 next_page_token  string
 *
 *    TraceSummary:  1 trace_id  string of hex, of the storage bytes   4 min_start_time_unix_nano  fixed64   6 span_count
 *                   2 root_service_name                               5 max_end_time_unix_nano    fixed64   7 error_span_count
 *                   3 root_operation_name                             9 services[]                          8 orphan_span_count
 *    ServiceSummary:  1 name   2 span_count   3 error_span_count
 */
export function encodeSummaries(
  summaries: readonly TraceSummary[],
  pageToken: string,
  dialect: 'api_v3' | 'storage_v2',
): Uint8Array {
  const writer = new ProtobufWriter();
  for (const summary of summaries) {
    const start = writer.begin(1);
    if (dialect === 'api_v3') writer.stringField(1, summary.traceId);
    else writer.hexField(1, summary.traceId);
    writer.stringField(2, summary.rootService || namelessService);
    writeText(writer, 3, summary.rootName);
    writer.fixed64Field(4, summary.start);
    writer.fixed64Field(5, summary.end);
    writeCount(writer, 6, summary.spanCount);
    writeCount(writer, 7, summary.errorCount);
    writeCount(writer, 8, summary.orphanCount);
    for (const { name, spanCount, errorCount } of summary.services) {
      const service = writer.begin(9);
      writer.stringField(1, name || namelessService);
      writeCount(writer, 2, spanCount);
      writeCount(writer, 3, errorCount);
      writer.end(service);
    }
    writer.end(start);
  }
  writeText(writer, 2, pageToken);
  return writer.finish();
}

/** `FindTraceIDsResponse`:  1 trace_ids[]:  1 trace_id  bytes   2 start   3 end  Timestamp;   2 next_page_token  string */
export function encodeFoundIds(
  found: readonly { readonly traceId: TraceId; readonly start: bigint; readonly end: bigint }[],
  pageToken: string,
): Uint8Array {
  const writer = new ProtobufWriter();
  for (const { traceId, start, end } of found) {
    const one = writer.begin(1);
    writer.hexField(1, traceId);
    writeTime(writer, 2, start);
    writeTime(writer, 3, end);
    writer.end(one);
  }
  writeText(writer, 2, pageToken);
  return writer.finish();
}

/** `FindTraceIDsResponse` of `jaeger.storage.v1`:  1 trace_ids  bytes[] */
export function encodeFoundIdList(found: readonly { readonly traceId: TraceId }[]): Uint8Array {
  const writer = new ProtobufWriter();
  for (const { traceId } of found) writer.hexField(1, traceId);
  return writer.finish();
}

/**
 * `GetCapabilitiesResponse`:  1 search  SearchCapabilities
 *
 *    SearchCapabilities:  1 without_service_name   2 same_span_conjunction   3 filter  FilterCapabilities   4 paginated
 *    FilterCapabilities:  1 levels  string[]   2 operators  string[]
 *
 * The same in api_v3 and in the storage. Searches for spans (5, 6) are not served.
 */
export function encodeCapabilities(): Uint8Array {
  const writer = new ProtobufWriter();
  const search = writer.begin(1);
  writer.varintField(1, 1);
  writer.varintField(2, 1);
  const filter = writer.begin(3);
  for (const level of filterLevels) writer.stringField(1, level);
  for (const op of filterOps) writer.stringField(2, op);
  writer.end(filter);
  writer.varintField(4, 1);
  writer.end(search);
  return writer.finish();
}

function writeText(writer: ProtobufWriter, field: number, text: string): void {
  if (text !== '') writer.stringField(field, text);
}

function writeCount(writer: ProtobufWriter, field: number, count: number): void {
  if (count !== 0) writer.varintField(field, count);
}

function writeTime(writer: ProtobufWriter, field: number, nano: bigint): void {
  const start = writer.begin(field);
  writeCount(writer, 1, Number(nano / 1_000_000_000n));
  writeCount(writer, 2, Number(nano % 1_000_000_000n));
  writer.end(start);
}
