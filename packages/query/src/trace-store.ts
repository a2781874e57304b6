import type { Attribute, SpanId, Trace, TraceId, UnixNano } from '@spoor/model';
import type { AttributeScope, Intrinsic, Query } from '@spoor/traceql';

/**
 * The joint between every API and every home for traces (the embedded store, later Elasticsearch).
 * Each call takes the tenant first, can be cancelled, and is bounded by `limits.ts`.
 *
 * Whole traces leave as bytes, written by a *renderer* of the given name where the traces were assembled (a worker),
 * so that a trace of 100,000 spans never crosses a thread as objects nor stalls the sockets.
 */
export interface TraceStore {
  /** Traces by id, from wherever their parts lie, in the order of `ids`; what is not found is listed. */
  traces(tenant: string, request: TracesRequest, signal?: AbortSignal): Promise<TracesAnswer>;
  /** @throws {QueryError} `QUERY_INVALID` when the plan asks for something this store cannot evaluate */
  search(
    tenant: string,
    request: SearchRequest,
    signal?: AbortSignal,
    onProgress?: (soFar: SearchAnswer) => void,
  ): Promise<SearchAnswer>;
  /**
   * A query of kind `metrics`, over the spans that start in the intervals.
   * @throws {QueryError} `QUERY_INVALID` when the plan asks for something this store cannot evaluate, `QUERY_LIMIT`
   */
  metrics(
    tenant: string,
    request: MetricsRequest,
    signal?: AbortSignal,
    onProgress?: (soFar: MetricsAnswer) => void,
  ): Promise<MetricsAnswer>;
  /** Distinct `service.name`s, sorted; an empty one first when spans have none. */
  services(tenant: string, range: TimeRange, signal?: AbortSignal): Promise<NamesAnswer>;
  /** Distinct (service, span name, kind), sorted by name, then kind. */
  operations(tenant: string, request: OperationsRequest, signal?: AbortSignal): Promise<readonly Operation[]>;
  attributeNames(
    tenant: string,
    request: AttributeNamesRequest,
    signal?: AbortSignal,
  ): Promise<readonly AttributeName[]>;
  attributeValues(
    tenant: string,
    request: AttributeValuesRequest,
    signal?: AbortSignal,
  ): Promise<AttributeValuesAnswer>;
  /**
   * Distinct values of an intrinsic that has few: names, service names, status, kind, messages, versions. Of the
   * others (ids, durations, counts) the list is empty.
   */
  intrinsicValues(
    tenant: string,
    request: IntrinsicValuesRequest,
    signal?: AbortSignal,
  ): Promise<AttributeValuesAnswer>;
  /** Calls between services, sorted by parent, then child. */
  dependencies(tenant: string, range: TimeRange, signal?: AbortSignal): Promise<readonly DependencyEdge[]>;
  /** The part of the range in which there are spans at all; known without reading them. */
  bounds(tenant: string, range: TimeRange, signal?: AbortSignal): Promise<TimeBounds>;
  /** Services and the durations of root spans, at a glance. */
  overview(tenant: string, range: TimeRange, signal?: AbortSignal): Promise<Overview>;
  /** One service's requests over time, and its operations. */
  serviceSeries(tenant: string, request: ServiceSeriesRequest, signal?: AbortSignal): Promise<ServiceSeries>;
  /**
   * Calls, durations or sizes of spans in windows of time, by labels: what Tempo's metrics-generator calls span metrics.
   * @throws {QueryError} `QUERY_INVALID`, `QUERY_LIMIT`
   */
  spanMetrics(tenant: string, request: SpanMetricsRequest, signal?: AbortSignal): Promise<LabelledSeriesAnswer>;
  /** Calls between services in windows of time, by labels. @throws {QueryError} `QUERY_INVALID`, `QUERY_LIMIT` */
  serviceGraph(tenant: string, request: ServiceGraphRequest, signal?: AbortSignal): Promise<LabelledSeriesAnswer>;
  /** Root spans by service and name, sorted by service, then name: what adaptive sampling goes by. */
  rootThroughput(tenant: string, range: TimeRange, signal?: AbortSignal): Promise<readonly RootThroughput[]>;
}

