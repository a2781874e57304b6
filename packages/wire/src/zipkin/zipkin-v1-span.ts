import { WireError, limits } from '@spoor/model';
import { AttributeTable } from '../attribute-table.ts';
import { WireTime } from '../wire-time.ts';
import { ZipkinEndpoint } from './zipkin-span.ts';

/**
 * One Zipkin span of version 1 as it was read. In it kind, service and, at times, start and duration are said by
 * annotations, each with an endpoint of its own, and one span may hold both sides of a call. Reused.
 */
export class ZipkinV1Span {
  traceId0 = 0;
  traceId1 = 0;
  traceId2 = 0;
  traceId3 = 0;
  spanIdHigh = 0;
  spanIdLow = 0;
  parentSpanIdHigh = 0;
  parentSpanIdLow = 0;
  hasParent = false;
  nameStart = 0;
  nameEnd = 0;
  /** nanoseconds; 0 when the span says none */
  readonly start = new WireTime();
  /** microseconds, signed halves; 0 when the span says none */
  durationLow = 0;
  durationHigh = 0;
  isDebug = false;
  /** the binary annotations */
  readonly tags = new AttributeTable();
  /** of each tag: which of {@link endpoints} it is about; −1 without one */
  readonly tagEndpoint: number[] = [];
  annotationCount = 0;
  readonly annotationTimeLow: number[] = [];
  readonly annotationTimeHigh: number[] = [];
  readonly annotationValueStart: number[] = [];
  readonly annotationValueEnd: number[] = [];
  readonly annotationEndpoint: number[] = [];
  endpointCount = 0;
  readonly endpoints: ZipkinEndpoint[] = [];

  clear(): void {
    this.traceId0 = this.traceId1 = this.traceId2 = this.traceId3 = 0;
    this.spanIdHigh = this.spanIdLow = this.parentSpanIdHigh = this.parentSpanIdLow = 0;
    this.hasParent = this.isDebug = false;
    this.nameStart = this.nameEnd = this.durationLow = this.durationHigh = 0;
    this.start.setMicro(0, 0);
    this.tags.clear();
    this.annotationCount = this.endpointCount = 0;
  }

  /** An endpoint to be filled. @returns its place */
  newEndpoint(): number {
    const place = this.endpointCount++;
    if (this.endpoints.length === place) this.endpoints.push(new ZipkinEndpoint());
    this.endpoints[place].clear();
    return place;
  }

  addAnnotation(time: WireTime, valueStart: number, valueEnd: number, endpoint: number): void {
    const annotation = this.annotationCount++;
    if (annotation >= limits.foreignSpanEntriesMax) {
      throw new WireError('WIRE_LIMIT', `a span has more than ${limits.foreignSpanEntriesMax} entries`, valueStart);
    }
    this.annotationTimeLow[annotation] = time.low;
    this.annotationTimeHigh[annotation] = time.high;
    this.annotationValueStart[annotation] = valueStart;
    this.annotationValueEnd[annotation] = valueEnd;
    this.annotationEndpoint[annotation] = endpoint;
  }
}

/** One after the other, the spans of a body of version 1. */
export interface ZipkinV1Reader {
  readonly bytes: Uint8Array;
  /** Reads the next span into `span`; false after the last. */
  next(span: ZipkinV1Span): boolean;
}
