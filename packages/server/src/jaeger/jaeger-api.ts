import type { IncomingMessage, ServerResponse } from 'node:http';
import { codeOf, QueryError, unixNanoFromMilli } from '@spoor/model';
import type { TraceStore } from '@spoor/query';
import { jaegerSpanKind, namelessService } from '@spoor/wire';
import type { Authorize } from '../authorize.ts';
import { publicMessage, statusOf } from '../error-status.ts';
import { clientGone, reply, replyCompressed } from '../http-reply.ts';
import { RequestAborted } from '../request-body.ts';
import { askedTraceId } from './asked-trace-id.ts';
import { compileSearch, parseBool, parseInteger, traceIdComplaint } from './compile-search.ts';
import { jaegerDependency } from './dependencies-json.ts';
import { envelope, plainEnvelope, type EnvelopeFields, type JaegerError } from './envelope.ts';
import type { JaegerAnswer, JaegerAsk } from './jaeger-ask.ts';
import { JaegerPostApi, type JaegerPostApiOptions } from './jaeger-post-api.ts';
import { JaegerV3Api } from './jaeger-v3-api.ts';
import { MonitorApi } from './monitor-api.ts';
import { TraceNotFound } from './trace-not-found.ts';

export interface JaegerApiOptions extends JaegerPostApiOptions {
  readonly traces: TraceStore;
  readonly authorize: Authorize;
  /** told of every failure that is the server's, not of bad questions */
  readonly onError: (path: string, error: unknown) => void;
  readonly now?: () => number;
}

/**
 * Jaeger's HTTP query API, `/api/*`: what Grafana, Kiali, Jaeger's own page and scripts ask. Answers are as Jaeger's
 * (envelope, error texts, status codes); what is beyond it is in this package's README.
 * Source: Jaeger v1.76 … v2.20, HTTP query service.
 */
export class JaegerApi {
  readonly #options: JaegerApiOptions;
  readonly #v3: JaegerV3Api;
  readonly #posts: JaegerPostApi;
  readonly #monitor: MonitorApi;

  constructor(options: JaegerApiOptions) {
    this.#options = options;
    this.#v3 = new JaegerV3Api(options);
    this.#posts = new JaegerPostApi(options);
    this.#monitor = new MonitorApi({ traces: options.traces, now: options.now ?? Date.now });
  }

