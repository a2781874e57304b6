import { codeOf } from '@spoor/model';
import type { StoreIngest } from './store-ingest.ts';
import type { StoreOptions } from './store-options.ts';
import type { StoreSealing } from './store-sealing.ts';

/** How often the scheduler looks; far below every age it compares. */
const tickMilli = 200;
const expireEveryMilli = 60_000;
const retryMilliMin = 500;
const retryMilliMax = 30_000;

/** A lane of work, one piece at a time, that waits longer after each failure. */
interface Lane {
  readonly name: string;
  running: Promise<void> | undefined;
  retryMilli: number;
  retryAtMilli: number;
}

/** Decides when generations end, are sealed, segments merged and removed. */
export class StoreScheduler {
  readonly #options: StoreOptions;
  readonly #ingest: StoreIngest;
  readonly #sealing: StoreSealing;
  readonly #sealLane: Lane = { name: 'sealing', running: undefined, retryMilli: 0, retryAtMilli: 0 };
  readonly #mergeLane: Lane = { name: 'merging', running: undefined, retryMilli: 0, retryAtMilli: 0 };
  #expireAtMilli = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StoreOptions, ingest: StoreIngest, sealing: StoreSealing) {
    this.#options = options;
    this.#ingest = ingest;
    this.#sealing = sealing;
  }

  start(): void {
    this.#timer = setInterval(() => void this.tick(), tickMilli);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Resolves when nothing is running any more; call it after {@link stop}. */
  async idle(): Promise<void> {
    await Promise.all([this.#sealLane.running, this.#mergeLane.running]);
  }

  /** Begins what is due. Resolves when all of it is done; never rejects, failures are logged and tried again later. */
  async tick(): Promise<void> {
    await this.#ingest.space.pollWhenDue();
    await Promise.all([
      this.#enter(this.#sealLane, () => this.#sealDue()),
      this.#enter(this.#mergeLane, () => this.#mergeDue()),
    ]);
  }

  async #enter(lane: Lane, work: () => Promise<void>): Promise<void> {
    if (this.#options.now() < lane.retryAtMilli) return;
    lane.running ??= this.#attempt(lane, work).finally(() => {
      lane.running = undefined;
    });
    await lane.running;
  }

  async #attempt(lane: Lane, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      lane.retryMilli = 0;
    } catch (error) {
      if (codeOf(error) === 'STORE_CLOSED') return;
      lane.retryMilli = Math.min(Math.max(retryMilliMin, 2 * lane.retryMilli), retryMilliMax);
      lane.retryAtMilli = this.#options.now() + lane.retryMilli;
      this.#options.logger.error(`${lane.name} failed; it will be tried again`, { error, retryMilli: lane.retryMilli });
    }
  }

  async #sealDue(): Promise<void> {
    // While others wait to be sealed, cutting the open generation short would only make small segments.
    const isOnlyOne = this.#ingest.generations.length === 1;
    if ((isOnlyOne && this.#isRoomShort()) || this.#isOpenGenerationDue()) await this.#ingest.rotate();
    while (this.#isSealDue()) await this.#sealing.sealOldest();
  }

  #isOpenGenerationDue(): boolean {
    const generation = this.#ingest.generations.at(-1);
    if (!generation || generation.isFrozen) return false;
    const { now, sealAgeMilli, sealAgeMaxMilli, sealRowsMin } = this.#options;
    const ageMilli = now() - generation.createdMilli;
    return ageMilli >= sealAgeMaxMilli || (ageMilli >= sealAgeMilli && generation.durableCounts.spans >= sealRowsMin);
  }

  #isSealDue(): boolean {
    const { frozenMilli } = this.#ingest.generations[0] ?? {};
    if (frozenMilli === undefined) return false;
    const { now, sealIdleMilli } = this.#options;
    return now() - frozenMilli >= sealIdleMilli || this.#isRoomShort();
  }

  #isRoomShort(): boolean {
    const { memoryBytes, space } = this.#ingest;
    return memoryBytes > this.#options.memoryBytesMax / 3 || space.isShort;
  }

  async #mergeDue(): Promise<void> {
    while (await this.#sealing.mergeOnce());
    if (this.#options.now() < this.#expireAtMilli && !this.#ingest.space.isRefusing) return;
    this.#expireAtMilli = this.#options.now() + expireEveryMilli;
    await this.#sealing.expire();
  }
}
