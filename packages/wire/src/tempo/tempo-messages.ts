import type { Attribute } from '@spoor/model';
import { map, one, repeated, type Schema, type SchemaOf } from './message-schema.ts';

/*
 * Messages of `tempopb`, those that clients see. Of fields that newer versions added, only those that Grafana knows are
 * here: its decoder of search answers refuses JSON with a field it has not heard of.
 * Source: grafana/tempo, pkg/tempopb/tempo.proto (Apache-2.0), of 2023 to 2026; no number has changed since.
 */

export interface TempoSearchRequest {
  /** an absent `Query` makes it a search by tags */
  readonly Tags: Readonly<Record<string, string>>;
  readonly MinDurationMs: number;
  readonly MaxDurationMs: number;
  readonly Limit: number;
  /** seconds */
  readonly start: number;
  readonly end: number;
  readonly Query: string;
  readonly SpansPerSpanSet: number;
}
export const tempoSearchRequest: SchemaOf<TempoSearchRequest> = {
  Tags: map(1, 'string'),
  MinDurationMs: one(2, 'uint32'),
  MaxDurationMs: one(3, 'uint32'),
  Limit: one(4, 'uint32'),
  start: one(5, 'uint32'),
  end: one(6, 'uint32'),
  Query: one(8, 'string'),
  SpansPerSpanSet: one(9, 'uint32'),
};

export interface TempoSpan {
  /** hex */
  readonly spanID: string;
  readonly name: string;
  readonly startTimeUnixNano: bigint;
  readonly durationNanos: bigint;
  readonly attributes: readonly Attribute[];
}
const tempoSpan: SchemaOf<TempoSpan> = {
  spanID: one(1, 'string'),
  name: one(2, 'string'),
  startTimeUnixNano: one(3, 'uint64'),
  durationNanos: one(4, 'uint64'),
  attributes: repeated(5, 'keyValue'),
};

export interface TempoSpanSet {
  readonly spans: readonly TempoSpan[];
  readonly matched: number;
  readonly attributes: readonly Attribute[];
}
const tempoSpanSet: SchemaOf<TempoSpanSet> = {
  spans: repeated(1, tempoSpan),
  matched: one(2, 'uint32'),
  attributes: repeated(3, 'keyValue'),
};

interface ServiceStats {
  readonly spanCount: number;
  readonly errorCount: number;
}
const serviceStats: SchemaOf<ServiceStats> = { spanCount: one(1, 'uint32'), errorCount: one(2, 'uint32') };

export interface TempoTraceSummary {
  /** hex without leading zeros */
  readonly traceID: string;
  readonly rootServiceName: string;
  readonly rootTraceName: string;
  readonly startTimeUnixNano: bigint;
  readonly durationMs: number;
  /** one of `spanSets`, for old clients */
  readonly spanSet?: TempoSpanSet | undefined;
  readonly spanSets?: readonly TempoSpanSet[] | undefined;
  readonly serviceStats?: Readonly<Record<string, ServiceStats>> | undefined;
}
const traceSummary: SchemaOf<TempoTraceSummary> = {
  traceID: one(1, 'string'),
  rootServiceName: one(2, 'string'),
  rootTraceName: one(3, 'string'),
  startTimeUnixNano: one(4, 'uint64'),
  durationMs: one(5, 'uint32'),
  spanSet: one(6, tempoSpanSet),
  spanSets: repeated(7, tempoSpanSet),
  serviceStats: map(8, serviceStats),
};

export interface TempoSearchMetrics {
  readonly inspectedTraces: number;
  readonly inspectedBytes: bigint;
  readonly totalBlocks: number;
  readonly completedJobs: number;
  readonly totalJobs: number;
  readonly totalBlockBytes: bigint;
  readonly inspectedSpans: bigint;
}
const searchMetrics: SchemaOf<TempoSearchMetrics> = {
  inspectedTraces: one(1, 'uint32'),
  inspectedBytes: one(2, 'uint64'),
  totalBlocks: one(3, 'uint32'),
  completedJobs: one(4, 'uint32'),
  totalJobs: one(5, 'uint32'),
  totalBlockBytes: one(6, 'uint64'),
  inspectedSpans: one(7, 'uint64'),
};

export interface TempoSearchResponse {
  readonly traces: readonly TempoTraceSummary[];
  readonly metrics: TempoSearchMetrics;
}
export const tempoSearchResponse: SchemaOf<TempoSearchResponse> = {
  traces: repeated(1, traceSummary),
  metrics: one(2, searchMetrics),
};

export interface TempoTagsRequest {
  readonly scope: string;
  readonly query: string;
  /** seconds */
  readonly start: number;
  readonly end: number;
  readonly maxTagsPerScope: number;
}
export const tempoTagsRequest: SchemaOf<TempoTagsRequest> = {
  scope: one(1, 'string'),
  query: one(2, 'string'),
  start: one(3, 'uint32'),
  end: one(4, 'uint32'),
  maxTagsPerScope: one(5, 'uint32'),
};

export interface TempoTagValuesRequest {
  readonly tagName: string;
  readonly query: string;
  /** seconds */
  readonly start: number;
  readonly end: number;
  readonly maxTagValues: number;
}
export const tempoTagValuesRequest: SchemaOf<TempoTagValuesRequest> = {
  tagName: one(1, 'string'),
  query: one(2, 'string'),
  start: one(4, 'uint32'),
  end: one(5, 'uint32'),
  maxTagValues: one(6, 'uint32'),
};

