import { join } from 'node:path';
import { codeOf, type TraceId } from '@spoor/model';
import { DataDirectoryLock, realDisk, Store } from '@spoor/store';
import { encodeTracesProtobuf } from '@spoor/wire';
import { authorizeEveryone, defaultTenant } from './authorize.ts';
import { isContainer, listenAddresses } from './bind-policy.ts';
import type { Config } from './config.ts';
import { EmbeddedTraceStore } from './embedded-trace-store.ts';
import { publicMessage } from './error-status.ts';
import { listenGrpc } from './grpc-listener.ts';
import { listenHttp, type HttpEntry, type Listener } from './http-listener.ts';
import { JaegerApi } from './jaeger/jaeger-api.ts';
import { throttled, type Log } from './log.ts';
import { PageApi } from './page/page-api.ts';
import { RefusalLog, type ReceiverStatus } from './page/receiver-status.ts';
import { StaticPage } from './page/static-page.ts';
import { testTrace } from './page/test-trace.ts';
import { QueryPool } from './query-pool.ts';
import { queryPortListener } from './query-port.ts';
import { JsonTranscoder } from './receivers/json-transcoder.ts';
import { createOtlpGrpcServer } from './receivers/otlp-grpc.ts';
import { otlpHttpListener } from './receivers/otlp-http.ts';
import { OtlpIntake } from './receivers/otlp-intake.ts';
import { replayOtlp } from './receivers/otlp-replay.ts';
import { RequestAborted } from './request-body.ts';
import { createMetrics, type SpoorMetrics } from './spoor-metrics.ts';
import { addStoreMetrics } from './store-metrics.ts';

/** Requests in flight get so long to finish when the program stops. */
const drainMilli = 3_000;

/** Decoded blocks that queries keep. Beyond it they are read again, mostly from the system's file cache. */
const queryCacheBytesMax = 128 * 1024 * 1024;

export interface ServedAddresses {
  readonly addresses: readonly string[];
  readonly otlpGrpcPort: number;
  readonly otlpHttpPort: number;
  readonly jaegerHttpPort: number;
  readonly basePath: string;
}

/** The whole program, serving. */
export interface Program {
  readonly served: ServedAddresses;
  /** Finishes requests in flight, makes what was accepted durable, lets go of the data directory. Takes seconds at most. */
  close(): Promise<void>;
}

/**
 * The composition root: puts store, workers, receivers and APIs together and opens the ports, ports last.
 *
 * @throws {ListenError} when a port cannot be had; {StoreError} `STORE_LOCKED` when another process has the data
 */
