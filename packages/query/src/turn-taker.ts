import { QueryError } from '@spoor/model';
import { ReadMeter } from './read-meter.ts';

/** How long a query may keep its thread before others get a turn, milliseconds. */
const TURN_MILLI = 8;

/** A query's time is over. Who gave it a deadline catches this, and answers what was found so far. */
export class OutOfTime extends Error {}

/** Called between blocks: ends a query that was cancelled, and now and then lets other queries of the thread run. */
export class TurnTaker {
  readonly signal: AbortSignal | undefined;
  /** what was read between the turns */
  readonly meter = new ReadMeter();
  readonly #deadline: number;
  #turnStart = performance.now();

  /** @param timeMilliMax  past it {@link turn} throws {@link OutOfTime}; never when absent */
  constructor(signal?: AbortSignal, timeMilliMax = Number.POSITIVE_INFINITY) {
    this.signal = signal;
    this.#deadline = performance.now() + timeMilliMax;
  }

  /** @throws {QueryError} `QUERY_CANCELLED`; {@link OutOfTime} */
  async turn(): Promise<void> {
    throwIfCancelled(this.signal);
    const now = performance.now();
    if (now > this.#deadline) throw new OutOfTime();
    if (now - this.#turnStart < TURN_MILLI) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#turnStart = performance.now();
    throwIfCancelled(this.signal);
  }
}

/** @throws {QueryError} `QUERY_CANCELLED` */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new QueryError('QUERY_CANCELLED', 'the query was cancelled', { cause: signal.reason });
}
