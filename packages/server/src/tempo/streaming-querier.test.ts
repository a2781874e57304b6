import { deepEqual, equal } from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client, credentials, status } from '@grpc/grpc-js';
import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader';
import { parseTraceId, unixNano } from '@spoor/model';
import type { QueryProgress, SearchAnswer, TraceStore, TraceSummary } from '@spoor/query';
import { encodeTempoMessage, tempoSearchRequest } from '@spoor/wire';
import { authorizeEveryone } from '../authorize.ts';
import { ByteBudget } from '../byte-budget.ts';
import { readConfig } from '../config.ts';
import { listenGrpc } from '../grpc-listener.ts';
import type { Listener } from '../http-listener.ts';
import { MetricRegistry } from '../metric-registry.ts';
import { createTempoGrpcServer } from './streaming-querier.ts';

/** A home for traces that answers as a test says, step by step. */
let search: TraceStore['search'];
const traces = {
  search: (...asked: Parameters<TraceStore['search']>) => search(...asked),
} as unknown as TraceStore;

let listener: Listener;
let client: Client;
before(async () => {
  const command = readConfig([], { HOME: '/home/me' });
  if (command.kind !== 'serve') throw new Error('a configuration is expected');
  const server = createTempoGrpcServer({
    traces,
    authorize: authorizeEveryone,
    onError: () => {},
    bodyBytes: new ByteBudget(1024),
    apiPrefix: '',
    metrics: new MetricRegistry(),
    isReady: () => true,
    facts: { version: '0', config: command.config },
  });
  listener = await listenGrpc(server, { title: 'test', flag: 'test', port: 0 }, ['127.0.0.1']);
  client = new Client(`127.0.0.1:${listener.port}`, credentials.createInsecure());
});
after(async () => {
  client.close();
  await listener.close(0);
});

function summary(n: number, matchedCount = 1): TraceSummary {
  return {
    traceId: parseTraceId(n.toString(16))!,
    rootService: 'shop',
    rootName: 'GET /',
    isRooted: true,
    start: unixNano(BigInt(n)),
    end: unixNano(BigInt(n)),
    spanCount: 1,
    errorCount: 0,
    orphanCount: 0,
    matchedCount,
    services: [],
    spanSets: [{ attributes: [], matchedCount, spans: [] }],
  };
}

function answer(doneSourceCount: number, found: readonly TraceSummary[]): SearchAnswer {
  const progress: QueryProgress = {
    inspectedSpanCount: 0,
    inspectedTraceCount: 0,
    inspectedBytes: 0,
    sourceCount: 3,
    doneSourceCount,
  };
  return {
    traces: found,
    total: found.length,
    totalIsExact: true,
    cursor: undefined,
    body: undefined,
    warnings: [],
    progress,
  };
}

function ask() {
  const request = encodeTempoMessage(tempoSearchRequest, {
    Tags: {},
    MinDurationMs: 0,
    MaxDurationMs: 0,
    Limit: 0,
    start: 0,
    end: 0,
    Query: '{}',
    SpansPerSpanSet: 0,
  });
  const same = (bytes: Buffer): Buffer => bytes;
  return client.makeServerStreamRequest('/tempopb.StreamingQuerier/Search', same, same, Buffer.from(request));
}

const definitions = loadSync('tempopb/tempo.proto', {
  includeDirs: [fileURLToPath(new URL('../../protos', import.meta.url))],
});
const response = definitions['tempopb.SearchResponse'] as MessageTypeDefinition<object, object>;

function read(packet: Buffer): { ids: string[]; done: number } {
  const { traces: found, metrics } = response.deserialize(packet) as {
    traces: { traceID: string }[];
    metrics: { completedJobs: number };
  };
  return { ids: found.map(({ traceID }) => traceID), done: metrics.completedJobs };
}

test('Search: traces are told once, as they are found, and again when more is known of them', async () => {
  search = async (_tenant, request, _signal, onProgress) => {
    equal(request.spansPerSetMax, 3);
    onProgress!(answer(1, [summary(9)]));
    await once(stream, 'data');
    onProgress!(answer(2, [summary(9), summary(5)]));
    await once(stream, 'data');
    return answer(3, [summary(9, 2), summary(7), summary(5)]);
  };
  const packets: Buffer[] = [];
  const stream = ask();
  stream.on('data', (packet: Buffer) => packets.push(packet));
  await once(stream, 'end');
  deepEqual(packets.map(read), [
    { ids: ['9'], done: 1 },
    { ids: ['5'], done: 2 },
    { ids: ['9', '7'], done: 3 },
  ]);
});

test('Search: a call that is cancelled ends the query behind it', async () => {
  const aborted = Promise.withResolvers<void>();
  search = async (_tenant, _request, signal, onProgress) => {
    onProgress!(answer(1, []));
    await new Promise<void>((resolve) => signal!.addEventListener('abort', () => resolve()));
    aborted.resolve();
    return answer(1, []);
  };
  const stream = ask();
  const ended = new Promise<number>((resolve) =>
    stream.once('error', (error) => resolve((error as { code?: number }).code!)),
  );
  stream.once('data', () => stream.cancel());
  await aborted.promise;
  equal(await ended, status.CANCELLED);
});
