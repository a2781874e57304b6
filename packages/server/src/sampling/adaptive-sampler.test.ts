import { deepEqual, equal, ok } from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { milliFromUnixNano } from '@spoor/model';
import type { RootThroughput, TimeRange } from '@spoor/query';
import { openLog } from '../log.ts';
import { AdaptiveLoop } from './adaptive-loop.ts';
import { meanProbability, nextProbability, weightedMean } from './adaptive-maths.ts';
import type { AdaptiveParameters } from './adaptive-parameters.ts';
import { AdaptiveSampler } from './adaptive-sampler.ts';
import { parseAdaptiveState, readAdaptiveState, writeAdaptiveState } from './adaptive-state.ts';

const parameters: AdaptiveParameters = {
  targetPerSecond: 1,
  tolerance: 0.3,
  bucketCount: 1,
  intervalMilli: 60_000,
  delayMilli: 15_000,
  initialProbability: 0.001,
  minProbability: 1e-5,
  lowerBoundPerSecond: 1 / 60,
};
const minute = 60_000;
const directory = mkdtempSync(join(tmpdir(), 'spoor-adaptive-'));
after(() => rmSync(directory, { recursive: true, force: true }));

test('nextProbability: down at once, up by doubling, left alone near the target, within its bounds', () => {
  const next = (current: number, rate: number): number => nextProbability(current, rate, parameters);
  equal(next(0.5, 100), 0.01);
  equal(next(0.01, 10), 0.02);
  equal(next(0.01, 60), 1 / 60);
  equal(next(0.01, 120), 0.01, 'a fifth above the target');
  equal(next(0.01, 75), 0.01, 'a quarter below');
  equal(next(0.01, 0), 0.02);
  equal(next(0.8, 0), 1);
  equal(next(1, 0.1), 1);
  equal(next(1, 1e9), 1e-5);
});

test('weightedMean: weights are fourth powers', () => {
  equal(weightedMean([]), 0);
  equal(weightedMean([3]), 3);
  equal(weightedMean([17, 0]), 1);
});

test('meanProbability: clients take up an answer over the minute after it', () => {
  const history = [
    { fromMilli: 0, probability: 0.1 },
    { fromMilli: 10 * minute, probability: 0.5 },
  ];
  const mean = (from: number, to: number): number => meanProbability(history, from * minute, to * minute);
  const near = (value: number, expected: number): void => ok(Math.abs(value - expected) < 1e-12, `${value}`);
  near(mean(5, 6), 0.1);
  near(mean(11, 12), 0.5);
  near(mean(10, 11), 0.3);
  near(mean(9, 11), 0.2);
  near(mean(10.5, 10.5), 0.3);
  near(meanProbability(history.slice(0, 1), -100, 5), 0.1);
});

/** Clients that poll each minute, each at its own second, and send what they sample: no tags, or Jaeger's. */
class Clients {
  readonly #sampler: AdaptiveSampler;
  readonly #probabilities: number[];
  readonly #service: string;
  readonly #operation: string;
  readonly #clock: { milli: number };
  readonly isTagged: boolean;
  #credit = 0;

  constructor(sampler: AdaptiveSampler, clock: { milli: number }, isTagged: boolean, name = 'GET') {
    this.#sampler = sampler;
    this.#clock = clock;
    this.#service = `shop-${name}-${isTagged}`;
    this.#operation = name;
    this.isTagged = isTagged;
    this.#probabilities = Array.from({ length: 60 }, () => this.#ask());
  }

  #ask(): number {
    const { operations } = this.#sampler.strategyFor(this.#service);
    const own = operations!.list.find(({ operation }) => operation === this.#operation);
    return own?.samplingRate ?? operations!.defaultProbability;
  }

