import type { RequestListener } from 'node:http';
import { codeOf, limits } from '@spoor/model';
import { DataDirectoryLock, realDisk, Store } from '@spoor/store';
import { adminListener } from './admin-http.ts';
import { ArchivedTraceStore } from './archived-trace-store.ts';
import { authorizeEveryone, defaultTenant } from './authorize.ts';
import { isContainer, listenAddresses } from './bind-policy.ts';
import { ByteBudget } from './byte-budget.ts';
import type { Config } from './config.ts';
import { ForeignPage } from './foreign-page.ts';
import { listenGrpc } from './grpc-listener.ts';
import type { UnaryBytes } from './grpc-unary.ts';
import { listenHttp, type Listener, type ListenerName } from './http-listener.ts';
import { JaegerApi } from './jaeger/jaeger-api.ts';
import { createJaegerQueryServer, createRemoteStorageServer } from './jaeger/jaeger-grpc-servers.ts';
import type { JaegerQueryGrpcOptions } from './jaeger/query-grpc.ts';
import { OtlpTransformer } from './jaeger/otlp-transformer.ts';
import { throttled, type Log } from './log.ts';
import { ArrivalWatch } from './notices/arrival-watch.ts';
import { ClockNotices } from './notices/clock-notices.ts';
import { SilentServices } from './notices/silent-services.ts';
import { openPort, type OpenPorts } from './open-port.ts';
import { reasonOf, RefusalLog } from './page/receiver-status.ts';
import { servePage, type OtlpRefusals } from './page/serve-page.ts';
import type { UploadIntakeOptions } from './page/upload-intake.ts';
import { portEntries, type PortName } from './port-entry.ts';
import { PrometheusApi } from './prometheus/prometheus-api.ts';
import { QueryPool } from './query-pool.ts';
import { queryPortListener } from './query-port.ts';
import { JsonTranscoder } from './receivers/json-transcoder.ts';
import { createOtlpGrpcServer, exportMethods } from './receivers/otlp-grpc.ts';
import { otlpHttpListener, type OtlpHttpOptions } from './receivers/otlp-http.ts';
import { OtlpIntake } from './receivers/otlp-intake.ts';
import { IntakeLedger } from './receivers/intake-ledger.ts';
import { spanWriterMethods } from './receivers/jaeger-span-writer.ts';
import { openReceivers, type ReceiverPorts, type ReceiversOptions } from './receivers/open-receivers.ts';
import { replayRequest, replayThrough } from './receivers/replay.ts';
import { tagResources } from './receivers/resource-tags.ts';
import { Sampling } from './sampling/sampling.ts';
import { SpanMetricsFeed } from './span-metrics/span-metrics-feed.ts';
import { spanIntake, type TakeSpans } from './receivers/span-intake.ts';
import { RequestAborted } from './request-body.ts';
import { createMetrics, type SpoorMetrics } from './spoor-metrics.ts';
import { addStoreMetrics } from './store-metrics.ts';
import { TraceArchive } from './trace-archive.ts';
import { ReloadedUiConfig } from './ui-config.ts';
import { addUdpDropMetrics } from './udp-drops.ts';
import { serveTempo } from './tempo/serve-tempo.ts';
import type { TempoOptions } from './tempo/tempo-api.ts';
import type { OnMistake } from './wrong-protocol.ts';
import { ZipkinApi } from './zipkin/zipkin-api.ts';

/** Requests in flight get so long to finish when the program stops. */
const drainMilli = 3_000;

/** Documents that are uploaded to be shown: one of the largest that is allowed, compressed and not. */
const uploadBytesMax = 2 * limits.requestBytesMax;

