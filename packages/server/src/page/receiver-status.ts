import { publicMessage } from '../error-status.ts';

/** What the page says of the receivers when nothing has arrived, or something was refused. */
export interface ReceiverStatus {
  readonly version: string;
  readonly receivers: readonly ReceiverPort[];
  readonly refusals: readonly Refusal[];
  readonly spansAccepted: number;
}

export interface ReceiverPort {
  readonly protocol: 'OTLP gRPC' | 'OTLP HTTP';
  readonly port: number;
  readonly requestCount: number;
}

/** Requests refused for one reason, newest last. */
export interface Refusal {
  readonly what: string;
  readonly reason: string;
  readonly count: number;
  readonly lastMilli: number;
}

const refusalsMax = 20;

/** Remembers why requests were refused, the latest reasons only. */
export class RefusalLog {
  readonly #refusals = new Map<string, Refusal>();

  /** @param error  our own refusals are quoted; of a bug only that there was one */
  note(what: string, error: unknown): void {
    const reason = (error as Error).name === 'HttpRefusal' ? (error as Error).message : publicMessage(error);
    const key = `${what}\n${reason}`;
    const count = (this.#refusals.get(key)?.count ?? 0) + 1;
    // Deleted first, so that the map keeps the latest last.
    this.#refusals.delete(key);
    this.#refusals.set(key, { what, reason, count, lastMilli: Date.now() });
    if (this.#refusals.size > refusalsMax) this.#refusals.delete(this.#refusals.keys().next().value!);
  }

  list(): readonly Refusal[] {
    return [...this.#refusals.values()];
  }
}