  /** @param path  percent-encoded, base path removed, beginning with `/api/` */
  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    parameters: URLSearchParams,
  ): Promise<void> {
    const pretty = parameters.get('prettyPrint') ?? '';
    const indent = pretty === '' || pretty === 'false' ? 0 : 4;
    try {
      const tenant = this.#options.authorize({
        protocol: 'http',
        path,
        headers: request.headers,
        remoteAddress: request.socket.remoteAddress,
      });
      const segments = path.split('/').slice(2);
      const ask: JaegerAsk = { tenant, segments, parameters, signal: clientGone(response), indent };
      const reading = this.#route(ask);
      const writing = this.#posts.route(ask, request);
      if (reading === undefined && writing === undefined) {
        return reply(request, response, 404, plainText, '404 page not found\n', noSniff);
      }
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      const answering = isRead ? reading : request.method === 'POST' ? writing : undefined;
      if (answering === undefined) {
        const Allow = reading === undefined ? 'POST' : 'GET, HEAD';
        return reply(request, response, 405, plainText, 'Method Not Allowed\n', { ...noSniff, Allow });
      }
      const { status = 200, contentType = 'application/json', headers, body } = await answering();
      replyCompressed(request, response, status, contentType, body, headers);
    } catch (error) {
      this.#fail(request, response, path, indent, error);
    }
  }

  #route(ask: JaegerAsk): (() => Promise<JaegerAnswer>) | undefined {
    const [first, second, third] = ask.segments;
    const length = ask.segments.length;
    if (length === 1) {
      if (first === 'services') return () => this.#services(ask);
      if (first === 'operations') return () => this.#operations(ask);
      if (first === 'traces') return () => this.#search(ask);
      if (first === 'dependencies') return () => this.#dependencies(ask);
    }
    if (length === 2 && first === 'traces' && second !== '') return () => this.#trace(ask, second);
    if (length === 3 && first === 'services' && third === 'operations')
      return () => this.#serviceOperations(ask, second);
    if (first === 'metrics') return this.#monitor.route(ask);
    return first === 'v3' ? this.#v3.route(ask) : undefined;
  }

  async #services({ tenant, signal, indent }: JaegerAsk): Promise<JaegerAnswer> {
    const { names } = await this.#options.traces.services(tenant, {}, signal);
    const shown = names.map((name) => (name === '' ? namelessService : name));
    return { body: plainEnvelope(shown, { total: shown.length }, indent) };
  }

  async #operations({ tenant, parameters, signal, indent }: JaegerAsk): Promise<JaegerAnswer> {
    const service = parameters.get('service');
    if (!service) throw new QueryError('QUERY_INVALID', "parameter 'service' is required");
    const kind = spanKindNumber(parameters.get('spanKind'));
    const found = await this.#options.traces.operations(tenant, { service: storedService(service), kind }, signal);
    const shown = found.map((operation) => ({ name: operation.name, spanKind: jaegerSpanKind(operation.kind) }));
    return { body: plainEnvelope(shown, { total: shown.length }, indent) };
  }

  async #serviceOperations({ tenant, signal, indent }: JaegerAsk, encoded: string): Promise<JaegerAnswer> {
    const service = queryUnescape(encoded);
    const found = await this.#options.traces.operations(tenant, { service: storedService(service) }, signal);
    const names = [...new Set(found.map((operation) => operation.name))];
    return { body: plainEnvelope(names, { total: names.length }, indent) };
  }

  async #search(ask: JaegerAsk): Promise<JaegerAnswer> {
    const { tenant, parameters, signal, indent } = ask;
    const search = compileSearch(parameters);
    const format = { name: 'jaeger-json', options: { raw: search.raw, prettyPrint: indent > 0 } };
    if (search.kind === 'ids') {
      const { body, found, missing } = await this.#options.traces.traces(tenant, { ids: search.ids, format }, signal);
      const errors = missing.map((traceID) => ({ msg: 'trace not found', traceID }));
      return { body: envelope(body, { total: found, errors }, indent) };
    }
    const { query, range, limit } = search;
    const answer = await this.#options.traces.search(tenant, { query, range, limit, order: 'newest', format }, signal);
    const fields: EnvelopeFields = {
      total: answer.total,
      errors: answer.warnings.map((msg): JaegerError => ({ msg })),
      totalIsLowerBound: !answer.totalIsExact,
    };
    return { body: envelope(answer.body ?? Buffer.from('[]'), fields, indent) };
  }

  async #trace({ tenant, parameters, signal, indent }: JaegerAsk, text: string): Promise<JaegerAnswer> {
    const id = askedTraceId(text);
    if (id === undefined) throw new QueryError('QUERY_INVALID', traceIdComplaint(text)!);
    // Times are read for their errors only: a trace is found wherever it lies.
    for (const name of ['start', 'end']) if (parameters.get(name)) parseInteger(name, parameters.get(name)!);
    const format = {
      name: 'jaeger-json',
      options: { raw: parseBool('raw', parameters.get('raw')), prettyPrint: indent > 0 },
    };
    const { body, found, warnings } = await this.#options.traces.traces(tenant, { ids: [id], format }, signal);
    if (found === 0) throw new TraceNotFound();
    return { body: envelope(body, { errors: warnings.map((msg) => ({ msg })) }, indent) };
  }

  async #dependencies({ tenant, parameters, signal, indent }: JaegerAsk): Promise<JaegerAnswer> {
    const now = (this.#options.now ?? Date.now)();
    const endMilli = milliseconds(parameters, 'endTs', now);
    const lookbackMilli = milliseconds(parameters, 'lookback', dependencyLookbackMilli);
    const start = unixNanoFromMilli(Math.max(0, endMilli - lookbackMilli));
    const range = { start, end: unixNanoFromMilli(endMilli) };
    const edges = await this.#options.traces.dependencies(tenant, range, signal);
    const service = parameters.get('service');
    const shown = edges
      .filter((edge) => !service || edge.parent === service || edge.child === service)
      .map((edge) => jaegerDependency(edge, Math.max(lookbackMilli, 1) / 1000));
    return { body: plainEnvelope(shown, {}, indent) };
  }

  /** Jaeger sends its errors through Go's `http.Error`: the envelope as plain text with a newline. */
  #fail(request: IncomingMessage, response: ServerResponse, path: string, indent: 0 | 4, error: unknown): void {
    if (error instanceof RequestAborted || (codeOf(error) === 'QUERY_CANCELLED' && response.destroyed)) return;
    const notFound = error instanceof TraceNotFound;
    const { http, retryAfterSeconds } = notFound ? { http: 404, retryAfterSeconds: undefined } : statusOf(error);
    if (http >= 500) this.#options.onError(path, error);
    const msg = notFound ? error.message : publicMessage(error);
    const body = [...plainEnvelope(null, { errors: [{ code: http, msg }] }, indent), Buffer.from('\n')];
    const wait = retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) };
    reply(request, response, http, plainText, body, { ...noSniff, ...wait });
  }
}

const plainText = 'text/plain; charset=utf-8';
const noSniff = { 'X-Content-Type-Options': 'nosniff' };
const dependencyLookbackMilli = 24 * 3600 * 1000;

function storedService(shown: string): string {
  return shown === namelessService ? '' : shown;
}

/** Go's `url.QueryUnescape`: `%2F` is a slash of the name, `+` a space. A stray `%` stands for itself. */
function queryUnescape(encoded: string): string {
  const spaced = encoded.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

function spanKindNumber(name: string | null): number | undefined {
  if (!name) return undefined;
  const kind = [1, 2, 3, 4, 5].find((number) => jaegerSpanKind(number) === name.toLowerCase());
  if (kind === undefined && name !== 'unspecified') {
    throw new QueryError('QUERY_INVALID', `unable to parse param 'spanKind': unsupported span kind: '${name}'`);
  }
  return kind ?? 0;
}

function milliseconds(parameters: URLSearchParams, name: string, otherwise: number): number {
  const text = parameters.get(name);
  return text ? Number(parseInteger(name, text)) : otherwise;
}
