import { hexFromBytes, parseTraceId, QueryError, unixNano, type TraceId } from '@spoor/model';
import type { TimeRange } from '@spoor/query';
import { namelessService } from '@spoor/wire';
import { MessageFields } from '../message-fields.ts';
import { traceIdComplaint } from './compile-search.ts';
import { filterJson } from './filter-message.ts';
import { readFilter, type FilterCall } from './filter-term.ts';
import type { JaegerPredicates } from './search-conditions.ts';

/*
 * The request messages of Jaeger's gRPC services, which differ in little. All throw WireError for damaged bytes.
 * Source: jaeger-idl, proto/api_v2/query.proto, api_v3/query_service.proto, storage/v2/*.proto.
 */

/** The three families of messages. */
export type JaegerDialect = 'api_v2' | 'api_v3' | 'storage_v2';

export interface TraceQuestion {
  readonly id: TraceId;
  readonly raw: boolean;
}

/**
 * `GetTraceRequest`, `ArchiveTraceRequest`. Times are not read: a trace is found wherever it lies.
 *
 *    1 trace_id  bytes, of api_v3 a string of hex   2 start_time   3 end_time   4 raw_traces  bool
 *
 * @throws {QueryError} `QUERY_INVALID`
 */
export function decodeTraceQuestion(bytes: Uint8Array, dialect: 'api_v2' | 'api_v3'): TraceQuestion {
  const fields = new MessageFields(bytes);
  let text = '';
  let raw = false;
  for (let field = fields.next(); field !== 0; field = fields.next()) {
    if (field === 1) text = dialect === 'api_v3' ? fields.text() : idText(fields.bytes());
    else if (field === 4) raw = fields.bool();
  }
  const id = parseTraceId(text);
  if (id !== undefined) return { id, raw };
  const why =
    dialect === 'api_v2' ? 'uninitialized TraceID is not allowed' : `malformed trace ID: ${traceIdComplaint(text)}`;
  throw new QueryError('QUERY_INVALID', why);
}

/** @throws {QueryError} `QUERY_INVALID` for another length, as Jaeger's clients do */
function idText(bytes: Uint8Array): string {
  if (bytes.length === 16) return hexFromBytes(bytes);
  throw new QueryError('QUERY_INVALID', `invalid length for TraceID: ${bytes.length} bytes, not 16`);
}

/**
 * `GetTracesRequest` of the storage: each id once; those that no trace can have are left out, as those that none has.
 *
 *    1 query  GetTraceParams[]:  1 trace_id  bytes   2 start_time   3 end_time
 */
export function decodeTraceIds(bytes: Uint8Array): readonly TraceId[] {
  const fields = new MessageFields(bytes);
  const ids = new Set<TraceId>();
  for (let field = fields.next(); field !== 0; field = fields.next()) {
    if (field !== 1) continue;
    const query = fields.message();
    for (let inner = query.next(); inner !== 0; inner = query.next()) {
      const id = inner === 1 ? parseTraceId(hexFromBytes(query.bytes())) : undefined;
      if (id !== undefined) ids.add(id);
    }
  }
  return [...ids];
}

/** `GetOperationsRequest`:  1 service  string   2 span_kind  string */
export function decodeOperationsQuestion(bytes: Uint8Array): { readonly service: string; readonly spanKind: string } {
  const fields = new MessageFields(bytes);
  let service = '';
  let spanKind = '';
  for (let field = fields.next(); field !== 0; field = fields.next()) {
    if (field === 1) service = fields.text();
    else if (field === 2) spanKind = fields.text();
  }
  return { service, spanKind };
}

/** `GetDependenciesRequest`:  1 start_time  Timestamp   2 end_time  Timestamp */
export function decodeDependenciesQuestion(bytes: Uint8Array): TimeRange {
  const fields = new MessageFields(bytes);
  let start: TimeRange['start'];
  let end: TimeRange['end'];
  for (let field = fields.next(); field !== 0; field = fields.next()) {
    if (field === 1) start = time(fields);
    else if (field === 2) end = time(fields);
  }
  return { start, end };
}

/** A page of a search that goes on. */
export interface Page {
  readonly size: number;
  /** empty for the first */
  readonly token: string;
}

export interface SearchQuestion {
  readonly predicates: JaegerPredicates;
  /** in place of predicates, of which there are none then */
  readonly filter: FilterCall | undefined;
  readonly range: TimeRange;
  /** `search_depth`; `undefined` when it is not set */
  readonly depth: bigint | undefined;
  readonly raw: boolean;
  readonly page: Page | undefined;
}

const searchFields: Readonly<Record<JaegerDialect, { raw: number; filter: number; page: number }>> = {
  api_v2: { raw: 9, filter: 0, page: 0 },
  api_v3: { raw: 9, filter: 10, page: 11 },
  storage_v2: { raw: 0, filter: 9, page: 10 },
};

