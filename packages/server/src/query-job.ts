import type {
  AttributeName,
  AttributeNamesRequest,
  AttributeValuesAnswer,
  AttributeValuesRequest,
  DependencyEdge,
  IntrinsicValuesRequest,
  LabelledSeriesAnswer,
  MetricsAnswer,
  MetricsRequest,
  NamesAnswer,
  Operation,
  Overview,
  OperationsRequest,
  RootThroughput,
  SearchAnswer,
  SearchRequest,
  ServiceGraphRequest,
  ServiceSeries,
  ServiceSeriesRequest,
  SpanMetricsRequest,
  TimeBounds,
  TimeRange,
  TracesAnswer,
  TracesRequest,
} from '@spoor/query';
import type { StoreSnapshot } from '@spoor/store';
import type { PageTraceAnswer, PageTraceRequest } from './page/page-query.ts';

/** What each kind of query is asked and answers. All of it is plain data, which crosses threads as it is. */
export interface QueryKinds {
  readonly traces: { readonly request: TracesRequest; readonly answer: TracesAnswer };
  readonly search: { readonly request: SearchRequest; readonly answer: SearchAnswer };
  readonly services: { readonly request: TimeRange; readonly answer: NamesAnswer };
  readonly operations: { readonly request: OperationsRequest; readonly answer: readonly Operation[] };
  readonly attributeNames: { readonly request: AttributeNamesRequest; readonly answer: readonly AttributeName[] };
  readonly attributeValues: { readonly request: AttributeValuesRequest; readonly answer: AttributeValuesAnswer };
  readonly intrinsicValues: { readonly request: IntrinsicValuesRequest; readonly answer: AttributeValuesAnswer };
  readonly metrics: { readonly request: MetricsRequest; readonly answer: MetricsAnswer };
  readonly dependencies: { readonly request: TimeRange; readonly answer: readonly DependencyEdge[] };
  readonly page: { readonly request: PageTraceRequest; readonly answer: PageTraceAnswer };
  readonly bounds: { readonly request: TimeRange; readonly answer: TimeBounds };
  readonly overview: { readonly request: TimeRange; readonly answer: Overview };
  readonly serviceSeries: { readonly request: ServiceSeriesRequest; readonly answer: ServiceSeries };
  readonly spanMetrics: { readonly request: SpanMetricsRequest; readonly answer: LabelledSeriesAnswer };
  readonly serviceGraph: { readonly request: ServiceGraphRequest; readonly answer: LabelledSeriesAnswer };
  readonly rootThroughput: { readonly request: TimeRange; readonly answer: readonly RootThroughput[] };
}
export type QueryKind = keyof QueryKinds;

/** One query, as a union over the kinds. */
export type Query = {
  readonly [K in QueryKind]: { readonly kind: K; readonly request: QueryKinds[K]['request'] };
}[QueryKind];

/** What a query worker is started with. */
export interface QueryWorkerData {
  /** for decoded blocks */
  readonly cacheBytesMax: number;
}

/** To a query worker. */
export type WorkerMessage =
  | {
      readonly type: 'run';
      readonly id: number;
      readonly snapshot: StoreSnapshot;
      readonly query: Query;
      /** whether somebody wants answers so far */
      readonly hasProgress: boolean;
    }
  | { readonly type: 'cancel'; readonly id: number };

/**
 * From a query worker: `done` or `failed` once for every `run`, before it any number of `progress`; `damaged` when a
 * segment could not be opened.
 */
export type WorkerReply =
  | { readonly type: 'damaged'; readonly segmentId: string; readonly error: FlatError }
  | { readonly type: 'progress'; readonly id: number; readonly soFar: unknown }
  | { readonly type: 'done'; readonly id: number; readonly answer: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly error: FlatError };

/** An error without its class, which does not survive the way between threads. */
export interface FlatError {
  readonly message: string;
  readonly stack: string | undefined;
  /** one of our codes, or the system's (`ENOENT`) */
  readonly code: string | undefined;
  /** of a CorruptionError */
  readonly path: string | undefined;
  readonly offset: number | undefined;
}

export function flattenError(error: unknown): FlatError {
  if (!(error instanceof Error)) {
    return { message: String(error), stack: undefined, code: undefined, path: undefined, offset: undefined };
  }
  const { message, stack, code, path, offset } = error as Error & Partial<FlatError>;
  return { message, stack, code, path, offset };
}
