/**
 * `npm run bench -- ingest`: how many spans a CPU-second of the server takes in, all in: accepting, WAL, sealing and
 * merging, until it is quiet again. Client and server are processes of their own; every span has fresh ids and
 * distinct values; an answer means durable.
 *
 * A server that has been up for a while is measured: before, it takes in and seals spans until its code, that of its seals
 * included, is compiled and its memory has been used once.
 *
 *     --spans 3_000_000     --spans-per-request 47|512    --protocol http|grpc|all   --connections 8
 *     --rate 50_000         paces the client (spans a second); without it, as fast as answers come
 *     --compression gzip    --source synthetic            --columns (bytes a span of each column)    --json
 */
import { realDisk, openSegment, segmentSizes } from '@spoor/store';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { benchFlags, benchSeed, isSmoke, numberFlag, ScratchDirectory } from './bench-options.ts';
import { runClient } from './client-process.ts';
import type { ClientJob, ClientResult } from './ingest-client.ts';
import { describeMachine, probeFdatasync } from './machine.ts';
import { Percentiles } from './percentiles.ts';
import { bytesByExtension, ServerProcess } from './server-process.ts';

/** Two generations (300 k spans each) and a little: a seal is at its usual speed from the third on. */
const warmUpSpans = 640_000;
const warmUpSealedSpans = 600_000;

interface IngestFigures {
  readonly protocol: string;
  readonly spansPerRequest: number;
  readonly connections: number;
  readonly compression: string;
  readonly pace: string;
  readonly source: string;
  readonly spans: number;
  /** taken in and sealed before, and not counted */
  readonly warmUpSpans: number;
  readonly wireBytesPerSpan: number;
  readonly spansPerSecond: number;
  /** server CPU, from the first request until it was quiet again */
  readonly cpuSeconds: number;
  readonly spansPerCpuSecond: number;
  /** the same, from the first request to the last answer */
  readonly spansPerCpuSecondAccepting: number;
  readonly acknowledgeMilli: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly fdatasyncMilli: { readonly p50: number; readonly p99: number };
  readonly lateRequests: number;
  readonly peakResidentMiB: number;
  /** of spans in segments, all columns, dictionaries and indexes included */
  readonly segmentBytesPerSpan: number;
  /** wall time of the seal worker, which writes nothing else meanwhile */
  readonly sealSeconds: number;
  readonly mergeSeconds: number;
  /** too few to be worth a segment yet; they are in the WAL */
  readonly unsealedSpans: number;
  readonly filesBytes: Readonly<Record<string, number>>;
  /** stored bytes a span, by what they hold, largest first */
  readonly columnBytesPerSpan: readonly (readonly [name: string, bytes: number])[];
  readonly shutdownMilli: number;
}

async function measure(job: ClientJob): Promise<IngestFigures> {
  using scratch = new ScratchDirectory();
  const fdatasync = probeFdatasync(scratch.path, isSmoke ? 5 : 500);
  await using server = await ServerProcess.start(scratch.path);
  const port = job.protocol === 'http' ? server.otlpHttpPort : server.otlpGrpcPort;
  if (!isSmoke) await warmUp(server, { ...job, port });
  const before = await server.metrics();
  const cpuBefore = server.cpuSeconds();
  const result = await runClient({ ...job, port });
  const cpuAccepted = server.cpuSeconds() - cpuBefore;
  if (!isSmoke) await server.settle();
  const cpuSeconds = server.cpuSeconds() - cpuBefore;
  const peakResidentMiB = server.peakResidentBytes() / 2 ** 20;
  const metrics = await server.metrics();
  const metric = (name: string): number => metrics.get(name) ?? Number.NaN;
  const since = (name: string): number => metric(name) - (before.get(name) ?? 0);
  const shutdownMilli = await server.stop();
  const columnBytesPerSpan = await bytesPerSpanByColumn(scratch.path);
  return {
    ...describeJob(job, result),
    spansPerSecond: result.spans / (result.elapsedMilli / 1000),
    cpuSeconds,
    spansPerCpuSecond: result.spans / cpuSeconds,
    spansPerCpuSecondAccepting: result.spans / cpuAccepted,
    fdatasyncMilli: { p50: fdatasync.at(0.5), p99: fdatasync.at(0.99) },
    peakResidentMiB,
    segmentBytesPerSpan: metric('spoor_segment_bytes') / metric('spoor_segment_spans'),
    sealSeconds: since('spoor_seal_seconds_sum'),
    mergeSeconds: since('spoor_merge_seconds_sum'),
    unsealedSpans: metric('spoor_head_spans'),
    filesBytes: Object.fromEntries(bytesByExtension(scratch.path)),
    columnBytesPerSpan,
    shutdownMilli,
  };
}

/** Sends as fast as answers come, and waits until the seals are done. */
async function warmUp(server: ServerProcess, job: ClientJob): Promise<void> {
  await runClient({ ...job, seed: job.seed + 1, spans: warmUpSpans, rate: undefined });
  for (let waited = 0; waited < 120; waited++) {
    if (((await server.metrics()).get('spoor_sealed_spans_total') ?? 0) >= warmUpSealedSpans) return;
    await sleep(1000);
  }
  throw new Error('the spans of the warm-up were not sealed in two minutes');
}

