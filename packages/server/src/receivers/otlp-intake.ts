import type { SpanSink } from '@spoor/model';
import { WalContentEncoding, WalContentType, WalProtocol, WalSignal, type RequestMeta, type Store } from '@spoor/store';
import {
  countRecords,
  decodeTracesJson,
  decodeTracesProtobuf,
  decodeTracesProtobufSliced,
  type DecodeResult,
} from '@spoor/wire';
import type { SpoorMetrics } from '../spoor-metrics.ts';
import type { JsonTranscoder } from './json-transcoder.ts';
import type { WrapSink } from './resource-tags.ts';
import { fullSuccess, type OtlpOutcome, type OtlpRequest } from './otlp-request.ts';

/** Bodies above this are decoded in slices, so that they hold the sockets no longer than a few milliseconds at a time. */
const slicedBytesMin = 1024 * 1024;
const spansPerSlice = 2_000;

export interface OtlpIntakeOptions {
  /** the store of a tenant */
  readonly storeOf: (tenant: string) => Store;
  readonly transcoder: JsonTranscoder;
  readonly metrics: SpoorMetrics;
  readonly wrap: WrapSink;
  readonly now?: () => number;
}

/** Where all OTLP requests come together: decodes them into the store, and counts those that it took. */
export class OtlpIntake {
  readonly #options: OtlpIntakeOptions;

  constructor(options: OtlpIntakeOptions) {
    this.#options = options;
  }

  /** See `OtlpExport`. */
  async export(request: OtlpRequest): Promise<OtlpOutcome> {
    const { exportRequests, exportBytes } = this.#options.metrics;
    const { transport, signal } = request;
    const outcome = await (signal === 'traces' ? this.#traces(request) : this.#count(request, signal));
    exportRequests.add(1, transport, signal, 'ok');
    exportBytes.add(request.received.length, transport, signal);
    return outcome;
  }

  async #traces(request: OtlpRequest): Promise<OtlpOutcome> {
    const { metrics, storeOf, wrap, now = Date.now } = this.#options;
    const { transport, encoding } = request;
    const start = performance.now();
    const decode = await this.#decoder(request);
    const meta: RequestMeta = {
      signal: WalSignal.traces,
      protocol: WalProtocol.otlp,
      contentType: WalContentType[encoding],
      contentEncoding: WalContentEncoding[request.coding],
      receivedMilli: now(),
      transformationVersion: 0,
    };
    const result = await storeOf(request.tenant).append(meta, request.received, (sink) => decode(wrap(sink)));
    metrics.exportSeconds.observe((performance.now() - start) / 1000, transport);
    metrics.spansAccepted.add(result.spanCount, transport, encoding);
    if (result.rejectedSpanCount === 0) return fullSuccess;
    metrics.spansRejected.add(result.rejectedSpanCount, transport, 'invalid_id');
    return {
      rejectedCount: result.rejectedSpanCount,
      message: result.rejectedReason ?? 'spans without a valid id were rejected',
    };
  }

  /** May run more than once: a request that does not fit into a head is decoded again into the next. */
  async #decoder({
    encoding,
    body,
  }: OtlpRequest): Promise<(sink: SpanSink) => DecodeResult | Generator<undefined, DecodeResult>> {
    if (body.length <= slicedBytesMin) {
      return encoding === 'json' ? (sink) => decodeTracesJson(body, sink) : (sink) => decodeTracesProtobuf(body, sink);
    }
    const protobuf = encoding === 'json' ? await this.#options.transcoder.transcode(body) : body;
    return (sink) => decodeTracesProtobufSliced(protobuf, sink, spansPerSlice);
  }

  /**
   * Logs and metrics are not kept yet. A warning (nothing rejected, but a message) tells the client so and makes none
   * log an error; a rejected count would.
   */
  async #count(request: OtlpRequest, signal: 'logs' | 'metrics'): Promise<OtlpOutcome> {
    const count = countRecords(request.body, signal, request.encoding);
    this.#options.metrics.recordsNotKept.add(count, signal);
    if (count === 0) return fullSuccess;
    return { rejectedCount: 0, message: `Spoor keeps traces; ${signal} are counted, but not kept yet` };
  }
}
