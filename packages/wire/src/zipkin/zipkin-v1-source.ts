import { ValueType } from '@spoor/model';
import { KnownWords } from '../known-words.ts';
import { WireTime } from '../wire-time.ts';
import type { ZipkinEndpoint, ZipkinKind, ZipkinSpan, ZipkinSpanSource } from './zipkin-span.ts';
import { type ZipkinV1Reader, ZipkinV1Span } from './zipkin-v1-span.ts';

const coreWords = new KnownWords(['cs', 'cr', 'sr', 'ss', 'ms', 'mr']);
const addressWords = new KnownWords(['sa', 'ca', 'ma', 'lc']);
type Core = NonNullable<ReturnType<typeof coreWords.find>>;

/** Of a span that holds both sides of a call, one; of any other, all. */
type Side = 'whole' | 'client' | 'server';

/**
 * Spans of version 1 in the shape of version 2.
 *
 * - `cs`/`cr` is a client, `sr`/`ss` a server, `ms` a producer, `mr` a consumer. A span with both sides of a call becomes
 *   two with one id; tags and annotations go to the side whose service their endpoint names.
 * - The service is that of the core annotations' endpoint, else of the first that names one, else the value of `lc`.
 * - `sa`, `ca` and `ma` are the remote endpoint. What is missing of start and duration is taken from the annotations.
 *
 * Source: openzipkin/zipkin, zipkin2.v1.V1SpanConverter.
 */
export class ZipkinV1Source implements ZipkinSpanSource {
  readonly bytes: Uint8Array;
  readonly #reader: ZipkinV1Reader;
  readonly #v1 = new ZipkinV1Span();
  readonly #time = new WireTime();
  readonly #core: Record<Core, number> = { cs: -1, cr: -1, sr: -1, ss: -1, ms: -1, mr: -1 };
  /** for each annotation whether it is a core one */
  readonly #isCore: boolean[] = [];
  #hasServerSide = false;
  // Of the two sides' services; −1 without an endpoint.
  #clientEndpoint = -1;
  #serverEndpoint = -1;

  constructor(reader: ZipkinV1Reader) {
    this.#reader = reader;
    this.bytes = reader.bytes;
  }

  next(span: ZipkinSpan): boolean {
    if (this.#hasServerSide) {
      this.#hasServerSide = false;
      this.#fill(span, 'server');
      return true;
    }
    if (!this.#reader.next(this.#v1)) return false;
    this.#findCore();
    const { cs, cr, sr, ss } = this.#core;
    this.#hasServerSide = (cs >= 0 || cr >= 0) && (sr >= 0 || ss >= 0);
    this.#fill(span, this.#hasServerSide ? 'client' : 'whole');
    return true;
  }

  #findCore(): void {
    const core = this.#core;
    const v1 = this.#v1;
    core.cs = core.cr = core.sr = core.ss = core.ms = core.mr = -1;
    for (let i = 0; i < v1.annotationCount; i++) {
      const word = coreWords.find(this.bytes, v1.annotationValueStart[i], v1.annotationValueEnd[i]);
      this.#isCore[i] = word !== undefined;
      if (word !== undefined && core[word] < 0) core[word] = i;
    }
    this.#clientEndpoint = this.#endpointOf(core.cs, core.cr);
    this.#serverEndpoint = this.#endpointOf(core.sr, core.ss);
  }

  #endpointOf(...annotations: readonly number[]): number {
    for (const i of annotations)
      if (i >= 0 && this.#v1.annotationEndpoint[i] >= 0) return this.#v1.annotationEndpoint[i];
    return -1;
  }

  #fill(span: ZipkinSpan, side: Side): void {
    const v1 = this.#v1;
    span.clear();
    span.traceId0 = v1.traceId0;
    span.traceId1 = v1.traceId1;
    span.traceId2 = v1.traceId2;
    span.traceId3 = v1.traceId3;
    span.spanIdHigh = v1.spanIdHigh;
    span.spanIdLow = v1.spanIdLow;
    if (v1.hasParent) span.setParent(v1.parentSpanIdHigh, v1.parentSpanIdLow);
    span.nameStart = v1.nameStart;
    span.nameEnd = v1.nameEnd;
    span.isDebug = v1.isDebug;
    span.kind = this.#kind(side);
    this.#times(span, side);
    this.#tags(span, side);
    this.#localEndpoint(span, side);
    for (let i = 0; i < v1.annotationCount; i++) {
      if (this.#isCore[i] || !this.#belongs(v1.annotationEndpoint[i], side)) continue;
      this.#time.low = v1.annotationTimeLow[i];
      this.#time.high = v1.annotationTimeHigh[i];
      span.addAnnotation(this.#time, v1.annotationValueStart[i], v1.annotationValueEnd[i]);
    }
  }

  #kind(side: Side): ZipkinKind {
    if (side !== 'whole') return side;
    const { cs, cr, sr, ss, ms, mr } = this.#core;
    if (cs >= 0 || cr >= 0) return 'client';
    if (sr >= 0 || ss >= 0) return 'server';
    if (ms >= 0) return 'producer';
    return mr >= 0 ? 'consumer' : 'unspecified';
  }