/** Span starts in [start, end]; an absent bound is open. */
export interface TimeRange {
  readonly start?: UnixNano | undefined;
  readonly end?: UnixNano | undefined;
}

/** Span starts, both inclusive; the end is later than the start. */
export interface TimeBounds {
  readonly start: UnixNano;
  readonly end: UnixNano;
}

/** Names a renderer and its options; the composition root registers renderers by name. */
export interface Format {
  readonly name: string;
  readonly options?: Readonly<Record<string, string | number | boolean>>;
}

/** Writes traces as the body of an answer. Lives beside the dialect that needs it. */
export type TraceRenderer = (traces: readonly Trace[], options: NonNullable<Format['options']>) => Uint8Array;

export interface TracesRequest {
  readonly ids: readonly TraceId[];
  readonly format: Format;
}

export interface TracesAnswer {
  readonly body: Uint8Array;
  readonly found: number;
  readonly missing: readonly TraceId[];
  readonly warnings: readonly string[];
}

export interface SearchRequest {
  readonly query: Query;
  readonly range: TimeRange;
  /** at most `limits.searchTracesMax` */
  readonly limit: number;
  readonly order: 'newest' | 'longest';
  /** from the previous answer: goes on after its last trace, over the same data as far as it still exists */
  readonly cursor?: string | undefined;
  /** when given, the whole traces are rendered too */
  readonly format?: Format | undefined;
  /** when given, each summary lists its span sets, with at most so many spans of each */
  readonly spansPerSetMax?: number | undefined;
  /** past it what was found so far is the answer, incomplete; none when absent */
  readonly timeMilliMax?: number | undefined;
}

export interface SearchAnswer {
  readonly traces: readonly TraceSummary[];
  /** traces that match, whatever `limit` is */
  readonly total: number;
  /** false when the budget ran out: `total` is then "at least" */
  readonly totalIsExact: boolean;
  /** absent when there is nothing more */
  readonly cursor: string | undefined;
  /** the rendered traces, when a format was asked for */
  readonly body: Uint8Array | undefined;
  readonly warnings: readonly string[];
  /** why this is not the whole answer, for people; absent when it is */
  readonly incomplete?: string | undefined;
  readonly progress: QueryProgress;
}

/** How much a query had to read. Its totals are known from the start, so that a client can draw a bar. */
export interface QueryProgress {
  readonly inspectedSpanCount: number;
  readonly inspectedTraceCount: number;
  /** of column data that was decoded or found decoded */
  readonly inspectedBytes: number;
  /** segments and heads */
  readonly sourceCount: number;
  readonly doneSourceCount: number;
}

/** A trace as lists show it. Counts are of the whole trace; `matched` of the spans the query matched. */
export interface TraceSummary {
  readonly traceId: TraceId;
  /** the earliest span without parent; without one, the earliest span */
  readonly rootService: string;
  readonly rootName: string;
  /** false where every span has a parent: the root has not been received */
  readonly isRooted: boolean;
  readonly start: UnixNano;
  readonly end: UnixNano;
  readonly spanCount: number;
  readonly errorCount: number;
  /** spans whose parent is not in the trace */
  readonly orphanCount: number;
  readonly matchedCount: number;
  /** sorted by name */
  readonly services: readonly { readonly name: string; readonly spanCount: number; readonly errorCount: number }[];
  /** one for each group of `by()`, else a single one; present when the request asked for spans */
  readonly spanSets?: readonly SpanSet[] | undefined;
}

/** The spans of one trace that a query gives, or those of one of its groups. */
export interface SpanSet {
  /** values of groups and aggregates under their text: `by(span.foo)`, `count()`, `avg(duration)` */
  readonly attributes: readonly Attribute[];
  readonly matchedCount: number;
  /** the first of them, by start */
  readonly spans: readonly SpanOfSet[];
}

export interface SpanOfSet {
  readonly spanId: SpanId;
  readonly name: string;
  readonly start: UnixNano;
  readonly durationNano: number;
  /** what the query's conditions and `select` read, under names without scope; what is missing is left out */
  readonly attributes: readonly Attribute[];
}

