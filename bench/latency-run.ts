import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { benchFlags, benchSeed, isSmoke, numberFlag, ScratchDirectory } from './bench-options.ts';
import { runClient } from './client-process.ts';
import type { ClientJob } from './ingest-client.ts';
import { describeMachine } from './machine.ts';
import { Percentiles } from './percentiles.ts';
import { bytesByExtension, ServerProcess } from './server-process.ts';
import { SpanGenerator } from './span-generator.ts';

export const SPANS_PER_REQUEST = 512;
const COPY_INTERVAL_MILLI = 15_000;
const BUSY_SECONDS = 60;

/** A kind of question, another one each time. */
export interface Question {
  readonly name: string;
  /** Asks it once. @returns milliseconds until the answer counts as there; @throws when it is wrong */
  readonly ask: (server: ServerProcess) => Promise<number>;
}

/**
 * Answers that come over HTTP: the clock stops when the whole body is read.
 * @param urlOf  another address each time
 * @param check  what is wrong with an answer; `undefined` when nothing is
 */
export function httpQuestion<A>(
  name: string,
  urlOf: (server: ServerProcess) => string,
  check: (answer: A) => string | undefined,
): Question {
  const ask = async (server: ServerProcess): Promise<number> => {
    const url = urlOf(server);
    const startMs = performance.now();
    const response = await fetch(url);
    const text = await response.text();
    const milli = performance.now() - startMs;
    const problem = response.ok ? check(JSON.parse(text) as A) : `status ${response.status}: ${text}`;
    if (problem !== undefined) throw new Error(`${name}: ${problem} (${url})`);
    return milli;
  };
  return { name, ask };
}

/** What the stored spans are, for questions about them. */
export interface StoredSpans {
  readonly generator: SpanGenerator;
  readonly copies: number;
}

interface LatencyFigures {
  readonly name: string;
  readonly warmMilli: Summary;
  /** of the server, of all threads, for one warm question: what other work on the machine does not change */
  readonly warmCpuMilli: number;
  readonly coldMilli: Summary | undefined;
  readonly busyMilli: Summary | undefined;
}
type Summary = { readonly p50: number; readonly p99: number; readonly max: number };

/**
 * Stores spans, spread over time, sealed and merged, then asks: warm, cold and busy, as the flags say.
 *
 *     --spans 1_000_000    --runs 300    --cold-runs 5    --ingest-rate 20_000    --source synthetic    --json
 *     --only TEXT    asks those questions only whose names have it
 *     --data-dir DIR    keeps the data there, and asks over what is there already if `SEED` and `--spans` are the same
 *
 * Warm: the same kind of question, another id or value each time, after 20 questions that are not counted.
 * Cold: the first question to a server just started, the data files dropped from the page cache before (GNU `dd`
 * with `nocache`); what a device or hypervisor caches below that is not dropped.
 * Busy: the questions in turn, while fresh spans come in at `--ingest-rate` for a minute, into a copy of the data.
 */
export async function runLatencyBench(
  args: readonly string[],
  questionsOver: (stored: StoredSpans) => readonly Question[],
): Promise<void> {
  const flags = benchFlags(args, ['source', 'runs', 'cold-runs', 'ingest-rate', 'spans', 'data-dir', 'only', 'json']);
  const seed = benchSeed();
  const source = flags.get('source') === 'synthetic' ? ('synthetic' as const) : undefined;
  const runs = numberFlag(flags, 'runs', isSmoke ? 1 : 300);
  const coldRuns = numberFlag(flags, 'cold-runs', isSmoke ? 0 : 5);
  const ingestRate = numberFlag(flags, 'ingest-rate', isSmoke ? 0 : 20_000);
  const generator = new SpanGenerator({ spansPerRequest: SPANS_PER_REQUEST, seed, source });
  const copies = Math.floor(numberFlag(flags, 'spans', isSmoke ? 5000 : 1_000_000) / generator.spansPerCopy);
  const spans = copies * generator.spansPerCopy;
  const machine = describeMachine();
  console.error({ ...machine, seed, source: generator.source, spans, runs });
  const job = {
    protocol: 'http',
    port: 0,
    spansPerRequest: SPANS_PER_REQUEST,
    connections: 4,
    compression: 'none',
  } as const;

  using scratch = new ScratchDirectory();
  const directory = flags.get('data-dir') ?? scratch.path;
  if (!existsSync(join(directory, 'default'))) await load(directory, { ...job, spans, seed, source });
  const questions = questionsOver({ generator, copies }).filter(({ name }) => name.includes(flags.get('only') ?? ''));
  const all: LatencyFigures[] = [];
  let readyMilli: number;
  {
    await using server = await ServerProcess.start(directory);
    readyMilli = server.readyMilli;
    for (const question of questions) {
      const warm = await measureWarm(server, question, runs);
      all.push({ name: question.name, ...warm, coldMilli: undefined, busyMilli: undefined });
      if (!flags.has('json')) console.error(`  ${question.name}: ${warm.warmMilli.p50.toFixed(1)} ms`);
    }
  }
  for (const [i, question] of questions.entries()) {
    if (coldRuns === 0) break;
    all[i] = { ...all[i], coldMilli: summaryOf(await measureCold(directory, question, coldRuns)) };
  }
  let acknowledge: Summary | undefined;
  if (ingestRate > 0) {
    const sent = { ...job, spans: ingestRate * BUSY_SECONDS, rate: ingestRate, seed: seed + 1, source };
    const busy = await measureBusy(directory, questions, sent);
    acknowledge = summaryOf(busy.acknowledge);
    for (const [i, times] of busy.questions.entries()) all[i] = { ...all[i], busyMilli: summaryOf(times) };
  }
  const files = Object.fromEntries(bytesByExtension(directory));
  if (flags.has('json'))
    return console.log(JSON.stringify({ machine, seed, readyMilli, files, acknowledge, figures: all }, undefined, 2));
  console.log(`${spans.toLocaleString('en')} spans, ready after ${readyMilli.toFixed(0)} ms`);
  for (const figures of all) print(figures);
  if (acknowledge !== undefined) {
    console.log(`  while busy, acknowledged in p50 ${milli(acknowledge.p50)}, p99 ${milli(acknowledge.p99)} ms`);
  }
}