async function bytesPerSpanByColumn(directory: string): Promise<readonly (readonly [string, number])[]> {
  const sizes = new Map<string, number>();
  let rowCount = 0;
  for (const path of globSync('**/*.segment', { cwd: directory })) {
    const reader = await openSegment(realDisk, join(directory, path));
    rowCount += reader.rowCount;
    for (const [name, bytes] of segmentSizes(reader)) sizes.set(name, (sizes.get(name) ?? 0) + bytes);
    await reader.close();
  }
  return [...sizes].toSorted(([, a], [, b]) => b - a).map(([name, bytes]) => [name, bytes / rowCount]);
}

function describeJob(job: ClientJob, result: ClientResult) {
  const times = Percentiles.of(result.acknowledgeMilli);
  return {
    protocol: job.protocol,
    spansPerRequest: job.spansPerRequest,
    connections: job.connections,
    compression: job.compression,
    pace: job.rate === undefined ? 'closed loop' : `${job.rate} spans/s`,
    source: result.source,
    spans: result.spans,
    warmUpSpans: isSmoke ? 0 : warmUpSpans,
    wireBytesPerSpan: result.wireBytes / result.spans,
    acknowledgeMilli: { p50: times.at(0.5), p99: times.at(0.99), max: times.at(1) },
    lateRequests: result.lateRequests,
  };
}

function print(figures: IngestFigures): void {
  const { acknowledgeMilli: acknowledge, fdatasyncMilli: fdatasync } = figures;
  const per = (count: number): string => Math.round(count).toLocaleString('en');
  console.log(
    `\n${figures.protocol}, ${figures.spansPerRequest} spans/request, ${figures.connections} connections, ` +
      `compression ${figures.compression}, ${figures.pace}`,
  );
  console.log(
    `  ${per(figures.spans)} spans of ${figures.wireBytesPerSpan.toFixed(0)} B (${figures.source}), after ${per(figures.warmUpSpans)} that are not counted`,
  );
  console.log(`  spans per CPU-second, all in     ${per(figures.spansPerCpuSecond)}`);
  console.log(`  spans per CPU-second, accepting  ${per(figures.spansPerCpuSecondAccepting)}`);
  console.log(`  spans per second                 ${per(figures.spansPerSecond)}`);
  console.log(
    `  acknowledged in                  p50 ${acknowledge.p50.toFixed(1)}, p99 ${acknowledge.p99.toFixed(1)}, ` +
      `max ${acknowledge.max.toFixed(1)} ms; ${figures.lateRequests} requests began late`,
  );
  console.log(`  the device's own fdatasync       p50 ${fdatasync.p50.toFixed(2)}, p99 ${fdatasync.p99.toFixed(2)} ms`);
  console.log(`  peak resident memory             ${per(figures.peakResidentMiB)} MiB`);
  const files = Object.entries(figures.filesBytes).map(([name, bytes]) => `${name} ${per(bytes)}`);
  console.log(
    `  bytes per span in segments       ${figures.segmentBytesPerSpan.toFixed(1)}   (files: ${files.join(', ')})`,
  );
  console.log(
    `  sealing and merging took         ${figures.sealSeconds.toFixed(1)} + ${figures.mergeSeconds.toFixed(1)} s; ` +
      `${per(figures.unsealedSpans)} spans not sealed yet`,
  );
  console.log(`  shutdown                         ${per(figures.shutdownMilli)} ms`);
}

function jobsOf(flags: ReadonlyMap<string, string>, seed: number): readonly ClientJob[] {
  const protocols = (['http', 'grpc'] as const).filter((name) =>
    ['all', undefined, name].includes(flags.get('protocol')),
  );
  const sizes = flags.has('spans-per-request') ? [numberFlag(flags, 'spans-per-request', 512)] : [512, 47];
  return protocols.flatMap((protocol) =>
    sizes.map((spansPerRequest) => ({
      protocol,
      port: 0,
      spansPerRequest,
      connections: numberFlag(flags, 'connections', 8),
      compression: flags.get('compression') === 'gzip' ? 'gzip' : 'none',
      spans: numberFlag(flags, 'spans', isSmoke ? 2000 : 3_000_000),
      rate: flags.has('rate') ? numberFlag(flags, 'rate', 50_000) : undefined,
      seed,
      source: flags.get('source') === 'synthetic' ? 'synthetic' : undefined,
    })),
  );
}

const flags = benchFlags(process.argv.slice(2), [
  'protocol',
  'spans-per-request',
  'connections',
  'compression',
  'spans',
  'rate',
  'source',
  'json',
  'columns',
]);
const seed = benchSeed();
const machine = describeMachine();
console.error({ ...machine, seed });
const all: IngestFigures[] = [];
for (const job of jobsOf(flags, seed)) {
  const figures = await measure(job);
  all.push(figures);
  if (flags.has('json')) continue;
  print(figures);
  if (!flags.has('columns')) continue;
  for (const [name, bytes] of figures.columnBytesPerSpan.filter(([, size]) => size >= 0.05))
    console.log(`    ${name.padEnd(56)} ${bytes.toFixed(3)}`);
}
if (flags.has('json')) console.log(JSON.stringify({ machine, seed, figures: all }, undefined, 2));
