/**
 * Sends what it is given one after the other, and of what comes while it sends, the latest only: a slow reader of a
 * query's progress gets fewer messages, not a queue of them.
 */
export class LatestSender<T> {
  readonly #send: (value: T) => Promise<void>;
  #waiting: { readonly value: T } | undefined;
  #sending: Promise<void> | undefined;

  /** @param send  not called again before its promise has resolved */
  constructor(send: (value: T) => Promise<void>) {
    this.#send = send;
  }

  offer(value: T): void {
    this.#waiting = { value };
    if (this.#sending !== undefined) return;
    this.#sending = this.#drain();
    // Whoever waits for the end hears of it.
    this.#sending.catch(() => {});
  }

  /** Sends the last value; what waited is not needed any more. @throws what `send` threw, now or before */
  async finish(value: T): Promise<void> {
    this.#waiting = undefined;
    await this.#sending;
    await this.#send(value);
  }

  async #drain(): Promise<void> {
    for (let next = this.#waiting; next !== undefined; next = this.#waiting) {
      this.#waiting = undefined;
      await this.#send(next.value);
    }
    this.#sending = undefined;
  }
}