  /** The span's own time is its client's, where there are two; the server says its own by annotations. */
  #times(span: ZipkinSpan, side: Side): void {
    const v1 = this.#v1;
    const { cs, cr, sr, ss, ms, mr } = this.#core;
    const first = side === 'server' ? [sr, ss] : [cs, sr, ms, mr, cr, ss];
    const begin = first.find((i) => i >= 0) ?? -1;
    const finish = side === 'server' ? ss : ([cr, ss].find((i) => i >= 0) ?? -1);
    if (side !== 'server') {
      span.start.low = v1.start.low;
      span.start.high = v1.start.high;
      span.setDuration(v1.durationLow, v1.durationHigh);
    }
    if (isZero(span.start) && begin >= 0) {
      span.start.low = v1.annotationTimeLow[begin];
      span.start.high = v1.annotationTimeHigh[begin];
    }
    if (!isZero(span.duration) || span.negativeDurationMicro !== 0n || finish < 0) return;
    const high = v1.annotationTimeHigh[finish] - span.start.high;
    const low = v1.annotationTimeLow[finish] - span.start.low;
    if (high < 0 || (high === 0 && low < 0)) return;
    span.duration.low = low < 0 ? low + 2 ** 32 : low;
    span.duration.high = low < 0 ? high - 1 : high;
  }

  #tags(span: ZipkinSpan, side: Side): void {
    const { tags, tagEndpoint, endpoints } = this.#v1;
    for (let row = 0; row < tags.count; row++) {
      const word = addressWords.find(this.bytes, tags.keyStart[row], tags.keyEnd[row]);
      if (word !== undefined && word !== 'lc' && tagEndpoint[row] >= 0) {
        this.#address(span, word, endpoints[tagEndpoint[row]]);
        continue;
      }
      const isMarker =
        word === 'lc' && (tags.type[row] !== ValueType.string || isEmpty(tags.valueStart, tags.valueEnd, row));
      if (!isMarker && this.#belongs(tagEndpoint[row], side)) span.tags.copyRow(tags, row);
    }
  }

  /** Whom a side talks to. A `ca` alone is what a server says of its client. */
  #address(span: ZipkinSpan, word: 'sa' | 'ca' | 'ma', endpoint: ZipkinEndpoint): void {
    if (word === 'ca' && span.kind === 'unspecified') span.kind = 'server';
    const isRemote = word === 'ca' ? span.kind === 'server' : word === 'ma' || span.kind !== 'server';
    if (isRemote) span.remoteEndpoint.copy(endpoint);
  }

  #localEndpoint(span: ZipkinSpan, side: Side): void {
    const v1 = this.#v1;
    const { ms, mr } = this.#core;
    let place = side === 'server' ? this.#serverEndpoint : this.#clientEndpoint;
    if (side === 'whole' && place < 0)
      place = this.#serverEndpoint < 0 ? this.#endpointOf(ms, mr) : this.#serverEndpoint;
    for (let i = 0; i < v1.annotationCount && place < 0; i++) place = this.#named(v1.annotationEndpoint[i]);
    for (let row = 0; row < v1.tags.count && place < 0; row++) {
      const word = addressWords.find(this.bytes, v1.tags.keyStart[row], v1.tags.keyEnd[row]);
      if (word === undefined || word === 'lc') place = this.#named(v1.tagEndpoint[row]);
    }
    const { localEndpoint, tags } = span;
    if (place >= 0) localEndpoint.copy(v1.endpoints[place]);
    if (localEndpoint.serviceStart !== localEndpoint.serviceEnd) return;
    for (let row = 0; row < tags.count; row++) {
      if (addressWords.find(this.bytes, tags.keyStart[row], tags.keyEnd[row]) !== 'lc') continue;
      localEndpoint.serviceStart = tags.valueStart[row];
      localEndpoint.serviceEnd = tags.valueEnd[row];
    }
  }

  /** `place`, if that endpoint names a service; else −1. */
  #named(place: number): number {
    if (place < 0) return -1;
    const { serviceStart, serviceEnd } = this.#v1.endpoints[place];
    return serviceStart === serviceEnd ? -1 : place;
  }

  /** What names no service, or that of neither side, is the client's. */
  #belongs(endpoint: number, side: Side): boolean {
    if (side === 'whole') return true;
    const isServers =
      this.#isSameService(endpoint, this.#serverEndpoint) && !this.#isSameService(endpoint, this.#clientEndpoint);
    return isServers === (side === 'server');
  }

  #isSameService(one: number, other: number): boolean {
    if (one < 0 || other < 0) return false;
    const a = this.#v1.endpoints[one];
    const b = this.#v1.endpoints[other];
    const length = a.serviceEnd - a.serviceStart;
    if (length !== b.serviceEnd - b.serviceStart) return false;
    for (let i = 0; i < length; i++) {
      if (this.bytes[a.serviceStart + i] !== this.bytes[b.serviceStart + i]) return false;
    }
    return true;
  }
}

function isZero(time: WireTime): boolean {
  return time.low === 0 && time.high === 0;
}

function isEmpty(starts: readonly number[], ends: readonly number[], row: number): boolean {
  return starts[row] === ends[row];
}
