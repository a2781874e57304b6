import assert from 'node:assert/strict';
import type { DiskOperation, FakeDisk } from '../../packages/store/src/testing/fake-disk.ts';
import { FakeDisk as NewDisk } from '../../packages/store/src/testing/fake-disk.ts';
import { seededRandom } from '../../packages/store/src/testing/seeded-random.ts';
import { TinyStore } from '../../packages/store/src/testing/tiny-store.ts';

/** Rules for the disk of a round; see `FakeDisk`. */
export interface RoundRules {
  /** a sync that does nothing, to show that a test notices */
  readonly skipSync?: (operation: DiskOperation, before: readonly DiskOperation[]) => boolean;
  /** how often a call of the disk fails, 0 … 1 */
  readonly failureRate?: number;
}

const livesPerRound = 4;
const options = { mergeSegmentsMin: 3, headRowsMax: 25, retentionBytesMax: 1e12 };

/**
 * Some lives of a store on one disk, each ended by a crash after a random number of disk calls, with random
 * requests, seals and merges in between. The model is two sets: what was sent, and what was acknowledged.
 * @throws {AssertionError} when an acknowledged span is missing, or any span is there twice or was never sent
 */
export async function crashRound(seed: number, rules: RoundRules = {}): Promise<void> {
  const round = new Round(seed, rules);
  let disk = round.prepare(new NewDisk());
  for (let life = 0; life < livesPerRound; life++) {
    disk.operationsLeft = 10 + Math.floor(round.random() * 250);
    await Promise.race([round.live(disk), disk.stopped]);
    if (round.failure) throw round.failure;
    // Half of the machines lose everything unsynced, the others an arbitrary part of it.
    disk = round.prepare(disk.crash(round.random() < 0.5 ? undefined : round.random));
  }
  await round.lastLife(disk);
}

class Round {
  readonly random: () => number;
  readonly #rules: RoundRules;
  readonly #sent = new Set<number>();
  readonly #acknowledged = new Set<number>();
  #lastId = 0;
  failure: Error | undefined;

  constructor(seed: number, rules: RoundRules) {
    this.random = seededRandom(seed);
    this.#rules = rules;
  }

  prepare(disk: FakeDisk): FakeDisk {
    const { skipSync, failureRate = 0 } = this.#rules;
    if (skipSync) disk.skipSync = (operation) => skipSync(operation, disk.operations);
    disk.failWith = ({ kind, path }) => {
      const isWriting = kind !== 'read' && kind !== 'readdir' && !(kind === 'open' && path.endsWith('.segment'));
      if (!isWriting || disk.operationsLeft === Number.POSITIVE_INFINITY || this.random() >= failureRate)
        return undefined;
      return this.random() < 0.5 ? 'ENOSPC' : 'EIO';
    };
    return disk;
  }

  /** Runs until the disk stops it: an error that the model does not allow is kept for the caller. */
  async live(disk: FakeDisk): Promise<void> {
    try {
      const tiny = await this.#open(disk);
      if (!tiny) return;
      assert.deepEqual(errorsOf(tiny), [], 'a crash damages nothing');
      const visible = new Set(await this.#check(tiny, 'after the start'));
      for (let step = 0; step < 60; step++) {
        for (const id of await this.#act(tiny)) visible.add(id);
        assert.deepEqual(
          await tiny.ids(),
          [...visible].sort((a, b) => a - b),
          `step ${step}`,
        );
      }
    } catch (error) {
      this.failure = error as Error;
    }
  }

  async lastLife(disk: FakeDisk): Promise<void> {
    disk.skipSync = () => false;
    const tiny = await TinyStore.open(disk, options);
    await this.#check(tiny, 'at the end');
    await tiny.store.sealAll();
    await this.#check(tiny, 'sealed at the end');
    await tiny.store.compact();
    await this.#check(tiny, 'merged at the end');
    assert.deepEqual(errorsOf(tiny), []);
  }

  async #open(disk: FakeDisk): Promise<TinyStore | undefined> {
    try {
      return await TinyStore.open(disk, options);
    } catch (error) {
      if (isDiskError(error)) return undefined;
      throw error;
    }
  }

  /** One random step: requests, a seal or a merge, or all at the same time. @returns the ids it got acknowledged */
  async #act(tiny: TinyStore): Promise<number[]> {
    const choice = this.random();
    tiny.nowMilli += Math.floor(this.random() * 3000);
    const work: Promise<unknown>[] = [];
    if (choice > 0.5 && choice < 0.65) work.push(tiny.rotate());
    if (choice > 0.6 && choice < 0.8) work.push(tiny.sealOldest());
    if (choice > 0.75) work.push(tiny.store.compact());
    const results = Promise.allSettled(work);
    const sent = choice < 0.5 || this.random() < 0.5 ? await this.#send(tiny) : [];
    for (const result of await results) {
      if (result.status === 'rejected' && !isDiskError(result.reason)) throw result.reason;
    }
    return sent;
  }

  async #send(tiny: TinyStore): Promise<number[]> {
    const requests = Array.from({ length: 1 + Math.floor(this.random() * 4) }, async () => {
      const ids = Array.from({ length: 1 + Math.floor(this.random() * 3) }, () => ++this.#lastId);
      for (const id of ids) this.#sent.add(id);
      const trace = 1 + Math.floor(this.random() * 6);
      try {
        await (this.random() < 0.2 ? tiny.sendInSlices(trace, ids) : tiny.send(trace, ids));
      } catch (error) {
        if (!isDiskError(error)) throw error;
        return [];
      }
      for (const id of ids) this.#acknowledged.add(id);
      return ids;
    });
    return (await Promise.all(requests)).flat();
  }

  async #check(tiny: TinyStore, when: string): Promise<number[]> {
    const found = await tiny.ids();
    const set = new Set(found);
    assert.deepEqual(
      found.filter((id, index) => found.indexOf(id) !== index),
      [],
      `there twice, ${when}`,
    );
    assert.deepEqual(
      [...this.#acknowledged].filter((id) => !set.has(id)),
      [],
      `acknowledged and missing, ${when}`,
    );
    assert.deepEqual(
      found.filter((id) => !this.#sent.has(id)),
      [],
      `never sent, ${when}`,
    );
    return found;
  }
}

function errorsOf({ messages }: TinyStore): string[] {
  return messages.filter((message) => message.startsWith('error'));
}

function isDiskError(error: unknown): boolean {
  return ['STORE_UNAVAILABLE', 'ENOSPC', 'EIO'].includes((error as { code?: string }).code ?? '');
}