export async function startProgram(config: Config, version: string, log: Log): Promise<Program> {
  const metrics = createMetrics();
  const lock = DataDirectoryLock.acquire(config.dataDir);
  const store = await openStore(config, log);
  addStoreMetrics(metrics.registry, store);
  const storeOf = (): Store => store;
  const pool = new QueryPool({
    workerCount: config.queryWorkerCount,
    cacheBytesMax: queryCacheBytesMax,
    onDeath: (error) => log.error('a query worker ended; it will be replaced', { error: error.stack ?? error.message }),
    onDamaged: (segmentId, error) => void store.reportCorruption(segmentId, error),
  });
  const transcoder = new JsonTranscoder();
  const traces = new EmbeddedTraceStore(storeOf, pool, metrics);
  const intake = new OtlpIntake({ storeOf, transcoder, metrics });
  const addresses = listenAddresses(config.host, isContainer(process.env));
  const state = { isReady: true, listeners: [] as Listener[] };
  const close = async (): Promise<void> => {
    state.isReady = false;
    await Promise.all(state.listeners.map((listener) => listener.close(drainMilli)));
    await Promise.all([pool.close(), transcoder.close()]);
    await store.close();
    lock.release();
  };
  try {
    const served = await openPorts({ config, version, log, metrics, intake, traces, addresses, state });
    pool.warm();
    return { served, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function openStore(config: Config, log: Log): Promise<Store> {
  return Store.open({
    dataDirectory: config.dataDir,
    tenant: defaultTenant,
    disk: realDisk,
    replay: replayOtlp,
    logger: log,
    memoryBytesMax: config.memoryBytes,
    retentionAgeMilli: config.retentionAgeMilli,
    retentionBytesMax: config.retentionBytesMax,
  });
}

interface Parts {
  readonly config: Config;
  readonly version: string;
  readonly log: Log;
  readonly metrics: SpoorMetrics;
  readonly intake: OtlpIntake;
  readonly traces: EmbeddedTraceStore;
  readonly addresses: readonly string[];
  readonly state: { isReady: boolean; readonly listeners: Listener[] };
}

async function openPorts({
  config,
  version,
  log,
  metrics,
  intake,
  traces,
  addresses,
  state,
}: Parts): Promise<ServedAddresses> {
  const authorize = authorizeEveryone;
  const rare = throttled(log);
  const refusals = new RefusalLog();
  const onError = (signal: string | undefined, error: unknown): void => {
    logRefusal(rare, signal, error);
    if (!(error instanceof RequestAborted)) refusals.note(signal ?? 'request', publicRefusal(error));
  };
  const http = {
    export: intake.export.bind(intake),
    authorize,
    corsOrigins: config.corsOrigins,
    onError,
  };
  const onQueryError = (path: string, error: unknown): void => logFailure(rare, path, error);
  const jaeger = new JaegerApi({ traces, authorize, onError: onQueryError });
  const listen = async (listening: Promise<Listener>): Promise<number> => {
    const listener = await listening;
    state.listeners.push(listener);
    return listener.port;
  };
  const otlpHttpEntry: HttpEntry = {
    title: 'OTLP over HTTP',
    flag: 'otlp-http-port',
    port: config.otlpHttpPort,
    onRequest: otlpHttpListener(http),
    onContinue: otlpHttpListener(http, true),
  };
  const grpcEntry = { title: 'OTLP over gRPC', flag: 'otlp-grpc-port', port: config.otlpGrpcPort };
  const otlpGrpcPort = await listen(listenGrpc(createOtlpGrpcServer(http), grpcEntry, addresses));
  const otlpHttpPort = await listen(listenHttp(otlpHttpEntry, addresses));
  const pageApi = new PageApi({
    traces,
    authorize,
    onError: onQueryError,
    receivers: () => receiverStatus(version, metrics, refusals, otlpGrpcPort, otlpHttpPort),
    sendTestTrace: (tenant) => sendTestTrace(intake, tenant),
  });
  const jaegerEntry: HttpEntry = {
    title: "Jaeger's API",
    flag: 'jaeger-http-port',
    port: config.jaegerHttpPort,
    onRequest: queryPortListener({
      jaeger,
      pageApi,
      page: new StaticPage(pageDirectory, config.basePath),
      metrics: metrics.registry,
      basePath: config.basePath,
      isReady: () => state.isReady,
      facts: () => ({ version, dataDir: config.dataDir, basePath: config.basePath, otlpGrpcPort, otlpHttpPort }),
    }),
  };
  const jaegerHttpPort = await listen(listenHttp(jaegerEntry, addresses));
  return { addresses, otlpGrpcPort, otlpHttpPort, jaegerHttpPort, basePath: config.basePath };
}

/** Where `scripts/build-page.ts` puts the bundle. */
const pageDirectory = join(import.meta.dirname, '../../ui/dist');

/** What may be shown of a refusal: our own words, nothing of a bug's. */
function publicRefusal(error: unknown): string {
  return (error as Error).name === 'HttpRefusal' ? (error as Error).message : publicMessage(error);
}

function receiverStatus(
  version: string,
  { exportRequests, spansAccepted }: SpoorMetrics,
  refusals: RefusalLog,
  otlpGrpcPort: number,
  otlpHttpPort: number,
): ReceiverStatus {
  const requestsOf = (transport: string): number => exportRequests.sumWhere('transport', transport);
  return {
    version,
    receivers: [
      { protocol: 'OTLP gRPC', port: otlpGrpcPort, requestCount: requestsOf('grpc') },
      { protocol: 'OTLP HTTP', port: otlpHttpPort, requestCount: requestsOf('http') },
    ],
    refusals: refusals.list(),
    spansAccepted: spansAccepted.sumWhere(),
  };
}

/** Through decoder, log and head like anybody's request. */
async function sendTestTrace(intake: OtlpIntake, tenant: string): Promise<TraceId> {
  const trace = testTrace(Date.now());
  const body = encodeTracesProtobuf([trace]);
  await intake.export({ tenant, transport: 'http', signal: 'traces', encoding: 'protobuf', coding: 'identity', received: body, body });
  return trace.traceId;
}

/** A refused request is worth a line now and then: its sender may not look at the answer. */
function logRefusal(log: Log, signal: string | undefined, error: unknown): void {
  if (error instanceof RequestAborted) return;
  const code = codeOf(error);
  if (code === undefined && (error as Error).name === 'HttpRefusal') return;
  if (code === undefined) log.error('a request failed', { signal, error: (error as Error).stack });
  else log.warn('requests are being refused', { signal, code, reason: (error as Error).message });
}

function logFailure(log: Log, path: string, error: unknown): void {
  const code = codeOf(error);
  const fault = error as Error;
  log.error(
    'a query failed',
    code === undefined ? { path, error: fault.stack ?? fault.message } : { path, code, reason: fault.message },
  );
}
