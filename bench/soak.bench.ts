/**
 * `npm run bench -- soak`: a mixed load of all protocols at once, and whether anything that was acknowledged is lost and
 * memory stays flat. Each protocol sends an equal share of `--rate` in bodies of 100 spans.
 *
 * Resident memory is shown by the minute: its mean and its peak, which merges make; and at the end, when nothing has come
 * for `--quiet-seconds` and everything is sealed.
 *
 *     --minutes 5    --rate 14_000 (spans a second, of all together)    --quiet-seconds 90    --json
 *
 * At the end: every acknowledged span must be stored; of the datagrams, which nothing acknowledges, every one that the
 * kernel delivered; one trace in each hundred bodies is fetched by its id. Then the server is killed (SIGKILL), started
 * again, and counted once more. Exits with 1 when anything is missing.
 */
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Span } from '@spoor/model';
import { benchFlags, benchSeed, isSmoke, numberFlag, ScratchDirectory } from './bench-options.ts';
import { type ClientProtocol, clientBodies, clientProtocols } from './foreign-bodies.ts';
import { isUdp, senderOf, spansPerBodyOf } from './foreign-senders.ts';
import { describeMachine } from './machine.ts';
import { ServerProcess } from './server-process.ts';
import { SpanGenerator } from './span-generator.ts';

const spansPerBody = 100;
const sampleEvery = 100;
const SAMPLE_MILLI = isSmoke ? 200 : 1_000;

/** What one client sent and was told. */
interface Sent {
  readonly protocol: ClientProtocol;
  bodies: number;
  spans: number;
  refusedBodies: number;
  firstRefusal: string | undefined;
  /** a span of one body in each hundred */
  readonly samples: Span[];
}

async function sendFor(
  server: ServerProcess,
  protocol: ClientProtocol,
  { rate, untilMs, seed }: { rate: number; untilMs: number; seed: number },
): Promise<Sent> {
  const generator = new SpanGenerator({ spansPerRequest: 512, seed, source: isSmoke ? 'synthetic' : undefined });
  const send = senderOf(protocol, server);
  const sent: Sent = { protocol, bodies: 0, spans: 0, refusedBodies: 0, firstRefusal: undefined, samples: [] };
  const startMs = performance.now();
  for (const { body, spans } of clientBodies(protocol, generator, spansPerBodyOf(protocol, spansPerBody))) {
    const dueMs = startMs + (sent.spans / rate) * 1000;
    if (dueMs > untilMs || performance.now() > untilMs) break;
    await sleep(Math.max(1, dueMs - performance.now()));
    try {
      await send(body);
      if (sent.bodies % sampleEvery === 0) sent.samples.push(spans[0]);
      sent.bodies++;
      sent.spans += spans.length;
    } catch (error) {
      sent.firstRefusal ??= String(error);
      sent.refusedBodies++;
    }
  }
  return sent;
}

/** Resident memory every so often, MiB. */
async function watchMemory(server: ServerProcess, untilMs: number): Promise<readonly number[]> {
  const samples: number[] = [];
  while (performance.now() < untilMs) {
    await sleep(SAMPLE_MILLI);
    samples.push(server.residentBytes() / 2 ** 20);
  }
  return samples;
}

async function storedSpanCount(server: ServerProcess): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${server.jaegerPort}/api/spoor/overview`);
  return ((await response.json()) as { spanCount: number }).spanCount;
}

async function kernelDrops(server: ServerProcess): Promise<number> {
  let drops = 0;
  for (const [name, value] of await server.metrics()) {
    if (name.startsWith('spoor_receiver_kernel_drops_total')) drops += value;
  }
  return drops;
}

async function isStored(server: ServerProcess, { traceId, spanId }: Span): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${server.jaegerPort}/api/traces/${traceId}`);
  if (!response.ok) return false;
  const { data } = (await response.json()) as { data: readonly { spans: readonly { spanID: string }[] }[] };
  return data.some(({ spans }) => spans.some(({ spanID }) => spanID === spanId));
}

