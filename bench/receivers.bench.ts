/**
 * `npm run bench -- receivers`: how many spans of each of Jaeger's and Zipkin's protocols a CPU-second of the server takes
 * in, all in: accepting, WAL, sealing and merging, until it is quiet again. The spans are the generator's, written as a
 * client of that protocol would; all bodies are made before the clock starts. The server's code is warm.
 *
 *     --spans 1_000_000    --spans-per-body 100    --protocol zipkin-json    --connections 8    --udp-rate 50_000    --json
 *
 * Datagrams are not answered: they are sent at `--udp-rate` spans a second, and what the server stored is what counts.
 */
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { benchFlags, benchSeed, isSmoke, numberFlag, ScratchDirectory } from './bench-options.ts';
import { clientBodies, type ForeignProtocol, foreignProtocols } from './foreign-bodies.ts';
import { isUdp, senderOf, spansPerBodyOf } from './foreign-senders.ts';
import { describeMachine } from './machine.ts';
import type { Send } from './senders.ts';
import { ServerProcess } from './server-process.ts';
import { SpanGenerator } from './span-generator.ts';

interface ReceiverFigures {
  readonly protocol: ForeignProtocol;
  readonly spansPerBody: number;
  readonly wireBytesPerSpan: number;
  readonly sentSpans: number;
  readonly storedSpans: number;
  readonly spansPerSecond: number;
  readonly spansPerCpuSecond: number;
  readonly spansPerCpuSecondAccepting: number;
}

interface Load {
  readonly protocol: ForeignProtocol;
  readonly spansPerBody: number;
  readonly connections: number;
  readonly udpSpansPerSecond: number;
}

async function sendAll(server: ServerProcess, load: Load, bodies: readonly Uint8Array[]): Promise<void> {
  const waiting = bodies.values();
  if (isUdp(load.protocol)) return sendPaced(senderOf(load.protocol, server), load, waiting);
  const connection = async (): Promise<void> => {
    const send = senderOf(load.protocol, server);
    for (const body of waiting) await send(body);
  };
  await Promise.all(Array.from({ length: load.connections }, connection));
}

async function sendPaced(send: Send, load: Load, bodies: Iterable<Uint8Array>): Promise<void> {
  const startMs = performance.now();
  let sent = 0;
  for (const body of bodies) {
    const dueMs = startMs + (sent / load.udpSpansPerSecond) * 1000;
    const waitMilli = dueMs - performance.now();
    if (waitMilli > 0) await sleep(waitMilli);
    await send(body);
    sent += load.spansPerBody;
  }
}

async function storedSpans(server: ServerProcess): Promise<number> {
  let sum = 0;
  for (const [name, value] of await server.metrics()) if (name.startsWith('spoor_spans_accepted_total')) sum += value;
  return sum;
}

async function measure(load: Load, spans: number, warmUpSpans: number, seed: number): Promise<ReceiverFigures> {
  using scratch = new ScratchDirectory();
  const generator = new SpanGenerator({ spansPerRequest: 512, seed, source: isSmoke ? 'synthetic' : undefined });
  const making = clientBodies(load.protocol, generator, load.spansPerBody);
  const take = (count: number): Uint8Array[] => {
    const bodies: Uint8Array[] = [];
    while (bodies.length * load.spansPerBody < count) bodies.push((making.next().value as { body: Uint8Array }).body);
    return bodies;
  };
  const warmUp = take(warmUpSpans);
  const bodies = take(spans);
  await using server = await ServerProcess.start(scratch.path);
  await sendAll(server, load, warmUp);
  if (!isSmoke) await server.settle();
  const before = await storedSpans(server);
  const cpuBefore = server.cpuSeconds();
  const startMs = performance.now();
  await sendAll(server, load, bodies);
  if (isUdp(load.protocol)) await sleep(500);
  const seconds = (performance.now() - startMs) / 1000;
  const cpuAccepted = server.cpuSeconds() - cpuBefore;
  if (!isSmoke) await server.settle();
  const cpuSeconds = server.cpuSeconds() - cpuBefore;
  const stored = (await storedSpans(server)) - before;
  return {
    protocol: load.protocol,
    spansPerBody: load.spansPerBody,
    wireBytesPerSpan: bodies.reduce((sum, body) => sum + body.length, 0) / (bodies.length * load.spansPerBody),
    sentSpans: bodies.length * load.spansPerBody,
    storedSpans: stored,
    spansPerSecond: stored / seconds,
    spansPerCpuSecond: stored / cpuSeconds,
    spansPerCpuSecondAccepting: stored / cpuAccepted,
  };
}

function print(figures: ReceiverFigures): void {
  const round = (value: number): string => Math.round(value).toLocaleString('en').padStart(9);
  console.log(
    `  ${figures.protocol.padEnd(20)} ${figures.wireBytesPerSpan.toFixed(0).padStart(5)} B/span` +
      `   all in ${round(figures.spansPerCpuSecond)}   accepting ${round(figures.spansPerCpuSecondAccepting)}` +
      `   a second ${round(figures.spansPerSecond)}   stored ${round(figures.storedSpans)} of ${round(figures.sentSpans)}`,
  );
}

const flags = benchFlags(process.argv.slice(2), [
  'protocol',
  'spans-per-body',
  'spans',
  'connections',
  'udp-rate',
  'json',
]);
const seed = benchSeed();
const machine = describeMachine();
const spansPerBody = numberFlag(flags, 'spans-per-body', 100);
const spans = numberFlag(flags, 'spans', isSmoke ? 500 : 1_000_000);
console.error({ ...machine, seed, spansPerBody, spans });
const all: ReceiverFigures[] = [];
for (const protocol of foreignProtocols.filter((name) => ['all', undefined, name].includes(flags.get('protocol')))) {
  const load: Load = {
    protocol,
    spansPerBody: spansPerBodyOf(protocol, spansPerBody),
    connections: numberFlag(flags, 'connections', 8),
    udpSpansPerSecond: numberFlag(flags, 'udp-rate', 50_000),
  };
  const figures = await measure(load, spans, isSmoke ? 0 : 640_000, seed);
  all.push(figures);
  if (!flags.has('json')) print(figures);
}
if (flags.has('json')) console.log(JSON.stringify({ machine, seed, figures: all }, undefined, 2));
