import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

export type ReceiverName = (typeof receiverNames)[number];
const receiverNames = ['jaeger-compact', 'jaeger-binary', 'jaeger-thrift-http', 'jaeger-grpc', 'zipkin'] as const;

const READY_MILLI_MAX = 60_000;
/** Whoever reads `/metrics`, as a benchmark does, sets the program counting spans for it; most have no scraper. */
const quiet = ['--host', '127.0.0.1', '--span-metrics', 'off'];
/** Linux reports CPU time in hundredths of a second to user space, whatever the kernel's own tick is. */
const TICKS_PER_SECOND = 100;

/** The real server, in a process of its own, as `npm start` runs it, on free ports. */
export class ServerProcess implements AsyncDisposable {
  readonly otlpHttpPort: number;
  readonly otlpGrpcPort: number;
  readonly jaegerPort: number;
  readonly tempoPort: number;
  /** of Jaeger's and Zipkin's clients, by the receiver's name */
  readonly receiverPorts: Readonly<Record<ReceiverName, number>>;
  /** from the process's start to its first answer to `/ready` */
  readonly readyMilli: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, ports: readonly number[], readyMilli: number) {
    this.#child = child;
    [this.otlpHttpPort, this.otlpGrpcPort, this.jaegerPort, this.tempoPort] = ports;
    const receivers = receiverNames.map((name, i) => [name, ports[4 + i]] as const);
    this.receiverPorts = Object.fromEntries(receivers) as Record<ReceiverName, number>;
    this.readyMilli = readyMilli;
  }

  static async start(dataDirectory: string, more: readonly string[] = []): Promise<ServerProcess> {
    const named = ['otlp-http', 'otlp-grpc', 'jaeger-http', 'tempo-http', ...receiverNames];
    const ports = await freePorts(named.length);
    const main = join(import.meta.dirname, '../packages/server/src/main.ts');
    const flags = named.flatMap((name, i) => [`--${name}-port`, `${ports[i]}`]);
    const startMs = performance.now();
    const child = spawn(
      process.execPath,
      ['--conditions=source', main, '--data-dir', dataDirectory, ...flags, ...quiet, ...more],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const log: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (text: string) => log.push(text));
    while (!(await isReady(ports[2]))) {
      if (child.exitCode !== null || performance.now() - startMs > READY_MILLI_MAX) {
        child.kill('SIGKILL');
        throw new Error(`the server did not become ready:\n${log.join('')}`);
      }
      await sleep(5);
    }
    return new ServerProcess(child, ports, performance.now() - startMs);
  }

  /** Seconds of CPU time, user and system, of all threads since the start. */
  cpuSeconds(): number {
    // Fields follow the name, which stands in parentheses and may hold spaces: utime is the 14th, stime the 15th.
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  /** The most memory that was resident at any moment. */
  peakResidentBytes(): number {
    return this.#statusBytes('VmHWM');
  }

  residentBytes(): number {
    return this.#statusBytes('VmRSS');
  }

  #statusBytes(name: string): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) * 1024;
  }

  /** Samples of the server's `/metrics`, by name with labels as it prints them. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    const text = await (await fetch(`http://127.0.0.1:${this.jaegerPort}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
    );
  }

  /**
   * Waits until background work is done: the process used less than 3 % of a core for `quietSeconds` on end.
   * Sealing begins up to 25 s after the last span, so less than that would not do.
   */
  async settle(quietSeconds = 30, patienceSeconds = 600): Promise<void> {
    let quiet = 0;
    let before = this.cpuSeconds();
    for (let waited = 0; waited < patienceSeconds && quiet < quietSeconds; waited++) {
      await sleep(1000);
      const now = this.cpuSeconds();
      quiet = now - before < 0.03 ? quiet + 1 : 0;
      before = now;
    }
  }

  /** @returns milliseconds until the process was gone */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return 0;
    const startMs = performance.now();
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill(signal);
    await gone;
    return performance.now() - startMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Sum of the sizes of all files below a directory, by the file names' last extension. */
export function bytesByExtension(directory: string): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const extension = /\.[^.]+$/.exec(entry.name)?.[0] ?? entry.name;
    const { size } = statSync(join(entry.parentPath, entry.name));
    sizes.set(extension, (sizes.get(extension) ?? 0) + size);
  }
  return sizes;
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/ready`)).ok;
  } catch {
    // Nobody listens yet.
    return false;
  }
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer();
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
