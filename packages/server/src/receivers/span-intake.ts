import type { SpanSink } from '@spoor/model';
import { WalContentEncoding, WalSignal, type Haste, type RequestMeta, type Store } from '@spoor/store';
import type { DecodeResult } from '@spoor/wire';
import type { ContentCoding } from '../content-coding.ts';
import type { WrapSink } from './resource-tags.ts';
import { decodeForeign, type BodyForm } from './request-decoder.ts';

/** One request or packet of Jaeger's or Zipkin's clients, whichever way it came. */
export interface SpanRequest {
  readonly tenant: string;
  readonly form: BodyForm;
  /** the coding `received` is in */
  readonly coding: ContentCoding;
  /** the body as received: what the WAL keeps */
  readonly received: Uint8Array;
  /** the body with its content coding undone */
  readonly body: Uint8Array;
  readonly haste?: Haste;
}

/** Takes a request as a whole or refuses it as a whole. Resolves when what it kept is durable and searchable. */
export type TakeSpans = (request: SpanRequest) => Promise<DecodeResult>;

/** Decodes requests into the store of their tenant. */
export function spanIntake(
  storeOf: (tenant: string) => Store,
  wrap: WrapSink,
  now: () => number = Date.now,
): TakeSpans {
  return ({ tenant, form, coding, received, body, haste }) => {
    const receivedMilli = now();
    const meta: RequestMeta = {
      signal: WalSignal.traces,
      protocol: form.protocol,
      contentType: form.contentType,
      contentEncoding: WalContentEncoding[coding],
      receivedMilli,
      transformationVersion: 0,
    };
    const decode = (sink: SpanSink): ReturnType<typeof decodeForeign> =>
      decodeForeign(form, body, receivedMilli, wrap(sink));
    return storeOf(tenant).append(meta, received, decode, haste);
  };
}
