import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const startMilliMax = 60_000;

/** A Spoor that runs for the demo alone, on its usual ports or those its environment variables say. */
export class SpoorProcess {
  readonly dataDir: string;
  readonly #child: ChildProcess;
  readonly #isTemporary: boolean;

  private constructor(child: ChildProcess, dataDir: string, isTemporary: boolean) {
    this.#child = child;
    this.dataDir = dataDir;
    this.#isTemporary = isTemporary;
  }

  /** @throws when it does not come up; it has then said why on standard error */
  static async start(dataDir: string | undefined, page: string): Promise<SpoorProcess> {
    const directory = dataDir ?? mkdtempSync(join(tmpdir(), 'spoor-demo-'));
    const main = fileURLToPath(new URL(`../../server/src/main.ts`, import.meta.url));
    // A group of its own: Ctrl-C in the terminal must not end it before the services have sent their last spans.
    const child = spawn(process.execPath, ['--conditions=source', main, '--data-dir', directory], {
      stdio: ['ignore', 'ignore', 'inherit'],
      detached: true,
    });
    process.once('exit', () => child.kill());
    const started = new SpoorProcess(child, directory, dataDir === undefined);
    const deadline = Date.now() + startMilliMax;
    while (!(await answers(`${page}/ready`))) {
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
        await started.stop();
        throw new Error('Spoor did not start');
      }
      await sleep(20);
    }
    return started;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await gone;
    }
    if (this.#isTemporary) rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** Whether somebody listens at the address of a URL. */
export function isListening(url: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url);
  return new Promise((resolve) => {
    const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: number, timeout: 1000 });
    const finish = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
    socket.once('timeout', () => finish(false));
  });
}

/** Whether a URL answers with success. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
