import { codeOf } from '@spoor/model';
import { throttled, type Log } from '../log.ts';
import type { SpoorMetrics } from '../spoor-metrics.ts';

/** The last request that was refused for one reason: enough to see what its sender does wrong. */
export interface RejectedExample {
  /** milliseconds since the epoch */
  readonly atMilli: number;
  readonly sender: string | undefined;
  /** what the decoder, or whoever refused it, said */
  readonly message: string;
  /** the first bytes of the body as received, in hex */
  readonly firstBytesHex: string;
  readonly sizeBytes: number;
}

/** Requests and packets refused for one reason. */
export interface Rejection {
  /** an error code, or what a transport says: `wrong_path`, `wrong_method`, `content_type`, `aborted` */
  readonly reason: string;
  readonly count: number;
  readonly last: RejectedExample;
}

/** What became of everything that came to one receiver since the program started. */
export interface ReceiverReport {
  readonly receiver: string;
  readonly requests: number;
  readonly spans: number;
  readonly bytes: number;
  readonly rejectedSpans: number;
  /** of the last accepted request; `undefined` before the first */
  readonly lastAcceptedMilli: number | undefined;
  readonly rejections: readonly Rejection[];
}

export interface Accepted {
  readonly encoding: string;
  readonly spanCount: number;
  readonly rejectedSpanCount: number;
  readonly sizeBytes: number;
}

export interface Rejected {
  /** by itself the error's code */
  readonly reason?: string;
  readonly encoding?: string;
  readonly error: unknown;
  readonly body: Uint8Array;
  readonly sender: string | undefined;
}

/** of the last example */
export const exampleBytes = 64;

/** The books of all receivers: the answer to “no traces appear”. Bounded: one example for each receiver and reason. */
export class IntakeLedger {
  readonly #metrics: SpoorMetrics;
  readonly #log: Log;
  readonly #now: () => number;
  readonly #receivers = new Map<string, ReceiverLedger>();

  constructor(metrics: SpoorMetrics, log: Log, now: () => number = Date.now) {
    this.#metrics = metrics;
    this.#log = throttled(log);
    this.#now = now;
  }

  /** The books of one receiver, opened by the first call. */
  receiver(name: string): ReceiverLedger {
    let ledger = this.#receivers.get(name);
    if (ledger === undefined) {
      ledger = new ReceiverLedger(name, this.#metrics, this.#log, this.#now);
      this.#receivers.set(name, ledger);
    }
    return ledger;
  }

  reports(): readonly ReceiverReport[] {
    return [...this.#receivers.values()].map((ledger) => ledger.report());
  }
}

/** The books of one receiver. */
export class ReceiverLedger {
  readonly #name: string;
  readonly #metrics: SpoorMetrics;
  readonly #log: Log;
  readonly #now: () => number;
  readonly #rejections = new Map<string, Rejection>();
  #requests = 0;
  #spans = 0;
  #bytes = 0;
  #rejectedSpans = 0;
  #lastAcceptedMilli: number | undefined;

  constructor(name: string, metrics: SpoorMetrics, log: Log, now: () => number) {
    this.#name = name;
    this.#metrics = metrics;
    this.#log = log;
    this.#now = now;
  }

  accept({ encoding, spanCount, rejectedSpanCount, sizeBytes }: Accepted): void {
    const { receiverRequests, receiverBytes, spansAccepted, spansRejected } = this.#metrics;
    this.#requests++;
    this.#spans += spanCount;
    this.#bytes += sizeBytes;
    this.#lastAcceptedMilli = this.#now();
    receiverRequests.add(1, this.#name, encoding, 'ok');
    receiverBytes.add(sizeBytes, this.#name);
    spansAccepted.add(spanCount, this.#name, encoding);
    if (rejectedSpanCount === 0) return;
    this.#rejectedSpans += rejectedSpanCount;
    spansRejected.add(rejectedSpanCount, this.#name, 'invalid_id');
  }

  reject({ reason, encoding = 'unknown', error, body, sender }: Rejected): void {
    const code = codeOf(error);
    const why = reason ?? code ?? 'internal';
    const message = error instanceof Error ? error.message : String(error);
    const last: RejectedExample = {
      atMilli: this.#now(),
      sender,
      message,
      firstBytesHex: Buffer.from(body.subarray(0, exampleBytes)).toString('hex'),
      sizeBytes: body.length,
    };
    this.#rejections.set(why, { reason: why, count: (this.#rejections.get(why)?.count ?? 0) + 1, last });
    this.#metrics.receiverRequests.add(1, this.#name, encoding, why);
    const sizes = { sizeBytes: body.length, firstBytes: last.firstBytesHex };
    const fields = { code: `${this.#name} ${why}`, reason: message, sender, ...sizes };
    if (why === 'internal') this.#log.error('a request failed', { ...fields, error: (error as Error).stack });
    else this.#log.warn('spans are being refused', fields);
  }

  report(): ReceiverReport {
    return {
      receiver: this.#name,
      requests: this.#requests,
      spans: this.#spans,
      bytes: this.#bytes,
      rejectedSpans: this.#rejectedSpans,
      lastAcceptedMilli: this.#lastAcceptedMilli,
      rejections: [...this.#rejections.values()],
    };
  }
}
