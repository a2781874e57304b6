import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { ListeningMessage, PeersMessage } from './demo-service.ts';

/** In the order of the chain. */
export const serviceNames = Object.freeze([
  'frontend',
  'api-gateway',
  'auth-service',
  'user-service',
  'database',
] as const);
export type ServiceName = (typeof serviceNames)[number];

const startMilliMax = 30_000;

/** The demo's services, each a process of its own. */
export class ServiceProcesses {
  readonly #children: ReadonlyMap<ServiceName, ChildProcess>;
  readonly #bases: Readonly<Record<string, string>>;

  private constructor(children: ReadonlyMap<ServiceName, ChildProcess>, bases: Readonly<Record<string, string>>) {
    this.#children = children;
    this.#bases = bases;
  }

  /**
   * Starts all of them at once and tells each where the others listen.
   *
   * @param onDeath  told when one ends that was not asked to
   * @throws when one does not come up
   */
  static async start(endpoint: string, logs: boolean, onDeath: (name: ServiceName) => void): Promise<ServiceProcesses> {
    const children = new Map(serviceNames.map((name) => [name, startService(name, endpoint, logs)] as const));
    try {
      const ports = await Promise.all(Array.from(children, ([name, child]) => portOf(name, child)));
      const bases = Object.fromEntries(serviceNames.map((name, i) => [name, `http://127.0.0.1:${ports[i]}`]));
      for (const [name, child] of children) {
        child.send({ peers: bases } satisfies PeersMessage);
        child.once('exit', () => onDeath(name));
      }
      return new ServiceProcesses(children, bases);
    } catch (error) {
      for (const child of children.values()) child.kill('SIGKILL');
      throw error;
    }
  }

  baseOf(name: ServiceName): string {
    return this.#bases[name];
  }

  /** Each sends its last spans and ends. */
  async stop(): Promise<void> {
    await Promise.all(
      Array.from(this.#children.values(), async (child) => {
        child.removeAllListeners('exit');
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = once(child, 'exit');
        child.kill('SIGTERM');
        await gone;
      }),
    );
  }
}

function startService(name: ServiceName, endpoint: string, logs: boolean): ChildProcess {
  const extension = import.meta.url.slice(-3);
  const path = fileURLToPath(new URL(`./services/${name}${extension}`, import.meta.url));
  return fork(path, {
    execArgv: ['--conditions=source'],
    env: { ...process.env, DEMO_ENDPOINT: endpoint, DEMO_LOGS: logs ? '1' : '0' },
  });
}

function portOf(name: ServiceName, child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name} did not start in time`)), startMilliMax);
    child.once('message', (message) => {
      clearTimeout(timer);
      child.removeAllListeners('exit');
      resolve((message as ListeningMessage).port);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`${name} ended at its start: ${signal ?? `code ${code}`}`));
    });
  });
}
