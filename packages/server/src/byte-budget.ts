import { StoreError } from '@spoor/model';

/**
 * Memory for request bodies in flight, of all connections together. Each body alone is bounded; a thousand clients that
 * come at once after an outage are bounded by this: those past it are told to come back, and the process lives.
 */
export class ByteBudget {
  readonly #bytesMax: number;
  #taken = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get takenBytes(): number {
    return this.#taken;
  }

  /** What one request holds; disposing gives all of it back. */
  open(): ByteHold {
    let held = 0;
    return {
      take: (bytes) => {
        if (this.#taken + bytes > this.#bytesMax) {
          throw new StoreError('STORE_BUSY', 'too many requests at once: their bodies would fill the memory');
        }
        this.#taken += bytes;
        held += bytes;
      },
      [Symbol.dispose]: () => {
        this.#taken -= held;
        held = 0;
      },
    };
  }
}

export interface ByteHold extends Disposable {
  /** @throws {StoreError} `STORE_BUSY` when the budget does not have that much */
  take(bytes: number): void;
}