async function load(directory: string, job: ClientJob): Promise<void> {
  await using server = await ServerProcess.start(directory);
  await runClient({ ...job, port: server.otlpHttpPort, copyIntervalMilli: COPY_INTERVAL_MILLI });
  if (!isSmoke) await server.settle();
}

/** Asks the page cache to forget the data files. Linux keeps nothing of them then but metadata. */
function dropFromPageCache(directory: string): void {
  for (const file of globSync('**/*', { cwd: directory, withFileTypes: true })) {
    if (!file.isFile()) continue;
    spawnSync('dd', [`if=${join(file.parentPath, file.name)}`, 'iflag=nocache', 'count=0', 'status=none']);
  }
}

async function measureCold(directory: string, question: Question, runs: number): Promise<Percentiles> {
  const times = new Percentiles();
  for (let run = 0; run < runs; run++) {
    dropFromPageCache(directory);
    await using server = await ServerProcess.start(directory);
    times.add(await question.ask(server));
  }
  return times;
}

async function measureWarm(
  server: ServerProcess,
  question: Question,
  runs: number,
): Promise<{ readonly warmMilli: Summary; readonly warmCpuMilli: number }> {
  const times = new Percentiles();
  for (let run = 0; run < Math.min(20, runs); run++) await question.ask(server);
  const cpuBefore = server.cpuSeconds();
  for (let run = 0; run < runs; run++) times.add(await question.ask(server));
  return { warmMilli: summaryOf(times), warmCpuMilli: ((server.cpuSeconds() - cpuBefore) * 1000) / runs };
}

async function measureBusy(
  directory: string,
  questions: readonly Question[],
  job: ClientJob,
): Promise<{ readonly questions: readonly Percentiles[]; readonly acknowledge: Percentiles }> {
  using copy = new ScratchDirectory();
  cpSync(directory, copy.path, { recursive: true });
  await using server = await ServerProcess.start(copy.path);
  const times = questions.map(() => new Percentiles());
  for (const question of questions) await question.ask(server);
  const client = { isSending: true };
  const sending = runClient({ ...job, port: server.otlpHttpPort }).finally(() => (client.isSending = false));
  while (client.isSending) for (const [i, question] of questions.entries()) times[i].add(await question.ask(server));
  return { questions: times, acknowledge: Percentiles.of((await sending).acknowledgeMilli) };
}

function summaryOf(times: Percentiles): Summary {
  return { p50: times.at(0.5), p99: times.at(0.99), max: times.at(1) };
}

function milli(value: number): string {
  return value.toFixed(value < 10 ? 2 : 0).padStart(6);
}

function print({ name, warmMilli: warm, warmCpuMilli: cpu, coldMilli: cold, busyMilli: busy }: LatencyFigures): void {
  const coldText = cold === undefined ? '' : `   cold p50 ${milli(cold.p50)}, max ${milli(cold.max)}`;
  const busyText = busy === undefined ? '' : `   busy p50 ${milli(busy.p50)}, p99 ${milli(busy.p99)}`;
  const warmText = `warm p50 ${milli(warm.p50)}, p99 ${milli(warm.p99)}, CPU ${milli(cpu)}`;
  console.log(`  ${name.padEnd(40)} ${warmText}${coldText}${busyText}   ms`);
}
