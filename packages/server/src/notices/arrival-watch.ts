import type { ArrivedRows, Store } from '@spoor/store';

/** A notice is this late at most. */
const intervalMilli = 2_000;

/** Told of rows that became durable, each row once. */
export interface ArrivalNotices {
  arrived(rows: ArrivedRows, nowMilli: number): void;
}

/** Looks at spans after they arrived, every two seconds: who sends them does not wait for it. */
export class ArrivalWatch {
  readonly #arrivals: ReturnType<Store['arrivals']>;
  readonly #notices: readonly ArrivalNotices[];
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;

  constructor(store: Pick<Store, 'arrivals'>, notices: readonly ArrivalNotices[], now: () => number = Date.now) {
    this.#notices = notices;
    this.#now = now;
    // Looked at before it is sealed, so that its memory waits for nobody.
    this.#arrivals = store.arrivals(() => this.look());
    this.#timer = setInterval(() => this.look(), intervalMilli).unref();
  }

  /** Looks at what arrived since the last time. */
  look(): void {
    const batch = this.#arrivals.take();
    const now = this.#now();
    for (const rows of batch.rows) for (const notices of this.#notices) notices.arrived(rows, now);
    batch.release();
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
