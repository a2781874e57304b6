import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { codeOf, parseSpanId, parseTraceId, QueryError, type TraceId } from '@spoor/model';
import type { Format, TraceStore } from '@spoor/query';
import { skeletonContentType } from '@spoor/wire';
import type { Authorize } from '../authorize.ts';
import type { ByteBudget } from '../byte-budget.ts';
import { publicMessage, statusOf } from '../error-status.ts';
import { clientGone, reply } from '../http-reply.ts';
import { AnswerStream } from './answer-stream.ts';
import { namesJson, valuesJson } from './completion-json.ts';
import type { PageAsk } from './page-ask.ts';
import type { PageTraceAnswer, PageTraceRequest } from './page-query.ts';
import { metricsJson } from './metrics-json.ts';
import { overviewJson } from './overview-json.ts';
import type { ReceiverStatus } from './receiver-status.ts';
import { wholeBody } from '../whole-body.ts';
import { searchJson } from './search-json.ts';
import type { UploadIntake } from './upload-intake.ts';
import { serviceJson } from './service-json.ts';

/** Parts of one trace, read without the rest of it. */
export interface PageTraces {
  page(tenant: string, request: PageTraceRequest, signal?: AbortSignal): Promise<PageTraceAnswer>;
}

export interface PageApiOptions {
  readonly traces: TraceStore & PageTraces;
  readonly authorize: Authorize;
  readonly receivers: () => ReceiverStatus;
  /** Puts the example trace through the program's own OTLP path. @returns its id, once it can be found */
  readonly sendTestTrace: (tenant: string) => Promise<TraceId>;
  readonly uploads: UploadIntake;
  /** memory of files in flight */
  readonly uploadBytes: ByteBudget;
  readonly onError: (path: string, error: unknown) => void;
}

interface Answer {
  readonly status?: number;
  readonly contentType?: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Smaller bodies gain nothing from it. */
const gzipBytesMin = 1024;

/**
 * What the page asks, below `/api/spoor/`. Made for the page alone and free to change with it. `search` and `metrics` are
 * told while they grow to clients that take `application/x-ndjson` (`answer-stream.ts`).
 *
 *    GET  status                           receivers, what they got and refused
 *    GET  overview?start&end               services with rate, errors, durations; heatmap (µs since the epoch)
 *    GET  service?name&start&end           one service's requests, errors and durations over time; its operations
 *    GET  search?q&service&…&cursor        traces that match, a page at a time
 *    GET  metrics?q&start&end&step         a metrics query over time, or a comparison
 *    GET  names?prefix                     attribute names with their scopes, for completion
 *    GET  values?name|field&prefix         values of a field, for completion
 *    GET  trace/{id}/skeleton              `skeleton-format.ts`
 *    GET  trace/{id}/row/{row}?spans       one span as OTLP JSON, by its row in the skeleton of so many spans
 *    GET  trace/{id}/span/{spanId}         the same by span id
 *    GET  trace/{id}/find?q                rows that match a typed query
 *    GET  trace/{id}/otlp                  the whole trace as OTLP JSON
 *    POST test-trace                       stores the example trace
 *    POST upload                           stores the traces of a file in any form that `read-upload.ts` knows
 */
export class PageApi {
  readonly #options: PageApiOptions;

  constructor(options: PageApiOptions) {
    this.#options = options;
  }

