/**
 * `npm run fuzz [count]`: mutates bodies of every wire protocol (small made-up ones, and what real clients sent where that
 * lies beside the repository) and decodes them. The rule: nothing but a `WireError` comes out, and nothing takes long for
 * its length. Prints the seed; `SEED=` repeats a run. The default count is a million.
 */
import process from 'node:process';
import { CountingSink } from '../packages/wire/src/testing/counting-sink.ts';
import { mutated } from '../packages/wire/src/testing/damage.ts';
import { fuzzBodies, type SampleBody } from '../packages/wire/src/testing/sample-bodies.ts';
import { seededRandom } from '../packages/wire/src/testing/seeded-random.ts';
import { WireError } from '@spoor/model';

const count = Number(process.argv[2] ?? 1_000_000);
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

/** @returns the error's code, or `accepted` */
function decodeOnce({ decode }: SampleBody, body: Uint8Array): string {
  try {
    decode(body, new CountingSink());
    return 'accepted';
  } catch (error) {
    if (error instanceof WireError) return error.code;
    throw error;
  }
}

function main(): void {
  const samples = fuzzBodies();
  const random = seededRandom(seed);
  const outcomes = new Map<string, number>();
  let worst = { milli: 0, name: '' };
  console.log(`${count} mutations of ${samples.length} bodies, SEED=${seed}`);
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    const sample = samples[random(samples.length)];
    const body = mutated(sample.body, random);
    const before = performance.now();
    try {
      const outcome = decodeOnce(sample, body);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    } catch (error) {
      console.error(`SEED=${seed}, mutation ${i} of ${sample.name}:\n${(error as Error).stack}`);
      console.error(Buffer.from(body).toString('hex'));
      process.exitCode = 1;
      return;
    }
    const milli = performance.now() - before;
    if (milli > worst.milli) worst = { milli, name: `${sample.name}, mutation ${i}` };
  }
  const seconds = (performance.now() - start) / 1000;
  for (const [outcome, times] of outcomes) console.log(`${outcome.padEnd(16)} ${times}`);
  console.log(`slowest ${worst.milli.toFixed(1)} ms (${worst.name}); ${seconds.toFixed(0)} s`);
}

main();