export interface MetricsRequest {
  /** of kind `metrics` */
  readonly query: Query;
  /**
   * Intervals are (end − step, end], their ends at `start`, `start + step`, … up to `end`. An instant query has one:
   * `end` equals `start`, and `stepNano` is the whole range.
   */
  readonly start: UnixNano;
  readonly end: UnixNano;
  readonly stepNano: bigint;
  /** of the whole answer, shared over the series */
  readonly exemplarsMax: number;
  /** past it series are left out, and the answer is incomplete */
  readonly seriesMax: number;
  /** counts are sums of adjusted counts; as the hint `extrapolate` */
  readonly isWeighted?: boolean | undefined;
  /** past it what was found so far is the answer, incomplete; none when absent */
  readonly timeMilliMax?: number | undefined;
}

export interface MetricsAnswer {
  /** sorted by label values */
  readonly series: readonly MetricSeries[];
  /** why this is not the whole answer, for people; absent when it is */
  readonly incomplete?: string | undefined;
  readonly warnings: readonly string[];
  readonly progress: QueryProgress;
}

export interface MetricSeries {
  /** as the query writes them: `resource.service.name`, `kind`; `__name__` without `by()`; a missing value is `empty` */
  readonly labels: readonly Attribute[];
  /** one for each interval; NaN where there is none. Durations are seconds. */
  readonly values: Float64Array;
  readonly exemplars: readonly Exemplar[];
}

/** A span that stands for others in a series. */
export interface Exemplar {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  /** the span's start */
  readonly time: UnixNano;
  /** what the function is of, else the span's duration in seconds */
  readonly value: number;
}

export interface NamesAnswer {
  readonly names: readonly string[];
  /** false when cut at `limits.namesMax` */
  readonly complete: boolean;
}

export interface OperationsRequest extends TimeRange {
  /** all services when absent */
  readonly service?: string | undefined;
  /** `SpanKind` number; all when absent */
  readonly kind?: number | undefined;
}

export interface Operation {
  readonly service: string;
  readonly name: string;
  readonly kind: number;
}

export interface AttributeNamesRequest extends TimeRange {
  /** all scopes when absent */
  readonly scope?: Exclude<AttributeScope, 'any'> | undefined;
  /** of the spans that this gives only */
  readonly query?: Query | undefined;
}

export interface AttributeName {
  readonly scope: Exclude<AttributeScope, 'any'>;
  readonly name: string;
}

export interface AttributeValuesRequest extends TimeRange {
  readonly scope: AttributeScope;
  readonly name: string;
  readonly limit: number;
  /** spans of this service only */
  readonly service?: string | undefined;
  /** of the spans that this gives only */
  readonly query?: Query | undefined;
}

export interface IntrinsicValuesRequest extends TimeRange {
  readonly name: Intrinsic;
  readonly limit: number;
  /** of the spans that this gives only */
  readonly query?: Query | undefined;
}

export interface AttributeValuesAnswer {
  /** `keyword`: a status or a kind, as TraceQL writes it */
  readonly values: readonly {
    readonly type: 'string' | 'int' | 'double' | 'bool' | 'keyword';
    readonly value: string;
  }[];
  readonly complete: boolean;
}

/** What the range holds. Counts are sums of adjusted counts, `spanCount` excepted, which is of stored spans. */
export interface Overview {
  /** the part of the range in which there are spans */
  readonly start: UnixNano;
  readonly end: UnixNano;
  readonly spanCount: number;
  readonly rootCount: number;
  /** sorted by name; an empty name for resources without one */
  readonly services: readonly {
    readonly name: string;
    readonly spanCount: number;
    readonly requestCount: number;
    readonly errorCount: number;
    readonly p50Nano: number;
    readonly p99Nano: number;
  }[];
  /** root spans by start and duration; row r begins at 10^(3 + r / rowsPerDecade) nanoseconds */
  readonly heatmap: {
    readonly columnCount: number;
    readonly rowsPerDecade: number;
    readonly cells: readonly (readonly [column: number, row: number, count: number, errorCount: number])[];
  };
}

export interface ServiceSeriesRequest extends TimeRange {
  readonly service: string;
}

