import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { portEntries, receiverEntries, type OpenPorts, type ReceiverPorts } from 'spoor';

const mainPath = fileURLToPath(new URL('../../packages/server/src/main.ts', import.meta.url));

export interface StartOptions {
  /** a fresh temporary directory when absent, removed when the test's process ends */
  readonly dataDir?: string;
  /** more options for the command line; they win over those for ports and log */
  readonly args?: readonly string[];
  /** the whole command line, in place of free ports of 127.0.0.1 and a directory; its log has to be JSON */
  readonly onlyArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** options for node itself */
  readonly execArgv?: readonly string[];
}

/** The real program as a child process, on free ports of 127.0.0.1. */
export interface RunningSpoor {
  readonly process: ChildProcess;
  readonly dataDir: string;
  /** `127.0.0.1:port` */
  readonly otlpGrpc: string;
  /** `http://127.0.0.1:port` */
  readonly otlpHttp: string;
  /** `http://127.0.0.1:port`, with the base path */
  readonly jaeger: string;
  /** all other ports */
  readonly ports: OpenPorts;
  /** ports of Jaeger's and Zipkin's clients */
  readonly receivers: ReceiverPorts;
  /** its log so far, one object a line */
  readonly log: readonly LogLine[];
  /** Sends SIGTERM (or what is given) and waits for the end. Gives the exit code, or the signal that ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** The line that says where the program listens. */
interface ReadyLine extends LogLine {
  readonly ports: OpenPorts;
  readonly basePath: string;
  readonly receivers: ReceiverPorts;
}

interface Started {
  readonly child: ChildProcess;
  readonly ownDir: string | undefined;
}

/** One listener for them all: Node warns of a leak at the eleventh. */
const started: Started[] = [];

function cleanUp(): void {
  for (const { child, ownDir } of started) {
    child.kill('SIGKILL');
    if (ownDir !== undefined) rmSync(ownDir, { recursive: true, force: true });
  }
}

/** @throws when the program ends before it is ready; the message has what it wrote */
export async function startSpoor(options: StartOptions = {}): Promise<RunningSpoor> {
  const ownDir = options.dataDir === undefined ? await mkdtemp(join(tmpdir(), 'spoor-e2e-')) : undefined;
  const dataDir = options.dataDir ?? ownDir!;
  const own = ['--host', '127.0.0.1', '--data-dir', dataDir, '--log-format', 'json'];
  const ports = [...portEntries, ...receiverEntries].flatMap(({ flag }) => [`--${flag}`, '0']);
  const args = options.onlyArgs ?? [...own, ...ports, ...(options.args ?? [])];
  const child = spawn(process.execPath, [...(options.execArgv ?? []), '--conditions=source', mainPath, ...args], {
    stdio: ['ignore', 'inherit', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  // A test that fails before it stops the program must leave neither it nor its data behind.
  if (started.length === 0) process.once('exit', cleanUp);
  started.push({ child, ownDir });
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal!)),
  );
  const log: LogLine[] = [];
  const ready = await readyLine(child, log, ended);
  // Nor may it hold the process of the test, which would never end then.
  child.unref();
  (child.stderr as Socket).unref();
  const host = '127.0.0.1';
  return {
    process: child,
    dataDir,
    otlpGrpc: `${host}:${ready.ports['otlp-grpc']}`,
    otlpHttp: `http://${host}:${ready.ports['otlp-http']}`,
    jaeger: `http://${host}:${ready.ports['jaeger-http']}${ready.basePath}`,
    ports: ready.ports,
    receivers: ready.receivers,
    log,
    stop: (signal = 'SIGTERM') => {
      child.ref();
      child.kill(signal);
      return ended;
    },
  };
}

function readyLine(child: ChildProcess, log: LogLine[], ended: Promise<number | NodeJS.Signals>): Promise<ReadyLine> {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stderr! }).on('line', (text) => {
      const line = parseLine(text);
      log.push(line);
      if (line.message === 'ready') resolve(line as ReadyLine);
    });
    void ended.then((result) => {
      reject(
        new Error(`spoor ended with ${result} before it was ready: ${log.map(({ message }) => message).join('; ')}`),
      );
    });
  });
}

/** What is not a log line (a crash of node itself) is kept as one. */
function parseLine(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { level: 'raw', message: text };
  }
}