/**
 * `FindTracesRequest` and its like:  1 query  TraceQueryParameters.
 *
 *    1 service_name   3 tags or attributes: map<string, string>,      4 start_time_min   6 duration_min   8 search_depth
 *    2 operation_name   of the storage map<string, AnyValue>          5 start_time_max   7 duration_max     int32
 *
 * @throws {QueryError} `QUERY_INVALID` for what excludes each other, and for a filter that is none
 */
export function decodeSearchQuestion(bytes: Uint8Array, dialect: JaegerDialect): SearchQuestion {
  const fields = new MessageFields(bytes);
  let query: MessageFields | undefined;
  for (let field = fields.next(); field !== 0; field = fields.next()) if (field === 1) query = fields.message();
  if (query === undefined) throw new QueryError('QUERY_INVALID', 'missing query');
  return decodeSearch(query, dialect);
}

function decodeSearch(fields: MessageFields, dialect: JaegerDialect): SearchQuestion {
  const places = searchFields[dialect];
  const tags: [string, string][] = [];
  const texts: (string | undefined)[] = [];
  const times: TimeRange['start'][] = [];
  const durations: (number | undefined)[] = [];
  let depth: bigint | undefined;
  let raw = false;
  let page: Page | undefined;
  let filter: FilterCall | undefined;
  for (let field = fields.next(); field !== 0; field = fields.next()) {
    if (field <= 2) texts[field] = fields.text();
    else if (field === 3) tags.push(decodeTag(fields.message(), dialect));
    else if (field <= 5) times[field] = time(fields);
    else if (field <= 7) durations[field] = duration(fields);
    else if (field === 8) depth = fields.integer() || undefined;
    else if (field === places.raw) raw = fields.bool();
    else if (field === places.page) page = decodePage(fields.message());
    else if (field === places.filter) filter = readFilter(filterJson(fields.message()));
  }
  if (page !== undefined && depth !== undefined) {
    throw new QueryError('QUERY_INVALID', 'pagination and search_depth are mutually exclusive');
  }
  const [, service, operation] = texts;
  const [durationMinNano, durationMaxNano] = [durations[6], durations[7]];
  const predicates = { service, operation, tags, durationMinNano, durationMaxNano };
  const isPredicated = service || operation || tags.length > 0 || (durationMinNano ?? durationMaxNano) !== undefined;
  if (filter !== undefined && isPredicated) {
    throw new QueryError('QUERY_INVALID', 'filter excludes service_name, operation_name, attributes and durations');
  }
  return { predicates, filter, range: { start: times[4], end: times[5] }, depth, raw, page };
}

/** Go's zero time is in the year 1: anything up to 1970 says that no time is meant. */
function time(fields: MessageFields): TimeRange['start'] {
  const nano = fields.nanoseconds();
  return nano > 0n ? unixNano(nano) : undefined;
}

/** A duration of zero is one that is not set. */
function duration(fields: MessageFields): number | undefined {
  const nano = Number(fields.nanoseconds());
  return nano > 0 ? nano : undefined;
}

/** An entry of a map:  1 key   2 value */
function decodeTag(entry: MessageFields, dialect: JaegerDialect): [string, string] {
  let key = '';
  let value = '';
  for (let field = entry.next(); field !== 0; field = entry.next()) {
    if (field === 1) key = entry.text();
    else if (field === 2) value = dialect === 'storage_v2' ? anyValueText(entry.message()) : entry.text();
  }
  return [key, value];
}

/**
 *    AnyValue:  1 string_value   2 bool_value   3 int_value   4 double_value   5 array_value   6 kvlist_value   7 bytes_value
 *
 * @throws {QueryError} `QUERY_INVALID` for values that no search compares
 */
function anyValueText(value: MessageFields): string {
  let text = '';
  for (let field = value.next(); field !== 0; field = value.next()) {
    if (field === 1) text = value.text();
    else if (field === 2) text = String(value.bool());
    else if (field === 3) text = String(value.integer());
    else if (field === 4) text = String(value.double());
    else if (field <= 7)
      throw new QueryError('QUERY_INVALID', 'attributes are searched by text, number or boolean only');
  }
  return text;
}

/** `Pagination`:  1 page_size  uint32   2 page_token  string */
function decodePage(fields: MessageFields): Page {
  let size = 0;
  let token = '';
  for (let field = fields.next(); field !== 0; field = fields.next()) {
    if (field === 1) size = Number(fields.integer());
    else if (field === 2) token = fields.text();
  }
  if (size <= 0) throw new QueryError('QUERY_INVALID', 'pagination needs a page_size');
  return { size, token };
}

/** As it is stored: what Jaeger calls the nameless one has no name. */
export function storedService(shown: string): string {
  return shown === namelessService ? '' : shown;
}