async function missingSamples(server: ServerProcess, all: readonly Sent[]): Promise<number> {
  let missing = 0;
  for (const { protocol, samples } of all) {
    for (const sample of samples) {
      // A datagram may have been dropped by the kernel, which is counted on its own.
      if (!isUdp(protocol) && !(await isStored(server, sample))) missing++;
    }
  }
  return missing;
}

function byMinute(samples: readonly number[], ofMinute: (samples: readonly number[]) => number): readonly number[] {
  const perMinute = 60_000 / SAMPLE_MILLI;
  const minutes = Math.ceil(samples.length / perMinute);
  const each = Array.from({ length: minutes }, (_, i) => samples.slice(i * perMinute, (i + 1) * perMinute));
  return each.map((minute) => Math.round(ofMinute(minute)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

const flags = benchFlags(process.argv.slice(2), ['minutes', 'rate', 'quiet-seconds', 'json']);
const seed = benchSeed();
const minutes = numberFlag(flags, 'minutes', isSmoke ? 0.05 : 5);
const rate = numberFlag(flags, 'rate', isSmoke ? 2_000 : 14_000);
const quietSeconds = numberFlag(flags, 'quiet-seconds', isSmoke ? 0 : 90);
const machine = describeMachine();
console.error({ ...machine, seed, minutes, rate, quietSeconds });

using scratch = new ScratchDirectory();
const untilMs = performance.now() + minutes * 60_000;
let sent: readonly Sent[];
let memory: readonly number[];
let quietMiB: number;
let drops: number;
let stored: number;
let missing: number;
{
  await using server = await ServerProcess.start(scratch.path);
  const watching = watchMemory(server, untilMs);
  const share = rate / clientProtocols.length;
  sent = await Promise.all(
    clientProtocols.map((protocol, i) => sendFor(server, protocol, { rate: share, untilMs, seed: seed + i })),
  );
  memory = await watching;
  // Before anything is asked for: what queries keep has a limit of its own.
  await sleep(1000 + quietSeconds * 1000);
  quietMiB = server.residentBytes() / 2 ** 20;
  drops = await kernelDrops(server);
  stored = await storedSpanCount(server);
  missing = await missingSamples(server, sent);
  await server.stop('SIGKILL');
}
await using again = await ServerProcess.start(scratch.path);
const storedAgain = await storedSpanCount(again);

const acknowledged = sent.filter(({ protocol }) => !isUdp(protocol)).reduce((sum, { spans }) => sum + spans, 0);
const datagrams = sent.filter(({ protocol }) => isUdp(protocol));
const datagramSpans = datagrams.reduce((sum, { spans }) => sum + spans, 0);
const lostAtMost = drops * spansPerBody;
const report = {
  acknowledgedSpans: acknowledged,
  datagramSpans,
  datagramsDroppedByKernel: drops,
  refusedBodies: sent.reduce((sum, { refusedBodies }) => sum + refusedBodies, 0),
  storedSpans: stored,
  storedSpansAfterKill: storedAgain,
  samplesFetched: sent.reduce((sum, { samples }) => sum + samples.length, 0),
  samplesMissing: missing,
  residentMiB: {
    meanByMinute: byMinute(memory, mean),
    peakByMinute: byMinute(memory, (samples) => Math.max(...samples)),
    whenQuiet: Math.round(quietMiB),
  },
};
console.log(flags.has('json') ? JSON.stringify({ machine, seed, report }, undefined, 2) : report);
for (const { protocol, spans, bodies, refusedBodies, firstRefusal } of sent) {
  const refused = refusedBodies === 0 ? '' : `, ${refusedBodies} refused (${firstRefusal})`;
  console.log(`  ${protocol.padEnd(20)} ${spans} spans, ${bodies} bodies${refused}`);
}
const isWhole =
  missing === 0 && stored <= acknowledged + datagramSpans && stored >= acknowledged + datagramSpans - lostAtMost;
if (!isWhole || storedAgain !== stored) {
  console.error('spans are missing');
  process.exitCode = 1;
}
