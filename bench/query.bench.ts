/**
 * `npm run bench -- query`: how long answers take over Jaeger's HTTP API, warm and cold, with a million spans or more
 * stored, spread over time, sealed and merged. Nothing gives a time range unless it says so.
 *
 *     --spans 1_000_000    --runs 300    --cold-runs 5    --ingest-rate 20_000    --source synthetic    --json
 *     --data-dir DIR    keeps the data there, and asks over what is there already if `SEED` and `--spans` are the same
 *
 * Warm: the same kind of question, another id or value each time, after 20 questions that are not counted.
 * Cold: the first question to a server just started, the data files dropped from the page cache before (GNU `dd`
 * with `nocache`); what a device or hypervisor caches below that is not dropped.
 * Busy: the questions in turn, while fresh spans come in at `--ingest-rate` for a minute, into a copy of the data.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { benchFlags, benchSeed, isSmoke, numberFlag, ScratchDirectory } from './bench-options.ts';
import { runClient } from './client-process.ts';
import type { ClientJob } from './ingest-client.ts';
import { describeMachine } from './machine.ts';
import { Percentiles } from './percentiles.ts';
import { bytesByExtension, ServerProcess } from './server-process.ts';
import { SpanGenerator } from './span-generator.ts';

const SPANS_PER_REQUEST = 512;
const COPY_INTERVAL_MILLI = 15_000;
const BUSY_SECONDS = 60;

/** A kind of question. `path` makes another one each time; `check` says what is wrong with an answer. */
interface Question {
  readonly name: string;
  readonly path: () => string;
  readonly check: (answer: JaegerAnswer) => string | undefined;
}

interface JaegerAnswer {
  readonly data: readonly unknown[] | null;
  readonly total: number;
}

interface QueryFigures {
  readonly name: string;
  readonly runs: number;
  readonly warmMilli: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly coldMilli: { readonly p50: number; readonly max: number } | undefined;
  readonly busyMilli: { readonly p50: number; readonly p99: number; readonly max: number } | undefined;
}

const hasData = (answer: JaegerAnswer): string | undefined =>
  (answer.data?.length ?? 0) > 0 ? undefined : 'found nothing';
const hasNone = (answer: JaegerAnswer): string | undefined =>
  (answer.data?.length ?? 0) === 0 ? undefined : `found ${answer.data?.length} traces`;
const search = (parameters: Readonly<Record<string, string>>): string =>
  `/api/traces?${String(new URLSearchParams({ limit: '20', ...parameters }))}`;

function questionsOver(generator: SpanGenerator, copies: number): readonly Question[] {
  const below = (count: number): number => Math.floor(Math.random() * count);
  const someSpan = () =>
    generator.knownSpan(below(copies), below(generator.requestsPerCopy - 1), below(SPANS_PER_REQUEST));
  const someUnique = () => {
    for (;;) {
      const { unique } = someSpan();
      if (unique?.key === 'guid:x-request-id') return unique.value;
    }
  };
  const byRequestId = (value: string): string => search({ tags: JSON.stringify({ 'guid:x-request-id': value }) });
  const absentId = (): string => `00000000-0000-4000-8000-${String(below(1e12)).padStart(12, '0')}`;
  const failed = { service: 'frontend', minDuration: '1ms', tags: '{"error":"true"}' };
  const lastHour = () => ({ start: String((Date.now() - 3_600_000) * 1000), end: String(Date.now() * 1000) });
  return [
    { name: 'trace by id', path: () => `/api/traces/${someSpan().traceId}`, check: hasData },
    { name: 'rare value (one span has it)', path: () => byRequestId(someUnique()), check: hasData },
    { name: 'absent value', path: () => byRequestId(absentId()), check: hasNone },
    { name: 'service, duration and error', path: () => search(failed), check: hasData },
    { name: 'the same, within the last hour', path: () => search({ ...failed, ...lastHour() }), check: hasData },
    { name: 'newest of a service', path: () => search({ service: 'frontend' }), check: hasData },
    { name: 'number comparison', path: () => search({ tags: '{"http.status_code":">=400"}' }), check: hasData },
    { name: 'services', path: () => '/api/services', check: hasData },
    { name: 'operations of a service', path: () => '/api/operations?service=frontend', check: hasData },
    {
      name: 'dependencies, one hour',
      path: () => `/api/dependencies?endTs=${Date.now()}&lookback=3600000`,
      check: hasData,
    },
  ];
}

