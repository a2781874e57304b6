import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '@spoor/model';
import {
  dependencyEdges,
  fetchTraces,
  listAttributeNames,
  listAttributeValues,
  listIntrinsicValues,
  listOperations,
  listServices,
  overview,
  queryMetrics,
  rootThroughput,
  searchTraces,
  serviceGraph,
  serviceSeries,
  SourceMemo,
  spanMetrics,
  storedBounds,
  type QuerySources,
  type TracesAnswer,
  type TracesRequest,
} from '@spoor/query';
import { lowerThreadPriority, realDisk, SnapshotReader } from '@spoor/store';
import { flattenError, type Query, type QueryWorkerData, type WorkerMessage, type WorkerReply } from './query-job.ts';
import { pageTrace } from './page/page-query.ts';
import { rendererOf } from './trace-renderers.ts';

/**
 * A scan worker: opens snapshots, runs queries over their columns and renders the traces, so that neither a scan nor a
 * large trace ever holds the thread of the sockets. Queries take turns between blocks, and a cancel message is heard
 * then.
 */
const port = parentPort;
assert(port !== null, 'queries run in a worker thread');
/** A scan may take the processors that nothing else wants; it goes before seals and merges. */
const niceness = 5;
lowerThreadPriority(niceness);
const reader = new SnapshotReader({
  disk: realDisk,
  cacheBytesMax: (workerData as QueryWorkerData).cacheBytesMax,
  onDamaged: (segmentId, error) => send({ type: 'damaged', segmentId, error: flattenError(error) }),
});
const memo = new SourceMemo();
const running = new Map<number, AbortController>();

port.on('message', (message: WorkerMessage) => {
  if (message.type === 'cancel') running.get(message.id)?.abort();
  else void answer(message);
});

async function answer({ id, snapshot, query, hasProgress }: Extract<WorkerMessage, { type: 'run' }>): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const sources = await reader.sources(snapshot);
    const splitTraces: QuerySources['splitTraces'] = (signal) => reader.splitTraces(sources, signal);
    const sourcesOf: QuerySources['sourcesOf'] = (traceId) => reader.sourcesOf(traceId, sources);
    const splitTracesIn: QuerySources['splitTracesIn'] = (source, split) => reader.splitTracesIn(source, split);
    const onProgress = hasProgress
      ? (soFar: unknown): void => send({ type: 'progress', id, soFar }, bodyOf(soFar))
      : undefined;
    const result = await run(
      query,
      { sources, splitTraces, splitTracesIn, sourcesOf, memo },
      controller.signal,
      onProgress,
    );
    send({ type: 'done', id, answer: result }, bodyOf(result));
  } catch (error) {
    send({ type: 'failed', id, error: flattenError(error) });
  } finally {
    running.delete(id);
  }
}

function run(
  query: Query,
  sources: QuerySources,
  signal: AbortSignal,
  onProgress: ((soFar: unknown) => void) | undefined,
): Promise<unknown> {
  switch (query.kind) {
    case 'traces':
      return traces(sources, query.request, signal);
    case 'search': {
      const { format } = query.request;
      const renderer = format && rendererOf(format.name);
      return searchTraces(sources, query.request, { renderer, signal, onProgress });
    }
    case 'services':
      return listServices(sources, query.request, signal);
    case 'operations':
      return listOperations(sources, query.request, signal);
    case 'attributeNames':
      return listAttributeNames(sources, query.request, signal);
    case 'attributeValues':
      return listAttributeValues(sources, query.request, signal);
    case 'intrinsicValues':
      return listIntrinsicValues(sources, query.request, signal);
    case 'metrics':
      return queryMetrics(sources, query.request, signal, onProgress);
    case 'dependencies':
      return dependencyEdges(sources, query.request, signal);
    case 'page':
      return pageTrace(sources, query.request, signal);
    case 'bounds':
      return Promise.resolve(storedBounds(sources, query.request));
    case 'overview':
      return overview(sources, query.request, signal);
    case 'serviceSeries':
      return serviceSeries(sources, query.request, signal);
    case 'spanMetrics':
      return spanMetrics(sources, query.request, signal);
    case 'serviceGraph':
      return serviceGraph(sources, query.request, signal);
    case 'rootThroughput':
      return rootThroughput(sources, query.request, signal);
  }
}

async function traces(
  sources: QuerySources,
  { ids, format }: TracesRequest,
  signal: AbortSignal,
): Promise<TracesAnswer> {
  const render = rendererOf(format.name);
  const fetched = await fetchTraces(sources, ids, signal);
  const body = render(fetched.traces, format.options ?? {});
  return { body, found: fetched.traces.length, missing: fetched.missing, warnings: [] };
}

/** The rendered bytes change hands rather than being copied; a view of a larger or pooled buffer cannot. */
function bodyOf(answer: unknown): ArrayBuffer[] {
  const body = (answer as { body?: unknown } | undefined)?.body;
  if (!(body instanceof Uint8Array) || body.byteLength !== body.buffer.byteLength) return [];
  return body.buffer instanceof ArrayBuffer ? [body.buffer] : [];
}

function send(reply: WorkerReply, transfer: ArrayBuffer[] = []): void {
  port!.postMessage(reply, transfer);
}