  /** @param path  percent-encoded, base path removed, beginning with `/api/spoor/` */
  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    parameters: URLSearchParams,
  ): Promise<void> {
    const { headers } = request;
    const stream = new AnswerStream(response, acceptsGzip(request));
    try {
      const tenant = this.#options.authorize({
        protocol: 'http',
        path,
        headers,
        remoteAddress: request.socket.remoteAddress,
      });
      const segments = path.split('/').slice(3).map(decodeURIComponent);
      const onSoFar = AnswerStream.isAccepted(headers.accept) ? stream.offer.bind(stream) : undefined;
      const ask = { tenant, segments, parameters, signal: clientGone(response), onSoFar };
      const answer = await (request.method === 'POST' ? this.#post(ask, request) : this.#get(ask));
      if (stream.isOpen && typeof answer?.body === 'string') await stream.finish(answer.body);
      else await send(request, response, answer ?? notFound(`there is no ${path} here`));
    } catch (error) {
      if (codeOf(error) === 'QUERY_CANCELLED') return void response.destroy();
      const { http } = statusOf(error);
      if (http >= 500) this.#options.onError(path, error);
      const body = errorJson(codeOf(error) ?? 'INTERNAL', publicMessage(error));
      if (stream.isOpen) await stream.finish(body);
      else reply(request, response, http, json, body);
    }
  }

  async #get(ask: PageAsk): Promise<Answer | undefined> {
    const [first, ...rest] = ask.segments;
    const { traces, receivers } = this.#options;
    if (first === 'trace' && rest.length >= 2) return this.#trace(ask, rest);
    if (rest.length > 0) return undefined;
    if (first === 'status') return { body: JSON.stringify(receivers()) };
    if (first === 'overview') return { body: await overviewJson(traces, ask.tenant, ask.parameters, ask.signal) };
    if (first === 'service') return { body: await serviceJson(traces, ask.tenant, ask.parameters, ask.signal) };
    if (first === 'names') return { body: await namesJson(traces, ask.tenant, ask.parameters, ask.signal) };
    if (first === 'values') return { body: await valuesJson(traces, ask.tenant, ask.parameters, ask.signal) };
    if (first === 'metrics') return { body: await metricsJson(traces, ask) };
    if (first === 'search') return { body: await searchJson(traces, ask) };
    return undefined;
  }

  async #post({ tenant, segments, signal }: PageAsk, request: IncomingMessage): Promise<Answer | undefined> {
    const [what] = segments;
    if (segments.length !== 1 || (what !== 'test-trace' && what !== 'upload')) return undefined;
    // A form on another site can post here, but cannot hide where it comes from.
    const origin = request.headers['sec-fetch-site'];
    if (origin !== undefined && origin !== 'same-origin' && origin !== 'none') {
      return { status: 403, body: errorJson('FORBIDDEN', 'only the page itself may ask for this') };
    }
    const { sendTestTrace, uploads, uploadBytes } = this.#options;
    if (what === 'test-trace') return { body: JSON.stringify({ traceId: await sendTestTrace(tenant) }) };
    using hold = uploadBytes.open();
    return { body: JSON.stringify(await uploads.take(tenant, await wholeBody(request, hold), signal)) };
  }

  async #trace(ask: PageAsk, [idText, what, detail]: readonly string[]): Promise<Answer | undefined> {
    const id = parseTraceId(idText);
    if (id === undefined) throw new QueryError('QUERY_INVALID', `'${idText}' is not a trace id`);
    const part = partOf(what, detail, ask.parameters);
    if (part !== undefined) return this.#part(ask, { id, part });
    const format = formatOf(what, ask.parameters);
    if (format === undefined) return undefined;
    const { body, found } = await this.#options.traces.traces(ask.tenant, { ids: [id], format }, ask.signal);
    return found === 0 ? notFound(`trace ${id} is not stored here`) : { body };
  }

  async #part({ tenant, signal }: PageAsk, request: PageTraceRequest): Promise<Answer> {
    const { isFound, body } = await this.#options.traces.page(tenant, request, signal);
    if (!isFound) return notFound(`trace ${request.id} is not stored here`);
    if (request.part.kind === 'skeleton') return { body, contentType: skeletonContentType };
    if (body.length > 0) return { body };
    if (request.part.kind === 'span') return notFound(`trace ${request.id} has no such span`);
    return { status: 409, body: errorJson('MOVED', 'the trace has grown since its skeleton was read') };
  }
}

/** Answers that need the trace's columns only. */
function partOf(
  what: string,
  detail: string | undefined,
  parameters: URLSearchParams,
): PageTraceRequest['part'] | undefined {
  switch (what) {
    case 'skeleton':
      return { kind: 'skeleton' };
    case 'span': {
      const spanId = parseSpanId(detail ?? '');
      if (spanId === undefined) throw new QueryError('QUERY_INVALID', `'${detail}' is not a span id`);
      return { kind: 'span', spanId };
    }
    case 'row':
      return { kind: 'row', row: Number(detail), spanCount: Number(parameters.get('spans')) };
    default:
      return undefined;
  }
}

/** Answers that need the whole trace. */
function formatOf(what: string, parameters: URLSearchParams): Format | undefined {
  if (what === 'otlp') return { name: 'otlp-json' };
  return what === 'find' ? { name: 'page-find', options: { q: parameters.get('q') ?? '' } } : undefined;
}

const json = 'application/json';

function notFound(message: string): Answer {
  return { status: 404, body: errorJson('NOT_FOUND', message) };
}

function errorJson(code: string, message: string): string {
  return JSON.stringify({ error: { code, message } });
}

function acceptsGzip({ headers }: IncomingMessage): boolean {
  return /\bgzip\b/.test(headers['accept-encoding'] ?? '');
}

/** Compressed in the thread pool: a large skeleton must not hold the sockets. */
async function send(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  const { status = 200, contentType = json, headers = {} } = answer;
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  const always = {
    ...headers,
    Vary: 'Accept-Encoding',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  };
  if (body.length < gzipBytesMin || !acceptsGzip(request)) {
    return reply(request, response, status, contentType, body, always);
  }
  const gzipped = await promisify<Uint8Array, object, Buffer>(gzip)(body, { level: 3 });
  reply(request, response, status, contentType, gzipped, { ...always, 'Content-Encoding': 'gzip' });
}
