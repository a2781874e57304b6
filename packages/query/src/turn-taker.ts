import { QueryError } from '@spoor/model';

/** How long a query may keep its thread before others get a turn, milliseconds. */
const TURN_MILLI = 8;

/** Called between blocks: ends a query that was cancelled, and now and then lets other queries of the thread run. */
export class TurnTaker {
  readonly signal: AbortSignal | undefined;
  #turnStart = performance.now();

  constructor(signal?: AbortSignal) {
    this.signal = signal;
  }

  /** @throws {QueryError} `QUERY_CANCELLED` */
  async turn(): Promise<void> {
    throwIfCancelled(this.signal);
    if (performance.now() - this.#turnStart < TURN_MILLI) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#turnStart = performance.now();
    throwIfCancelled(this.signal);
  }
}

/** @throws {QueryError} `QUERY_CANCELLED` */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new QueryError('QUERY_CANCELLED', 'the query was cancelled', { cause: signal.reason });
}
