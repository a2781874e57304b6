import { codeOf } from '@spoor/model';
import { publicMessage } from '../error-status.ts';
import type { ClockNotice } from '../notices/clock-notices.ts';
import type { SilentService } from '../notices/silent-services.ts';
import type { ReceiverAddresses } from '../port-option.ts';
import { exampleBytes, type IntakeLedger, type ReceiverReport } from '../receivers/intake-ledger.ts';
import type { ReceiverPorts } from '../receivers/open-receivers.ts';
import { RequestAborted } from '../request-body.ts';
import { WrongProtocol } from '../wrong-protocol.ts';
import { receiverEntries } from '../receivers/receiver-entry.ts';

/** What the page says of the receivers: the answer to “no traces appear”. */
export interface ReceiverStatus {
  readonly version: string;
  readonly receivers: readonly ReceiverPort[];
  readonly spansAccepted: number;
  /** newest first */
  readonly clockNotices: readonly ClockNotice[];
  readonly silentServices: readonly SilentService[];
}

export interface ReceiverPort {
  readonly name: string;
  readonly title: string;
  /** where it listens, or would */
  readonly port: number | undefined;
  readonly state: PortState;
  /** false: it answers what to sample */
  readonly takesSpans: boolean;
  readonly requestCount: number;
  readonly spanCount: number;
  readonly lastAcceptedMilli: number | undefined;
  /** newest first */
  readonly refusals: readonly Refusal[];
}

/** `taken`: another program has the port. */
export type PortState = 'listening' | 'off' | 'taken';

/** Requests refused for one reason. */
export interface Refusal {
  /** an error code, or what a transport says, as in `Rejection` */
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly lastMilli: number;
  readonly sender?: string | undefined;
  /** of the last one, in hex */
  readonly firstBytesHex?: string | undefined;
}

const refusalsMax = 20;

/** Remembers why an OTLP receiver refused requests, the latest reasons only. */
export class RefusalLog {
  readonly #refusals = new Map<string, Refusal>();

  /**
   * @param error  our own refusals are quoted; of a bug only that there was one
   * @param firstBytes  of what was refused, when they are at hand
   */
  note(error: unknown, firstBytes?: Uint8Array, sender?: string): void {
    const isOurs = error instanceof WrongProtocol || (error as Error).name === 'HttpRefusal';
    const message = isOurs ? (error as Error).message : publicMessage(error);
    const reason = reasonOf(error);
    const firstBytesHex = firstBytes && Buffer.from(firstBytes.subarray(0, exampleBytes)).toString('hex');
    const count = (this.#refusals.get(message)?.count ?? 0) + 1;
    // Deleted first, so that the map keeps the latest last.
    this.#refusals.delete(message);
    this.#refusals.set(message, { reason, message, count, lastMilli: Date.now(), sender, firstBytesHex });
    if (this.#refusals.size > refusalsMax) this.#refusals.delete(this.#refusals.keys().next().value!);
  }

  /** newest first */
  list(): readonly Refusal[] {
    return [...this.#refusals.values()].reverse();
  }
}

/** For the books: an error code, or what the transport says. */
export function reasonOf(error: unknown): string {
  if (error instanceof WrongProtocol) return error.reason;
  if (error instanceof RequestAborted) return 'aborted';
  if ((error as Error).name !== 'HttpRefusal') return codeOf(error) ?? 'internal';
  return reasonOfStatus((error as { status?: { http?: unknown } }).status?.http);
}

function reasonOfStatus(status: unknown): string {
  if (status === 404) return 'wrong_path';
  if (status === 405) return 'wrong_method';
  return status === 415 ? 'content_type' : 'refused';
}

/** The ports of Jaeger's and Zipkin's clients, open or not, with their books. */
export function foreignPorts(
  addresses: ReceiverAddresses,
  open: ReceiverPorts,
  ledger: IntakeLedger,
): readonly ReceiverPort[] {
  const reports = new Map(ledger.reports().map((report) => [report.receiver, report]));
  return receiverEntries.map(({ name, title }): ReceiverPort => {
    const port = open[name] ?? addresses[name].port;
    const state = open[name] !== undefined ? 'listening' : port === undefined ? 'off' : 'taken';
    const report = reports.get(name);
    return {
      name,
      title,
      port,
      state,
      takesSpans: !name.startsWith('sampling-'),
      requestCount: report?.requests ?? 0,
      spanCount: report?.spans ?? 0,
      lastAcceptedMilli: report?.lastAcceptedMilli,
      refusals: report === undefined ? [] : refusalsOf(report),
    };
  });
}

function refusalsOf({ rejections }: ReceiverReport): readonly Refusal[] {
  return rejections
    .map(({ reason, count, last }) => ({
      reason,
      // What a bug says is for the log alone.
      message: reason === 'internal' ? 'internal error' : last.message,
      count,
      lastMilli: last.atMilli,
      sender: last.sender,
      firstBytesHex: last.firstBytesHex === '' ? undefined : last.firstBytesHex,
    }))
    .sort((a, b) => b.lastMilli - a.lastMilli);
}
