import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { regroup } from './otlp-regroup.ts';
import { Ordinals, type RequestTemplate, earliestStart, makeTemplate } from './request-template.ts';
import { synthesizeRequests } from './synthetic-requests.ts';

export interface SpanGeneratorOptions {
  readonly spansPerRequest: number;
  /** any integer; the same seed makes the same ids and values */
  readonly seed: number;
  /** the capture when it is there, unless told otherwise */
  readonly source?: 'capture' | 'synthetic' | undefined;
}

/** A made span that a question can be asked about. */
export interface KnownSpan {
  /** 32 hex digits */
  readonly traceId: string;
  /** an attribute whose value looks unique, when the span has one */
  readonly unique: { readonly key: string; readonly value: string } | undefined;
}

const captureDirectory = join(import.meta.dirname, '../../shared/data/otel-demo-otlp');
const TRACE_JITTER_NANO = 50e6;
const STRETCH_MAX = 1.25;
const TWO_32 = 2 ** 32;

/** What a hash is for, so that equal ordinals of different kinds give different bits. */
const Use = Object.freeze({ traceId: 0, spanId: 4, digit: 6, traceJitter: 7, stretch: 8 });

/**
 * Makes OTLP request bodies without end: realistic spans with fresh ids, distinct values and times near now. Identical
 * ids or values would flatter every store, since equal things are kept once.
 *
 * A source (the reference capture, or spans of the same statistics where it is absent) is cut into bodies of N spans once.
 * Each pass over them is a *copy*, in which these places are patched:
 * - trace ids, span ids, parents and links: hashes of (seed, copy, id), so that they agree within a copy;
 * - values that look unique (UUIDs, runs of 16 or more hex digits) in attributes of spans and events: likewise;
 * - times: the copy ends about when it is asked to; each trace starts up to 50 ms later than in the source, each
 *   duration is stretched by 0.75–1.25. Children may stick out of their parents a little, as clocks make them.
 *
 * Resources stay as they are: the same processes send every copy. A body of 512 spans costs about 0.3 ms.
 */
export class SpanGenerator {
  /** what the spans are copies of, for the report */
  readonly source: string;
  readonly requestsPerCopy: number;
  readonly spansPerCopy: number;
  readonly bytesPerCopy: number;
  readonly #templates: readonly RequestTemplate[];
  readonly #seed: number;
  /** from the first start to the last end of a copy */
  readonly #extentNano: number;

  constructor({ spansPerRequest, seed, source }: SpanGeneratorOptions) {
    const captured = source === 'synthetic' ? undefined : readCapture();
    if (captured === undefined && source === 'capture') throw new Error(`there is no capture at ${captureDirectory}`);
    this.source = captured === undefined ? 'synthetic, statistics of the capture' : 'reference capture otel-demo-otlp';
    this.#seed = seed | 0;
    const bodies = regroup(captured ?? synthesizeRequests(), spansPerRequest);
    const firstStart = earliestStart(bodies);
    const ordinals = new Ordinals();
    this.#templates = bodies.map((body) => makeTemplate(body, firstStart, ordinals));
    this.requestsPerCopy = bodies.length;
    this.spansPerCopy = this.#templates.reduce((sum, { spans }) => sum + spans.length, 0);
    this.bytesPerCopy = bodies.reduce((sum, body) => sum + body.length, 0);
    this.#extentNano = this.#templates.reduce((extent, template) => Math.max(extent, extentNano(template)), 0);
  }

  /** Spans of request number `request`, below {@link requestsPerCopy}. */
  spansIn(request: number): number {
    return this.#templates[request].spans.length;
  }

  /**
   * The body of a request of a copy.
   * @param endUnixNano when the copy's last span ends at the latest
   * @returns bytes that belong to the caller
   */
  request(copy: number, request: number, endUnixNano: bigint): Uint8Array {
    const template = this.#templates[request];
    const { view, body } = template;
    for (const { offset, ordinal } of template.traceIds) {
      for (let word = 0; word < 4; word++)
        view.setUint32(offset + 4 * word, this.#hash(copy, ordinal, Use.traceId + word));
    }
    for (const { offset, ordinal } of template.spanIds) {
      view.setUint32(offset, this.#hash(copy, ordinal, Use.spanId));
      view.setUint32(offset + 4, this.#hash(copy, ordinal, Use.spanId + 1));
    }
    for (const { offset, ordinal } of template.digits) {
      const digit = this.#hash(copy, ordinal, Use.digit) >>> 28;
      body[offset] = digit < 10 ? 0x30 + digit : 0x57 + digit;
    }
    this.#setTimes(template, copy, endUnixNano - BigInt(this.#extentNano));
    return body.slice();
  }

  /** A span of a request as {@link request} makes it; `index` counts modulo the request's spans. */
  knownSpan(copy: number, request: number, index: number): KnownSpan {
    const body = this.request(copy, request, BigInt(this.#extentNano));
    const { spans } = this.#templates[request];
    const { traceOrdinal, unique } = spans[index % spans.length];
    const words = [0, 1, 2, 3].map((word) => this.#hash(copy, traceOrdinal, Use.traceId + word));
    return {
      traceId: words.map((word) => word.toString(16).padStart(8, '0')).join(''),
      unique: unique && { key: unique.key, value: new TextDecoder().decode(body.subarray(unique.start, unique.end)) },
    };
  }

  #setTimes({ view, times }: RequestTemplate, copy: number, baseUnixNano: bigint): void {
    const baseLow = Number(baseUnixNano & 0xffff_ffffn);
    const baseHigh = Number(baseUnixNano >> 32n);
    for (const { offset, traceOrdinal, spanOrdinal, startNano, deltaNano } of times) {
      const jitterNano = (this.#hash(copy, traceOrdinal, Use.traceJitter) / TWO_32) * TRACE_JITTER_NANO;
      const stretch = 0.75 + this.#hash(copy, spanOrdinal, Use.stretch) / TWO_32 / 2;
      const low = baseLow + Math.floor(startNano + jitterNano) + Math.floor(deltaNano * stretch);
      view.setUint32(offset, low % TWO_32, true);
      view.setUint32(offset + 4, baseHigh + Math.floor(low / TWO_32), true);
    }
  }

  /** 32 well-mixed bits; the steps and constants are MurmurHash3's. */
  #hash(copy: number, ordinal: number, use: number): number {
    let hash = this.#seed;
    for (const word of [copy, ordinal, use]) {
      const mixed = Math.imul(word, 0xcc9e_2d51);
      hash ^= Math.imul((mixed << 15) | (mixed >>> 17), 0x1b87_3593);
      hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe654_6b64) | 0;
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
  }
}

function readCapture(): readonly Uint8Array[] | undefined {
  if (!existsSync(captureDirectory)) return undefined;
  const names = readdirSync(captureDirectory).filter((name) => name.endsWith('.bin'));
  names.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  return names.map((name) => new Uint8Array(readFileSync(join(captureDirectory, name))));
}

function extentNano({ times }: RequestTemplate): number {
  const last = times.reduce((end, { startNano, deltaNano }) => Math.max(end, startNano + deltaNano * STRETCH_MAX), 0);
  return Math.ceil(last + TRACE_JITTER_NANO);
}