  /** One second of requests, spread evenly over the clients, with no randomness: sampled parts add up to whole spans. */
  second(requestsPerSecond: number): RootThroughput {
    const turn = Math.floor(this.#clock.milli / 1000) % 60;
    this.#probabilities[turn] = this.#ask();
    let spanCount = 0;
    let knownCount = 0;
    for (const probability of this.#probabilities) {
      this.#credit += (requestsPerSecond / 60) * probability;
      const whole = Math.floor(this.#credit);
      this.#credit -= whole;
      spanCount += whole;
      knownCount += whole / probability;
    }
    const base = { service: this.#service, name: this.#operation, spanCount };
    return this.isTagged
      ? { ...base, knownCount, unknownSpanCount: 0 }
      : { ...base, knownCount: 0, unknownSpanCount: spanCount };
  }
}

/** The store of the simulation: spans by second. */
class Arrivals {
  readonly #bySecond = new Map<number, RootThroughput[]>();

  add(milli: number, throughput: RootThroughput): void {
    const second = Math.floor(milli / 1000);
    if (throughput.spanCount > 0) this.#bySecond.set(second, [...(this.#bySecond.get(second) ?? []), throughput]);
  }

  async rootThroughput(_tenant: string, { start, end }: TimeRange): Promise<readonly RootThroughput[]> {
    const sums = new Map<string, RootThroughput>();
    const last = milliFromUnixNano(end!) / 1000;
    for (let second = Math.ceil(milliFromUnixNano(start!) / 1000); second <= last; second++) {
      for (const one of this.#bySecond.get(second) ?? []) {
        const sum = sums.get(one.service);
        sums.set(one.service, {
          ...one,
          spanCount: one.spanCount + (sum?.spanCount ?? 0),
          knownCount: one.knownCount + (sum?.knownCount ?? 0),
          unknownSpanCount: one.unknownSpanCount + (sum?.unknownSpanCount ?? 0),
        });
      }
    }
    return [...sums.values()];
  }
}

for (const isTagged of [true, false]) {
  test(`AdaptiveSampler: reaches and keeps the target under a changing load, ${isTagged ? 'with' : 'without'} tags`, async () => {
    const clock = { milli: 1_800_000_000_000 };
    const now = (): number => clock.milli;
    const sampler = new AdaptiveSampler(parameters, now);
    const arrivals = new Arrivals();
    const log = openLog('text', (line) => {
      throw new Error(line);
    });
    const statePath = join(directory, `run-${isTagged}.json`);
    const loop = await AdaptiveLoop.open({ sampler, parameters, traces: arrivals, tenant: 't', statePath, log, now });
    const clients = new Clients(sampler, clock, isTagged);
    /** Sampled spans a second in each of `minutes` minutes. */
    const run = async (requestsPerSecond: number, minutes: number): Promise<number[]> => {
      const rates: number[] = [];
      for (let m = 0; m < minutes; m++) {
        let spans = 0;
        for (let s = 0; s < 60; s++) {
          const throughput = clients.second(requestsPerSecond);
          arrivals.add(clock.milli, throughput);
          spans += throughput.spanCount;
          clock.milli += 1000;
        }
        await loop.tick();
        rates.push(spans / 60);
      }
      return rates;
    };
    const settled = (rates: readonly number[], of: number): void => {
      for (const rate of rates) ok(Math.abs(rate - of) <= 0.35, `${rates.map((one) => one.toFixed(2)).join(' ')}`);
    };
    settled((await run(500, 12)).slice(4), 1);
    const peak = await run(20_000, 12);
    ok(peak[0] > 10, 'the flood comes through at first');
    settled(peak.slice(4), 1);
    settled((await run(50, 25)).slice(15), 1);
    settled((await run(0.2, 25)).slice(15), 0.2);
    settled((await run(0, 5)).slice(1), 0);
    settled((await run(500, 20)).slice(5), 1);
    await loop.close();
  });
}

test('AdaptiveSampler: a service that asks is found although nothing of it is sampled at first', () => {
  let milli = 1_800_000_000_000;
  const sampler = new AdaptiveSampler(parameters, () => milli);
  const probabilities = Array.from({ length: 12 }, () => {
    const { defaultProbability } = sampler.strategyFor('rare').operations!;
    sampler.calculate([], milli - minute, milli);
    milli += minute;
    return defaultProbability;
  });
  deepEqual(probabilities.slice(0, 4), [0.001, 0.002, 0.004, 0.008]);
  equal(probabilities[11], 1);
  milli += 10 * minute;
  sampler.calculate([], milli - minute, milli);
  equal(sampler.rows()[0].isAsking, false);
});

test('AdaptiveSampler: who does not ask is taken at its word, so that its first answer is right', () => {
  let milli = 1_800_000_000_000;
  const sampler = new AdaptiveSampler(parameters, () => milli);
  const all = { service: 'otel', name: 'GET', spanCount: 6000, knownCount: 0, unknownSpanCount: 6000 };
  for (let i = 0; i < 12; i++) {
    milli += minute;
    sampler.calculate([all], milli - minute, milli);
  }
  const { operations } = sampler.strategyFor('otel');
  deepEqual(
    operations!.list,
    [{ operation: 'GET', samplingRate: 0.008 }],
    '100 a second, left alone within the tolerance',
  );
  const [whole, row] = sampler.rows();
  deepEqual(
    [whole.operation, row.operation, row.sampledPerSecond, row.requestsPerSecond],
    [undefined, 'GET', 100, 100],
  );
});

test('AdaptiveSampler: only so many operations are kept, the latest', () => {
  let milli = 1_800_000_000_000;
  const sampler = new AdaptiveSampler(parameters, () => milli);
  const many = (prefix: string): RootThroughput[] =>
    Array.from({ length: 8_000 }, (_, i) => ({
      service: 's',
      name: `${prefix}${i}`,
      spanCount: 1,
      knownCount: 1,
      unknownSpanCount: 0,
    }));
  for (const prefix of ['a', 'b']) {
    milli += minute;
    sampler.calculate(many(prefix), milli - minute, milli);
  }
  const rows = sampler.rows();
  equal(rows.length, 10_000);
  equal(rows.filter(({ operation }) => operation?.startsWith('b')).length, 8_000);
  equal(sampler.strategyFor('s').operations!.list.length, 2_000);
});

test('AdaptiveLoop: a restart goes on where it was; damage anywhere in the state is found and learnt anew', async () => {
  const statePath = join(directory, 'state.json');
  let milli = 1_800_000_000_000;
  const now = (): number => milli;
  const traces = {
    rootThroughput: async () => [{ service: 's', name: 'op', spanCount: 60, knownCount: 6000, unknownSpanCount: 0 }],
  };
  const lines: string[] = [];
  const log = openLog('text', (line) => lines.push(line));
  const open = async (): Promise<[AdaptiveSampler, AdaptiveLoop]> => {
    const sampler = new AdaptiveSampler(parameters, now);
    return [sampler, await AdaptiveLoop.open({ sampler, parameters, traces, tenant: 't', statePath, log, now })];
  };
  const [first, loop] = await open();
  for (let i = 0; i < 12; i++) {
    milli += minute;
    await loop.tick();
  }
  await loop.close();
  const [second] = await open();
  deepEqual(second.state(), first.state());
  deepEqual(second.strategyFor('s'), first.strategyFor('s'));
  deepEqual(lines, []);

  const bytes = readFileSync(statePath);
  for (let at = 0; at < bytes.length; at++) {
    const flipped = Uint8Array.from(bytes);
    flipped[at] ^= 1 << (at % 7);
    for (const damaged of [bytes.subarray(0, at), flipped]) {
      let isFound = false;
      try {
        parseAdaptiveState(Buffer.from(damaged).toString('utf8'));
      } catch {
        isFound = true;
      }
      equal(isFound, true, `byte ${at}`);
    }
  }
  writeFileSync(statePath, bytes.subarray(0, 100));
  const [third] = await open();
  equal(third.rows().length, 0);
  equal(lines.length, 1);
});

test('writeAdaptiveState: comes back as it was; none is none', async () => {
  const path = join(directory, 'new', 'state.json');
  equal(await readAdaptiveState(path), undefined);
  const state = { asked: [['é', 1] as const], operations: [] };
  await writeAdaptiveState(path, state);
  deepEqual(await readAdaptiveState(path), state);
});