/** @returns milliseconds until the whole answer was read */
async function ask(server: ServerProcess, question: Question): Promise<number> {
  const url = `http://127.0.0.1:${server.jaegerPort}${question.path()}`;
  const startMs = performance.now();
  const response = await fetch(url);
  const text = await response.text();
  const milli = performance.now() - startMs;
  const problem = response.ok ? question.check(JSON.parse(text) as JaegerAnswer) : `status ${response.status}: ${text}`;
  if (problem !== undefined) throw new Error(`${question.name}: ${problem} (${url})`);
  return milli;
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
    times.add(await ask(server, question));
  }
  return times;
}

async function measureWarm(server: ServerProcess, question: Question, runs: number): Promise<Percentiles> {
  const times = new Percentiles();
  for (let run = 0; run < Math.min(20, runs); run++) await ask(server, question);
  for (let run = 0; run < runs; run++) times.add(await ask(server, question));
  return times;
}

/** @returns by question */
async function measureBusy(directory: string, questions: readonly Question[], job: ClientJob): Promise<Percentiles[]> {
  using copy = new ScratchDirectory();
  cpSync(directory, copy.path, { recursive: true });
  await using server = await ServerProcess.start(copy.path);
  const times = questions.map(() => new Percentiles());
  for (const question of questions) await ask(server, question);
  const client = { isSending: true };
  const sending = runClient({ ...job, port: server.otlpHttpPort }).finally(() => (client.isSending = false));
  while (client.isSending) for (const [i, question] of questions.entries()) times[i].add(await ask(server, question));
  await sending;
  return times;
}

function figuresOf(times: Percentiles): { p50: number; p99: number; max: number } {
  return { p50: times.at(0.5), p99: times.at(0.99), max: times.at(1) };
}

function print({ name, warmMilli: warm, coldMilli: cold, busyMilli: busy }: QueryFigures): void {
  const milli = (value: number): string => value.toFixed(value < 10 ? 2 : 0).padStart(6);
  const coldText = cold === undefined ? '' : `   cold p50 ${milli(cold.p50)}, max ${milli(cold.max)}`;
  const busyText = busy === undefined ? '' : `   busy p50 ${milli(busy.p50)}, p99 ${milli(busy.p99)}`;
  console.log(`  ${name.padEnd(32)} warm p50 ${milli(warm.p50)}, p99 ${milli(warm.p99)}${coldText}${busyText}   ms`);
}

async function load(directory: string, job: ClientJob): Promise<void> {
  await using server = await ServerProcess.start(directory);
  await runClient({ ...job, port: server.otlpHttpPort, copyIntervalMilli: COPY_INTERVAL_MILLI });
  if (!isSmoke) await server.settle();
}

async function main(): Promise<void> {
  const flags = benchFlags(process.argv.slice(2));
  const seed = benchSeed();
  const source = flags.get('source') === 'synthetic' ? ('synthetic' as const) : undefined;
  const runs = numberFlag(flags, 'runs', isSmoke ? 1 : 300);
  const coldRuns = numberFlag(flags, 'cold-runs', isSmoke ? 0 : 5);
  const ingestRate = numberFlag(flags, 'ingest-rate', isSmoke ? 0 : 20_000);
  const generator = new SpanGenerator({ spansPerRequest: SPANS_PER_REQUEST, seed, source });
  const copies = Math.floor(numberFlag(flags, 'spans', isSmoke ? 5000 : 1_000_000) / generator.spansPerCopy);
  const spans = copies * generator.spansPerCopy;
  const machine = describeMachine();
  console.error({ ...machine, seed, source: generator.source, spans });
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
  const questions = questionsOver(generator, copies);
  const all: QueryFigures[] = [];
  let readyMilli: number;
  {
    await using server = await ServerProcess.start(directory);
    readyMilli = server.readyMilli;
    for (const question of questions) {
      const warmMilli = figuresOf(await measureWarm(server, question, runs));
      all.push({ name: question.name, runs, warmMilli, coldMilli: undefined, busyMilli: undefined });
    }
  }
  for (const [i, question] of questions.entries()) {
    if (coldRuns === 0) break;
    all[i] = { ...all[i], coldMilli: figuresOf(await measureCold(directory, question, coldRuns)) };
  }
  if (ingestRate > 0) {
    const sent = { ...job, spans: ingestRate * BUSY_SECONDS, rate: ingestRate, seed: seed + 1, source };
    const busy = await measureBusy(directory, questions, sent);
    for (const [i, times] of busy.entries()) all[i] = { ...all[i], busyMilli: figuresOf(times) };
  }
  const files = Object.fromEntries(bytesByExtension(directory));
  if (flags.has('json'))
    return console.log(JSON.stringify({ machine, seed, readyMilli, files, figures: all }, undefined, 2));
  console.log(`${spans.toLocaleString('en')} spans, ready after ${readyMilli.toFixed(0)} ms`);
  for (const figures of all) print(figures);
}

await main();
