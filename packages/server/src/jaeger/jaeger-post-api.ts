import type { IncomingMessage } from 'node:http';
import { QueryError, type TraceId } from '@spoor/model';
import type { ByteBudget } from '../byte-budget.ts';
import { wholeBody } from '../whole-body.ts';
import { askedTraceId } from './asked-trace-id.ts';
import { traceIdComplaint } from './compile-search.ts';
import { envelope } from './envelope.ts';
import type { JaegerAnswer, JaegerAsk } from './jaeger-ask.ts';
import type { OtlpTransformer } from './otlp-transformer.ts';
import { TraceNotFound } from './trace-not-found.ts';

export interface JaegerPostApiOptions {
  /** Keeps a trace beyond retention. @returns false when there is no such trace */
  readonly archiveTrace: (tenant: string, id: TraceId, signal: AbortSignal) => Promise<boolean>;
  readonly transformer: OtlpTransformer;
  /** memory of bodies in flight */
  readonly bodyBytes: ByteBudget;
}

/** What Jaeger's API takes by `POST`: `/api/archive/{id}` and `/api/transform`. */
export class JaegerPostApi {
  readonly #options: JaegerPostApiOptions;

  constructor(options: JaegerPostApiOptions) {
    this.#options = options;
  }

  /** The answer to a `POST`; `undefined` where there is nothing to post to. */
  route(ask: JaegerAsk, request: IncomingMessage): (() => Promise<JaegerAnswer>) | undefined {
    const [first, second] = ask.segments;
    const length = ask.segments.length;
    if (length === 1 && first === 'transform') return () => this.#transform(ask, request);
    if (length === 2 && first === 'archive' && second !== '') return () => this.#archive(ask, request, second);
    return undefined;
  }

  async #archive({ tenant, signal, indent }: JaegerAsk, request: IncomingMessage, text: string): Promise<JaegerAnswer> {
    // A form on another site can post here, but its browser says where it comes from.
    if (request.headers['sec-fetch-site'] === 'cross-site') {
      throw new QueryError('QUERY_INVALID', 'a page of another site may not archive traces');
    }
    const id = askedTraceId(text);
    if (id === undefined) throw new QueryError('QUERY_INVALID', traceIdComplaint(text)!);
    if (!(await this.#options.archiveTrace(tenant, id, signal))) throw new TraceNotFound();
    const done = { data: [], total: 0, limit: 0, offset: 0, errors: [] };
    return { body: [Buffer.from(JSON.stringify(done, undefined, indent))] };
  }

  async #transform({ indent }: JaegerAsk, request: IncomingMessage): Promise<JaegerAnswer> {
    using hold = this.#options.bodyBytes.open();
    const json = await wholeBody(request, hold);
    const { data, rejectedSpanCount, rejectedReason } = await this.#options.transformer.transform(json, indent > 0);
    const errors = rejectedSpanCount === 0 ? [] : [{ msg: `${rejectedSpanCount} spans left out: ${rejectedReason}` }];
    return { body: envelope(data, { errors }, indent) };
  }
}
