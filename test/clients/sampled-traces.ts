import { equal, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSpoor, type RunningSpoor } from '../e2e/start-spoor.ts';
import { askJaeger, eventually } from '../e2e/jaeger-client.ts';

/** A quarter of the traces of `quarter` and `fourth`, 5 a second of `limited`, none of all others. */
const strategies = `
default_strategy: {type: probabilistic, param: 0}
service_strategies:
- {service: quarter, type: probabilistic, param: 0.25}
- {service: fourth, type: probabilistic, param: 0.25}
- {service: limited, type: ratelimiting, param: 5}
`;

/** A Spoor that tells clients what to sample. `stop` also removes the strategies' file. */
export async function startSampling(): Promise<RunningSpoor> {
  const directory = mkdtempSync(join(tmpdir(), 'spoor-strategies-'));
  const file = join(directory, 'strategies.yaml');
  writeFileSync(file, strategies);
  const spoor = await startSpoor({ args: ['--sampling.strategies-file', file] });
  return {
    ...spoor,
    stop: async (signal) => {
      rmSync(directory, { recursive: true });
      return spoor.stop(signal);
    },
  };
}

/**
 * Checks a client that began a thousand traces `sampled` of the service `quarter`, or `fourth`: it obeyed, which chance explains to
 * six standard deviations, and what it sampled is stored, neither less nor more.
 */
export async function checkQuarter(jaeger: string, output: string, service = 'quarter'): Promise<void> {
  const sampled = Number(/sampled=(\d+)/.exec(output)?.[1]);
  ok(Math.abs(sampled - 250) < 6 * Math.sqrt(1000 * 0.25 * 0.75), output);
  const parameters = { service, operation: 'sampled', limit: '1' };
  const stored = await eventually('all sampled traces', async () => {
    const { total } = await askJaeger(jaeger, '/api/traces', parameters);
    return total >= sampled ? total : undefined;
  });
  equal(stored, sampled);
}

/**
 * Checks a client that began a thousand traces of `limited` within a moment: of these it may keep a second's worth,
 * and what comes in while it counts.
 */
export function checkLimited(output: string): void {
  const sampled = Number(/sampled=(\d+)/.exec(output)?.[1]);
  ok(sampled <= 20, output);
}