/** `MetadataMetrics`, of which nothing is filled in: names and values are read from dictionaries, not from blocks. */
type MetadataMetrics = object;
const metadataMetrics: Schema = {};

export interface TempoTagsResponse {
  readonly tagNames: readonly string[];
  readonly metrics: MetadataMetrics;
}
export const tempoTagsResponse: SchemaOf<TempoTagsResponse> = {
  tagNames: repeated(1, 'string'),
  metrics: one(2, metadataMetrics),
};

export interface TempoTagScope {
  readonly name: string;
  readonly tags: readonly string[];
}
export interface TempoTagsV2Response {
  readonly scopes: readonly TempoTagScope[];
  readonly metrics: MetadataMetrics;
}
const tagScope: SchemaOf<TempoTagScope> = { name: one(1, 'string'), tags: repeated(2, 'string') };
export const tempoTagsV2Response: SchemaOf<TempoTagsV2Response> = {
  scopes: repeated(1, tagScope),
  metrics: one(2, metadataMetrics),
};

export interface TempoTagValuesResponse {
  readonly tagValues: readonly string[];
  readonly metrics: MetadataMetrics;
}
export const tempoTagValuesResponse: SchemaOf<TempoTagValuesResponse> = {
  tagValues: repeated(1, 'string'),
  metrics: one(2, metadataMetrics),
};

export interface TempoTagValue {
  readonly type: string;
  readonly value: string;
}
export interface TempoTagValuesV2Response {
  readonly tagValues: readonly TempoTagValue[];
  readonly metrics: MetadataMetrics;
}
const tagValue: SchemaOf<TempoTagValue> = { type: one(1, 'string'), value: one(2, 'string') };
export const tempoTagValuesV2Response: SchemaOf<TempoTagValuesV2Response> = {
  tagValues: repeated(1, tagValue),
  metrics: one(2, metadataMetrics),
};

export interface TempoQueryRangeRequest {
  readonly query: string;
  /** nanoseconds */
  readonly start: bigint;
  readonly end: bigint;
  readonly step: bigint;
  readonly exemplars: number;
  readonly maxSeries: number;
}
export const tempoQueryRangeRequest: SchemaOf<TempoQueryRangeRequest> = {
  query: one(1, 'string'),
  start: one(2, 'uint64'),
  end: one(3, 'uint64'),
  step: one(4, 'uint64'),
  exemplars: one(16, 'uint32'),
  maxSeries: one(17, 'uint32'),
};

export interface TempoQueryInstantRequest {
  readonly query: string;
  /** nanoseconds */
  readonly start: bigint;
  readonly end: bigint;
}
export const tempoQueryInstantRequest: SchemaOf<TempoQueryInstantRequest> = {
  query: one(1, 'string'),
  start: one(2, 'uint64'),
  end: one(3, 'uint64'),
};

export interface TempoExemplar {
  readonly labels: readonly Attribute[];
  readonly value: number;
  readonly timestampMs: bigint;
}
const exemplar: SchemaOf<TempoExemplar> = {
  labels: repeated(1, 'keyValue'),
  value: one(2, 'double'),
  timestampMs: one(3, 'int64'),
};

export interface TempoSample {
  readonly timestampMs: bigint;
  readonly value: number;
}
const sample: SchemaOf<TempoSample> = { timestampMs: one(2, 'int64'), value: one(1, 'double') };

export interface TempoTimeSeries {
  readonly labels: readonly Attribute[];
  readonly samples: readonly TempoSample[];
  readonly exemplars: readonly TempoExemplar[];
}
const timeSeries: SchemaOf<TempoTimeSeries> = {
  labels: repeated(1, 'keyValue'),
  samples: repeated(2, sample),
  exemplars: repeated(4, exemplar),
};

/** `COMPLETE` is 0 and therefore not written. */
export type TempoPartialStatus = 'COMPLETE' | 'PARTIAL';

export interface TempoQueryRangeResponse {
  readonly series: readonly TempoTimeSeries[];
  readonly metrics: TempoSearchMetrics;
  readonly status: TempoPartialStatus;
  readonly message: string;
}
export const tempoQueryRangeResponse: SchemaOf<TempoQueryRangeResponse> = {
  series: repeated(1, timeSeries),
  metrics: one(2, searchMetrics),
  status: one(3, 'partialStatus'),
  message: one(4, 'string'),
};

export interface TempoInstantSeries {
  readonly labels: readonly Attribute[];
  readonly value: number;
}
const instantSeries: SchemaOf<TempoInstantSeries> = { labels: repeated(1, 'keyValue'), value: one(2, 'double') };

export interface TempoQueryInstantResponse {
  readonly series: readonly TempoInstantSeries[];
  readonly metrics: TempoSearchMetrics;
  readonly status: TempoPartialStatus;
  readonly message: string;
}
export const tempoQueryInstantResponse: SchemaOf<TempoQueryInstantResponse> = {
  series: repeated(1, instantSeries),
  metrics: one(2, searchMetrics),
  status: one(3, 'partialStatus'),
  message: one(4, 'string'),
};