/** A service over time. Counts are sums of adjusted counts, `spanCount` excepted, which is of stored spans. */
export interface ServiceSeries {
  /** the part of the range in which there are spans, of whatever service; buckets divide it evenly */
  readonly start: UnixNano;
  readonly end: UnixNano;
  readonly spanCount: number;
  /** the service's requests, one entry a bucket; quantiles are nanoseconds, 0 where nothing was asked */
  readonly requestCounts: readonly number[];
  readonly errorCounts: readonly number[];
  readonly p50Nano: readonly number[];
  readonly p95Nano: readonly number[];
  readonly p99Nano: readonly number[];
  /** by span name and kind, the most frequent first */
  readonly operations: readonly ServiceOperation[];
  /** false when there were more than `limits.seriesOperationsMax` */
  readonly operationsAreComplete: boolean;
}

export interface ServiceOperation {
  readonly name: string;
  /** `SpanKind` number */
  readonly kind: number;
  readonly count: number;
  readonly errorCount: number;
  readonly p50Nano: number;
  readonly p99Nano: number;
}

/**
 * Calls from one service to another: spans whose parent span is of another service. Counts are sums of adjusted
 * counts, so they estimate the unsampled truth where the sampling probability is known.
 */
export interface DependencyEdge {
  readonly parent: string;
  readonly child: string;
  readonly callCount: number;
  readonly errorCount: number;
  /** mean duration of the called spans, nanoseconds */
  readonly meanDurationNano: number;
}

/** Root spans of one service and span name. */
export interface RootThroughput {
  readonly service: string;
  readonly name: string;
  /** that arrived, but for those sampled only to keep a lower bound */
  readonly spanCount: number;
  /** how many requests those stand for whose sampling probability is known: the sum of their adjusted counts */
  readonly knownCount: number;
  /** spans of which nothing says how probable it was that they were sampled */
  readonly unknownSpanCount: number;
}

/** Windows are (end − length, end], their ends at `end`, `end + step`, …: as many as `count` says. They may overlap. */
export interface MetricWindows {
  readonly end: UnixNano;
  readonly stepNano: bigint;
  readonly count: number;
  /** `undefined`: everything that is stored, up to the end */
  readonly lengthNano: bigint | undefined;
}

/** As in Prometheus: regular expressions are anchored at both ends, and a missing label is the empty text. */
export interface LabelMatcher {
  readonly name: string;
  readonly op: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/** What both kinds of metrics of stored spans are asked. A span counts in the windows that its start is in. */
interface LabelledSeriesRequest {
  readonly windows: MetricWindows;
  /** labels that series are told apart by */
  readonly by: readonly string[];
  readonly matchers: readonly LabelMatcher[];
  /** past it series are left out, and the answer is incomplete */
  readonly seriesMax: number;
}

/**
 * Labels are `service`, `span_name`, `span_kind` (`SPAN_KIND_SERVER`), `status_code` (`STATUS_CODE_ERROR`),
 * `status_message`, and the name of any attribute of spans or resources, `_` in place of what labels may not have.
 */
export interface SpanMetricsRequest extends LabelledSeriesRequest {
  readonly measure: 'calls' | 'latency' | 'size';
}

/**
 * Labels are `client`, `server`, `connection_type` (empty, `messaging_system`, `database`, `virtual_node`), and with
 * `client_` or `server_` in front the name of any attribute of that side's resource.
 */
export interface ServiceGraphRequest extends LabelledSeriesRequest {
  readonly measure: 'requests' | 'failed' | 'serverLatency' | 'clientLatency';
}

export interface LabelledSeriesAnswer {
  /** sorted by labels */
  readonly series: readonly LabelledSeries[];
  /** why this is not the whole answer, for people; absent when it is */
  readonly incomplete?: string | undefined;
}

export interface LabelledSeries {
  /** values of the labels in `by`, in its order */
  readonly labels: readonly string[];
  /**
   * One number a window: a sum of adjusted counts; of sizes, bytes. Of latencies, for each window: how many took no longer
   * than each of the bounds (`spanLatencyBounds`, `edgeLatencyBounds`), how many in all, and the sum of their seconds.
   */
  readonly values: Float64Array;
}
