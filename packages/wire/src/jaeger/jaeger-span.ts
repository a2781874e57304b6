import { WireError, limits } from '@spoor/model';
import { AttributeTable } from '../attribute-table.ts';
import { WireTime } from '../wire-time.ts';

/** `SpanRef.refType`, in Thrift and protobuf alike. */
export const JaegerRefType = Object.freeze({ childOf: 0, followsFrom: 1 });

/** A `SpanRef` that was read: ids as big-endian words, as in `SpanDraft`. */
export interface JaegerReference {
  readonly type: number;
  readonly traceId0: number;
  readonly traceId1: number;
  readonly traceId2: number;
  readonly traceId3: number;
  readonly spanIdHigh: number;
  readonly spanIdLow: number;
}

/**
 * One Jaeger span as it was read, in whichever of the three encodings: scalars, and ranges of the body. Reused for all
 * spans of a request; the readers fill it, `JaegerSpanPusher` reads it.
 */
export class JaegerSpan {
  traceId0 = 0;
  traceId1 = 0;
  traceId2 = 0;
  traceId3 = 0;
  spanIdHigh = 0;
  spanIdLow = 0;
  /** both 0: look for the parent among the references */
  parentSpanIdHigh = 0;
  parentSpanIdLow = 0;
  nameStart = 0;
  nameEnd = 0;
  flags = 0;
  isDurationNegative = false;
  /** nanoseconds */
  readonly start = new WireTime();
  readonly duration = new WireTime();
  readonly tags = new AttributeTable();
  readonly references: JaegerReference[] = [];
  /** of all logs, one after the other */
  readonly logFields = new AttributeTable();
  readonly #logTimeLow: number[] = [];
  readonly #logTimeHigh: number[] = [];
  readonly #logFieldsEnd: number[] = [];
  logCount = 0;

  clear(): void {
    this.traceId0 = this.traceId1 = this.traceId2 = this.traceId3 = 0;
    this.spanIdHigh = this.spanIdLow = this.parentSpanIdHigh = this.parentSpanIdLow = 0;
    this.nameStart = this.nameEnd = this.flags = this.logCount = 0;
    this.isDurationNegative = false;
    this.start.setMicro(0, 0);
    this.duration.setMicro(0, 0);
    this.tags.clear();
    this.logFields.clear();
    this.references.length = 0;
  }

  addReference(reference: JaegerReference, offset: number): void {
    if (this.references.length >= limits.foreignSpanEntriesMax) throw tooMany(offset);
    this.references.push(reference);
  }

  /** Ends a log; its fields are those added since the log before. */
  addLog(time: WireTime, offset: number): void {
    const log = this.logCount++;
    if (log >= limits.foreignSpanEntriesMax) throw tooMany(offset);
    this.#logTimeLow[log] = time.low;
    this.#logTimeHigh[log] = time.high;
    this.#logFieldsEnd[log] = this.logFields.count;
  }

  logTimeLow(log: number): number {
    return this.#logTimeLow[log];
  }

  logTimeHigh(log: number): number {
    return this.#logTimeHigh[log];
  }

  /** The log's fields are the rows of {@link logFields} from the answer for the log before up to this one's. */
  logFieldsEnd(log: number): number {
    return log < 0 ? 0 : this.#logFieldsEnd[log];
  }
}

/** What emitted the spans. Reused, as {@link JaegerSpan} is. */
export class JaegerProcess {
  /** the batch or span named none */
  isMissing = true;
  serviceNameStart = 0;
  serviceNameEnd = 0;
  readonly tags = new AttributeTable();

  clear(): void {
    this.isMissing = true;
    this.serviceNameStart = this.serviceNameEnd = 0;
    this.tags.clear();
  }
}

function tooMany(offset: number): WireError {
  return new WireError('WIRE_LIMIT', `a span has more than ${limits.foreignSpanEntriesMax} entries`, offset);
}
