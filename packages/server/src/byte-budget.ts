import { StoreError } from '@spoor/model';
import { BodyBuffers } from './body-buffers.ts';

/**
 * Memory for request bodies in flight, of all connections together. Each body alone is bounded; a thousand clients that
 * come at once after an outage are bounded by this: those past it are told to come back, and the process lives.
 */
export class ByteBudget {
  readonly #bytesMax: number;
  readonly #buffers = new BodyBuffers();
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
    let lent: Uint8Array | undefined;
    return {
      lend: (bytes) => {
        // The second of one request is rare: it is left to the collector.
        const buffer = this.#buffers.lend(bytes);
        lent ??= buffer;
        return buffer;
      },
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
        if (lent !== undefined) this.#buffers.giveBack(lent);
        lent = undefined;
      },
    };
  }
}

export interface ByteHold extends Disposable {
  /** @throws {StoreError} `STORE_BUSY` when the budget does not have that much */
  take(bytes: number): void;
  /**
   * Memory that serves another request once this is disposed; `undefined` when there is none of that size.
   * Does not charge for it.
   */
  lend(bytes: number): Uint8Array | undefined;
}
