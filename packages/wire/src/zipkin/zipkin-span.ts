import { WireError, limits } from '@spoor/model';
import { AttributeTable } from '../attribute-table.ts';
import { WireTime } from '../wire-time.ts';

/** How an address of an endpoint is held: as a range of text or bytes, or (IPv4) as a number in the place of its start. */
export type AddressForm = 'none' | 'text' | 'bytes' | 'number';

/** Who a span or annotation is about: ranges of the body. Reused. */
export class ZipkinEndpoint {
  isPresent = false;
  serviceStart = 0;
  serviceEnd = 0;
  ipv4Form: AddressForm = 'none';
  ipv4Start = 0;
  ipv4End = 0;
  ipv6Form: AddressForm = 'none';
  ipv6Start = 0;
  ipv6End = 0;
  /** 0 without one */
  port = 0;

  clear(): void {
    this.isPresent = false;
    this.serviceStart = this.serviceEnd = 0;
    this.ipv4Form = this.ipv6Form = 'none';
    this.ipv4Start = this.ipv4End = this.ipv6Start = this.ipv6End = 0;
    this.port = 0;
  }

  copy(other: ZipkinEndpoint): void {
    this.isPresent = other.isPresent;
    this.serviceStart = other.serviceStart;
    this.serviceEnd = other.serviceEnd;
    this.ipv4Form = other.ipv4Form;
    this.ipv4Start = other.ipv4Start;
    this.ipv4End = other.ipv4End;
    this.ipv6Form = other.ipv6Form;
    this.ipv6Start = other.ipv6Start;
    this.ipv6End = other.ipv6End;
    this.port = other.port;
  }
}

export type ZipkinKind = 'unspecified' | 'client' | 'server' | 'producer' | 'consumer';

/**
 * One Zipkin span in the shape of version 2, as it was read: scalars, and ranges of the body. Reused for all spans of a
 * request; the readers fill it, `ZipkinSpanPusher` reads it.
 */
export class ZipkinSpan {
  traceId0 = 0;
  traceId1 = 0;
  traceId2 = 0;
  traceId3 = 0;
  spanIdHigh = 0;
  spanIdLow = 0;
  parentSpanIdHigh = 0;
  parentSpanIdLow = 0;
  /** a parent id was given and is zero */
  hasZeroParent = false;
  kind: ZipkinKind = 'unspecified';
  nameStart = 0;
  nameEnd = 0;
  /** nanoseconds; 0 when the span says none */
  readonly start = new WireTime();
  readonly duration = new WireTime();
  /** microseconds, when the duration is below 0; else 0 */
  negativeDurationMicro = 0n;
  isDebug = false;
  readonly localEndpoint = new ZipkinEndpoint();
  readonly remoteEndpoint = new ZipkinEndpoint();
  readonly tags = new AttributeTable();
  annotationCount = 0;
  readonly #annotationTimeLow: number[] = [];
  readonly #annotationTimeHigh: number[] = [];
  readonly annotationValueStart: number[] = [];
  readonly annotationValueEnd: number[] = [];

  clear(): void {
    this.traceId0 = this.traceId1 = this.traceId2 = this.traceId3 = 0;
    this.spanIdHigh = this.spanIdLow = this.parentSpanIdHigh = this.parentSpanIdLow = 0;
    this.hasZeroParent = this.isDebug = false;
    this.kind = 'unspecified';
    this.nameStart = this.nameEnd = this.annotationCount = 0;
    this.start.setMicro(0, 0);
    this.duration.setMicro(0, 0);
    this.negativeDurationMicro = 0n;
    this.localEndpoint.clear();
    this.remoteEndpoint.clear();
    this.tags.clear();
  }

  /** Sets the parent from what was sent, where zero is a mistake of old clients and not a parent. */
  setParent(high: number, low: number): void {
    this.parentSpanIdHigh = high;
    this.parentSpanIdLow = low;
    this.hasZeroParent = (high | low) === 0;
  }

  /** From signed microseconds. */
  setDuration(low: number, high: number): void {
    this.duration.setMicro(low, high);
    this.negativeDurationMicro = high >= 0x8000_0000 ? BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)) : 0n;
  }

  addAnnotation(time: WireTime, valueStart: number, valueEnd: number): void {
    const annotation = this.annotationCount++;
    if (annotation >= limits.foreignSpanEntriesMax) {
      throw new WireError('WIRE_LIMIT', `a span has more than ${limits.foreignSpanEntriesMax} entries`, valueStart);
    }
    this.#annotationTimeLow[annotation] = time.low;
    this.#annotationTimeHigh[annotation] = time.high;
    this.annotationValueStart[annotation] = valueStart;
    this.annotationValueEnd[annotation] = valueEnd;
  }

  annotationTimeLow(annotation: number): number {
    return this.#annotationTimeLow[annotation];
  }

  annotationTimeHigh(annotation: number): number {
    return this.#annotationTimeHigh[annotation];
  }
}

/** One after the other, the spans of a body, in the shape of version 2. */
export interface ZipkinSpanSource {
  /** what the ranges of the spans are of */
  readonly bytes: Uint8Array;
  /** Reads the next span into `span`; false after the last. */
  next(span: ZipkinSpan): boolean;
}