export interface ServedAddresses {
  readonly addresses: readonly string[];
  readonly ports: OpenPorts;
  readonly basePath: string;
  /** of Jaeger's and Zipkin's clients: those that are open */
  readonly receivers: ReceiverPorts;
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
  const { store, lock } = await openStore(config, log);
  addStoreMetrics(metrics.registry, store);
  const storeOf = (): Store => store;
  const pool = new QueryPool({
    workerCount: config.queryWorkerCount,
    cacheBytesMax: config.queryCacheBytes,
    onDeath: (error) => log.error('a query worker ended; it will be replaced', { error: error.stack ?? error.message }),
    onDamaged: (segmentId, error) => {
      store.reportCorruption(segmentId, error).catch((fault: Error) => {
        log.error('a damaged segment could not be set aside', { segmentId, error: fault.message });
      });
    },
  });
  const feed = openFeed(config, store, metrics, log);
  const transcoder = new JsonTranscoder();
  const transformer = new OtlpTransformer();
  const archive = new TraceArchive({ dataDir: config.dataDir, replay: replayRequest, log, metrics });
  const traces = new ArchivedTraceStore(storeOf, pool, metrics, archive);
  const wrap = tagResources(config.resourceTags);
  const intake = new OtlpIntake({ storeOf, transcoder, metrics, wrap });
  const take = spanIntake(storeOf, wrap);
  const addresses = listenAddresses(config.host, isContainer(process.env));
  const state = { isReady: false, listeners: [] as Listener[], adminListeners: [] as Listener[] };
  let sampling: Sampling | undefined;
  let notices: Notices | undefined;
  const close = async (): Promise<void> => {
    state.isReady = false;
    await drain(state.listeners, log);
    await Promise.all(state.adminListeners.map((listener) => listener.close(0)));
    notices?.watch.close();
    await sampling?.close();
    await Promise.all([pool.close(), transcoder.close(), transformer.close(), feed?.close()]);
    await Promise.all([store.close(), archive.close()]);
    lock.release();
  };
  try {
    await archive.ready();
    const refusals = { grpc: new RefusalLog(), http: new RefusalLog() };
    const ledger = new IntakeLedger(metrics, log);
    sampling = await openSampling(config, traces, log);
    notices = openNotices(store, sampling, metrics, log);
    const parts = {
      config,
      version,
      log,
      metrics,
      intake,
      take,
      traces,
      archive,
      transformer,
      addresses,
      refusals,
      ledger,
      state,
      sampling,
      ...notices,
    };
    const served = await openPorts(parts);
    state.isReady = true;
    pool.warm();
    void traces.warm(defaultTenant, config.queryWorkerCount);
    return { served, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function openFeed(
  { spanMetrics }: Config,
  store: Store,
  { registry }: SpoorMetrics,
  log: Log,
): SpanMetricsFeed | undefined {
  if (spanMetrics === 'off') return undefined;
  return new SpanMetricsFeed({ store, registry, log, isAlways: spanMetrics === 'on' });
}

function openSampling(config: Config, traces: ArchivedTraceStore, log: Log): Promise<Sampling> {
  return Sampling.open({ config: config.sampling, dataDir: config.dataDir, tenant: defaultTenant, traces, log });
}

async function openStore(config: Config, log: Log): Promise<{ store: Store; lock: DataDirectoryLock }> {
  const lock = DataDirectoryLock.acquire(config.dataDir);
  try {
    const store = await Store.open({
      dataDirectory: config.dataDir,
      tenant: defaultTenant,
      disk: realDisk,
      replay: replayThrough(tagResources(config.resourceTags)),
      logger: log,
      memoryBytesMax: config.memoryBytes,
      retentionAgeMilli: config.retentionAgeMilli,
      retentionBytesMax: config.retentionBytesMax,
    });
    return { store, lock };
  } catch (error) {
    lock.release();
    throw error;
  }
}

interface Notices {
  readonly watch: ArrivalWatch;
  readonly clockNotices: ClockNotices;
  /** also what answers clients what to sample */
  readonly silentServices: SilentServices;
}

function openNotices(store: Store, sampling: Sampling, { registry }: SpoorMetrics, log: Log): Notices {
  const clockNotices = new ClockNotices(registry, log);
  const silentServices = new SilentServices(sampling, registry);
  return { clockNotices, silentServices, watch: new ArrivalWatch(store, [clockNotices, silentServices]) };
}

interface Parts extends Notices {
  readonly config: Config;
  readonly version: string;
  readonly log: Log;
  readonly metrics: SpoorMetrics;
  readonly intake: OtlpIntake;
  readonly take: TakeSpans;
  readonly traces: ArchivedTraceStore;
  readonly archive: TraceArchive;
  readonly transformer: OtlpTransformer;
  readonly sampling: Sampling;
  readonly addresses: readonly string[];
  readonly refusals: OtlpRefusals;
  readonly ledger: IntakeLedger;
  /** the admin ports outlive the others, and tell who asks that the program is stopping */
  readonly state: { isReady: boolean; readonly listeners: Listener[]; readonly adminListeners: Listener[] };
}

async function openPorts(parts: Parts): Promise<ServedAddresses> {
  const { config, addresses, state, log, metrics } = parts;
  const onListener = (listener: Listener): void => void state.listeners.push(listener);
  const bodyBytes = new ByteBudget(limits.requestsBytesMax);
  const help = 'Memory of request bodies in flight.';
  metrics.registry.observed('gauge', 'spoor_request_body_bytes', help, () => bodyBytes.takenBytes);
  // One for both transports: a store that refuses does so whatever the way in.
  const rare = throttled(log);
  const receiving = receiverOptions(parts, 'http', bodyBytes, rare);
  const receivingGrpc = receiverOptions(parts, 'grpc', bodyBytes, rare);
  const grpc = createOtlpGrpcServer(receivingGrpc);
  const ports: Partial<Record<PortName, number>> = {};
  const open = async (name: PortName, listen: ListenAt): Promise<void> => {
    const entry = { ...portEntries.find((one) => one.name === name)!, isNeeded: neededPorts.includes(name) };
    const keep = isAdmin(name) ? (one: Listener) => void state.adminListeners.push(one) : onListener;
    const port = await openPort({ addresses, log, onListener: keep }, entry, config.ports[name], listen);
    if (port !== undefined) ports[name] = port;
  };
  const onAdmin = adminListener({ metrics: metrics.registry, isReady: () => state.isReady });
  for (const name of adminPorts) {
    // Jaeger moves both by one flag, so the first may have been told to be where the second is by default.
    const { port, isAskedFor } = config.ports[name];
    if (port !== ports.admin || isAskedFor) {
      await open(name, (entry, where) => listenHttp({ ...entry, onRequest: onAdmin }, where));
    }
  }
  const noted = (transport: 'grpc' | 'http', entry: ListenerName): ListenerName => ({
    ...entry,
    onMistake: otlpMistakes(parts, transport, rare),
  });
  await open('otlp-grpc', (entry, where) => listenGrpc(grpc, noted('grpc', entry), where));
  await open('otlp-http', (entry, where) => {
    const onContinue = otlpHttpListener(receiving, true);
    return listenHttp({ ...noted('http', entry), onRequest: otlpHttpListener(receiving), onContinue }, where);
  });
  const receivers = await openReceivers(foreignOptions(parts, receiving), onListener);
  addUdpDropMetrics(metrics.registry, receivers);
  const onMistake = queryMistakes(rare, 'jaeger-http');
  const onQuery = queryListener(parts, ports, receivers, onMistake);
  await open('jaeger-http', (entry, where) => listenHttp({ ...entry, onRequest: onQuery, onMistake }, where));
  const jaeger = jaegerGrpcOptions(parts);
  await open('jaeger-query-grpc', (entry, where) =>
    listenGrpc(
      createJaegerQueryServer(jaeger),
      { ...entry, onMistake: queryMistakes(rare, 'jaeger-query-grpc') },
      where,
    ),
  );
  await open('remote-storage', (entry, where) =>
    listenGrpc(createRemoteStorageServer(jaeger, storageWriters(parts, receivingGrpc)), entry, where),
  );
  const tempo = serveTempo(tempoOptions(parts), prometheusApi(parts));
  await open('tempo-http', (entry, where) => tempo.listenHttp(entry, where));
  await open('tempo-grpc', (entry, where) => tempo.listenGrpc(entry, where));
  return { addresses, ports, basePath: config.basePath, receivers };
}

type ListenAt = (entry: ListenerName, addresses: readonly string[]) => Promise<Listener>;

/** Without these the program is of no use to most; the others are done without where nobody asked for them. */
const neededPorts: readonly PortName[] = ['otlp-grpc', 'otlp-http', 'jaeger-http'];

/** A convenience that nobody's traces depend on: where they cannot be had, the program starts all the same. */
const adminPorts = ['admin', 'query-admin'] as const;

async function drain(listeners: readonly Listener[], log: Log): Promise<void> {
  const afterMilli = drainMilli;
  const cutOff = setTimeout(() => log.warn('requests that still run are cut off', { afterMilli }), drainMilli);
  await Promise.all(listeners.map((listener) => listener.close(drainMilli)));
  clearTimeout(cutOff);
}

function isAdmin(name: PortName): boolean {
  return (adminPorts as readonly PortName[]).includes(name);
}

function receiverOptions(parts: Parts, transport: 'grpc' | 'http', bodyBytes: ByteBudget, rare: Log): OtlpHttpOptions {
  const { config, intake, metrics, refusals } = parts;
  return {
    export: intake.export.bind(intake),
    authorize: authorizeEveryone,
    corsOrigins: config.corsOrigins,
    bodyBytes,
    onError: (signal, error) => {
      metrics.exportRequests.add(1, transport, signal ?? 'unknown', reasonOf(error));
      logRefusal(rare, signal, error);
      if (!(error instanceof RequestAborted)) refusals[transport].note(error);
    },
  };
}

function otlpMistakes({ metrics, refusals }: Parts, transport: 'grpc' | 'http', rare: Log): OnMistake {
  return ({ error, firstBytes, sender }) => {
    metrics.exportRequests.add(1, transport, 'unknown', error.reason);
    refusals[transport].note(error, firstBytes, sender);
    const code = `otlp-${transport} ${error.reason}`;
    rare.warn('spans are being refused', { code, reason: error.message, sender });
  };
}

/** Spans that are sent to where people look for them are the most likely of all to be missed. */
function queryMistakes(rare: Log, port: PortName): OnMistake {
  return ({ error, sender }) => {
    rare.warn('a client is at the wrong port', { code: `${port} ${error.reason}`, reason: error.message, sender });
  };
}

function foreignOptions(
  { config, log, take, traces, addresses, ledger, silentServices: strategies }: Parts,
  { bodyBytes, authorize, corsOrigins }: OtlpHttpOptions,
): ReceiversOptions {
  const rare = throttled(log);
  const onError = (path: string, error: unknown): void => logFailure(rare, path, error);
  const sampling = { strategies, authorize, onError };
  const zipkinApi = new ZipkinApi({ traces, authorize, onError });
  const { receivers } = config;
  return { receivers, addresses, take, authorize, bodyBytes, corsOrigins, ledger, sampling, zipkinApi, log };
}

/** How a Jaeger in front writes: version 2 by OTLP, version 1 span by span. */
function storageWriters(
  { take, ledger, archive }: Parts,
  receiving: OtlpHttpOptions,
): Readonly<Record<string, UnaryBytes>> {
  const receiver = { ...receiving, take, ledger: ledger.receiver('remote-storage') };
  return { ...exportMethods(receiving, ['traces']), ...spanWriterMethods(receiver, archive.take.bind(archive)) };
}

function jaegerGrpcOptions({ traces, archive, log }: Parts): JaegerQueryGrpcOptions {
  const rare = throttled(log);
  return {
    traces,
    authorize: authorizeEveryone,
    onError: (path, error) => logFailure(rare, path, error),
    archiveTrace: (tenant, id, signal) => archive.keep(traces, tenant, id, signal),
  };
}

function queryListener(
  parts: Parts,
  ports: OpenPorts,
  receivers: ReceiverPorts,
  onMistake: OnMistake,
): RequestListener {
  const { config, version, log, metrics, traces, archive, transformer, state } = parts;
  const rare = throttled(log);
  const onError = (path: string, error: unknown): void => logFailure(rare, path, error);
  const archiveTrace: UploadIntakeOptions['archiveTrace'] = (tenant, id, signal) =>
    archive.keep(traces, tenant, id, signal);
  const jaeger = new JaegerApi({
    traces,
    authorize: authorizeEveryone,
    onError,
    archiveTrace,
    transformer,
    bodyBytes: new ByteBudget(uploadBytesMax),
  });
  const { basePath, dataDir } = config;
  const page = servePage({
    ...parts,
    basePath,
    ports,
    receivers,
    archiveTrace,
    retentionAgeMilli: config.retentionAgeMilli,
    onError,
  });
  return queryPortListener({
    jaeger,
    prometheus: prometheusApi(parts),
    ...page,
    foreignPage: foreignPage(parts, onError),
    metrics: metrics.registry,
    samplingStatus: () => parts.sampling.status(),
    authorize: authorizeEveryone,
    basePath,
    isReady: () => state.isReady,
    onMistake,
    facts: { version, dataDir, basePath, ports },
  });
}

function prometheusApi({ traces, log }: Parts): PrometheusApi {
  const rare = throttled(log);
  const onError = (path: string, error: unknown): void => logFailure(rare, path, error);
  return new PrometheusApi({ traces, authorize: authorizeEveryone, onError });
}

function tempoOptions({ config, version, log, metrics, traces, state }: Parts): TempoOptions {
  const rare = throttled(log);
  return {
    traces,
    authorize: authorizeEveryone,
    onError: (path, error) => logFailure(rare, path, error),
    bodyBytes: new ByteBudget(uploadBytesMax),
    apiPrefix: config.tempoApiPrefix,
    metrics: metrics.registry,
    isReady: () => state.isReady,
    facts: { version, config },
  };
}

/** @throws {ConfigError} when what the options name is not there */
function foreignPage(
  { config, version, log }: Parts,
  onError: (path: string, error: unknown) => void,
): ForeignPage | undefined {
  const { staticFiles, uiConfig, basePath } = config;
  if (staticFiles === undefined) {
    if (uiConfig !== undefined) log.warn('--query.ui-config has no effect without --query.static-files');
    return undefined;
  }
  const onConfigError = (error: Error): void => log.error(`the former UI configuration stays: ${error.message}`);
  const reloaded = uiConfig === undefined ? undefined : new ReloadedUiConfig(uiConfig, onConfigError);
  return new ForeignPage({ directory: staticFiles, basePath, version, uiConfig: reloaded, onError });
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
