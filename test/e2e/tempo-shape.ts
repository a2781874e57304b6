import { ok } from 'node:assert/strict';

/** Fields of each message in JSON, and what is in them: a scalar, a message by name, or lists and maps of one. */
type Shape = Readonly<Record<string, string>>;

/**
 * What Grafana's decoder of May 2025 knows (its `go.mod` names the version of Tempo's messages). It refuses every other
 * field, so these lists are by hand and not by our tables.
 */
const shapes: Readonly<Record<string, Shape>> = {
  SearchResponse: { traces: 'TraceSearchMetadata[]', metrics: 'SearchMetrics' },
  TraceSearchMetadata: {
    traceID: 'text',
    rootServiceName: 'text',
    rootTraceName: 'text',
    startTimeUnixNano: 'integer text',
    durationMs: 'integer',
    spanSet: 'SpanSet',
    spanSets: 'SpanSet[]',
    serviceStats: 'ServiceStats{}',
  },
  ServiceStats: { spanCount: 'integer', errorCount: 'integer' },
  SpanSet: { spans: 'Span[]', matched: 'integer', attributes: 'KeyValue[]' },
  Span: {
    spanID: 'text',
    name: 'text',
    startTimeUnixNano: 'integer text',
    durationNanos: 'integer text',
    attributes: 'KeyValue[]',
  },
  KeyValue: { key: 'text', value: 'AnyValue' },
  AnyValue: {
    stringValue: 'text',
    boolValue: 'truth',
    intValue: 'integer text',
    doubleValue: 'number',
    arrayValue: 'ArrayValue',
    kvlistValue: 'KeyValueList',
    bytesValue: 'text',
  },
  ArrayValue: { values: 'AnyValue[]' },
  KeyValueList: { values: 'KeyValue[]' },
  SearchMetrics: {
    inspectedTraces: 'integer',
    inspectedBytes: 'integer text',
    totalBlocks: 'integer',
    completedJobs: 'integer',
    totalJobs: 'integer',
    totalBlockBytes: 'integer text',
    inspectedSpans: 'integer text',
  },
  SearchTagsResponse: { tagNames: 'text[]', metrics: 'MetadataMetrics' },
  SearchTagsV2Response: { scopes: 'SearchTagsV2Scope[]', metrics: 'MetadataMetrics' },
  SearchTagsV2Scope: { name: 'text', tags: 'text[]' },
  SearchTagValuesResponse: { tagValues: 'text[]', metrics: 'MetadataMetrics' },
  SearchTagValuesV2Response: { tagValues: 'TagValue[]', metrics: 'MetadataMetrics' },
  TagValue: { type: 'text', value: 'text' },
  MetadataMetrics: {
    inspectedBytes: 'integer text',
    totalJobs: 'integer',
    completedJobs: 'integer',
    totalBlocks: 'integer',
    totalBlockBytes: 'integer text',
  },
  QueryRangeResponse: { series: 'TimeSeries[]', metrics: 'SearchMetrics', status: 'text', message: 'text' },
  TimeSeries: { labels: 'KeyValue[]', samples: 'Sample[]', exemplars: 'Exemplar[]' },
  Sample: { timestampMs: 'integer text', value: 'number' },
  Exemplar: { labels: 'KeyValue[]', value: 'number', timestampMs: 'integer text' },
  QueryInstantResponse: { series: 'InstantSeries[]', metrics: 'SearchMetrics', status: 'text', message: 'text' },
  InstantSeries: { labels: 'KeyValue[]', value: 'number' },
};

const scalars: Readonly<Record<string, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  truth: (value) => typeof value === 'boolean',
  integer: (value) => Number.isSafeInteger(value) && value !== 0,
  number: (value) => (typeof value === 'number' ? true : value === 'NaN' || value === 'Infinity'),
  'integer text': (value) => typeof value === 'string' && /^-?\d+$/.test(value),
};

/** @throws {AssertionError} for a field that the message does not have, and a value of another form */
export function checkShape(name: string, value: unknown, path = name): void {
  if (name.endsWith('[]')) {
    ok(Array.isArray(value) && value.length > 0, `${path} is a list that is not empty`);
    for (const [i, each] of value.entries()) checkShape(name.slice(0, -2), each, `${path}[${i}]`);
    return;
  }
  if (name.endsWith('{}')) {
    for (const [key, each] of Object.entries(value as object)) checkShape(name.slice(0, -2), each, `${path}.${key}`);
    return;
  }
  const scalar = scalars[name];
  if (scalar !== undefined) return ok(scalar(value), `${path} is ${name}: ${JSON.stringify(value)}`);
  const shape = shapes[name];
  ok(typeof value === 'object' && value !== null && !Array.isArray(value), `${path} is a message`);
  for (const [key, each] of Object.entries(value)) {
    ok(key in shape, `${path} has no field ${key}`);
    checkShape(shape[key], each, `${path}.${key}`);
  }
}
