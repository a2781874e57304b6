import type { IncomingMessage, ServerResponse } from 'node:http';
import { codeOf, parseTraceId, QueryError, type TraceId } from '@spoor/model';
import type { TraceStore } from '@spoor/query';
import type { Authorize } from '../authorize.ts';
import { publicMessage, statusOf } from '../error-status.ts';
import { clientGone, reply } from '../http-reply.ts';
import { compileZipkinSearch, zipkinLookbackMilli, zipkinRange } from './compile-zipkin-search.ts';

export interface ZipkinApiOptions {
  readonly traces: TraceStore;
  readonly authorize: Authorize;
  /** told of every failure that is the server's, not of bad questions */
  readonly onError: (path: string, error: unknown) => void;
  readonly now?: () => number;
}

/** Names in one answer: what a page can offer. */
const offeredNamesMax = 1_000;
/** Zipkin takes no more, and as many are already a long answer. */
const traceManyMax = 1_000;

interface Ask {
  readonly tenant: string;
  readonly parameters: URLSearchParams;
  readonly signal: AbortSignal;
}
type Answer = (ask: Ask) => Promise<string | Uint8Array>;

/**
 * Zipkin's query API, `/api/v2/*`, as its page and its clients ask it, with or without `/zipkin` in front.
 * Source: openzipkin/zipkin-api, zipkin2-api.yaml; openzipkin/zipkin, ZipkinQueryApiV2.
 */
export class ZipkinApi {
  readonly #options: ZipkinApiOptions;
  readonly #routes: ReadonlyMap<string, Answer>;

  constructor(options: ZipkinApiOptions) {
    this.#options = options;
    this.#routes = new Map<string, Answer>([
      ['/api/v2/services', (ask) => this.#services(ask)],
      ['/api/v2/spans', (ask) => this.#spanNames(ask)],
      ['/api/v2/remoteServices', (ask) => this.#remoteServices(ask)],
      ['/api/v2/traces', (ask) => this.#search(ask)],
      ['/api/v2/traceMany', (ask) => this.#traceMany(ask)],
      ['/api/v2/dependencies', (ask) => this.#dependencies(ask)],
      ['/api/v2/autocompleteKeys', (ask) => this.#autocompleteKeys(ask)],
      ['/api/v2/autocompleteValues', (ask) => this.#autocompleteValues(ask)],
      ['/config.json', async () => pageConfig],
      ['/health', async () => '{"status":"UP","zipkin":{"status":"UP"}}'],
      ['/info', async () => '{"zipkin":{"version":"3"}}'],
    ]);
  }

  /**
   * Answers a request to read. What shares the port with it asks this first.
   *
   * @returns false when the request is none for this API, and nothing was answered
   */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const path = (mark < 0 ? url : url.slice(0, mark)).replace(/^\/zipkin(?=\/)/, '');
    const answer = this.#routes.get(path) ?? this.#traceRoute(path);
    if (answer === undefined) return false;
    const parameters = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
    void this.#answer(request, response, path, parameters, answer);
    return true;
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    parameters: URLSearchParams,
    answer: Answer,
  ): Promise<void> {
    try {
      const { headers, socket } = request;
      const { remoteAddress } = socket;
      const tenant = this.#options.authorize({ protocol: 'http', path, headers, remoteAddress });
      const body = await answer({ tenant, parameters, signal: clientGone(response) });
      reply(request, response, 200, 'application/json', body);
    } catch (error) {
      this.#fail(request, response, path, error);
    }
  }

  /** Zipkin answers errors with their message and nothing else. */
  #fail(request: IncomingMessage, response: ServerResponse, path: string, error: unknown): void {
    if (codeOf(error) === 'QUERY_CANCELLED' && response.destroyed) return;
    if (error instanceof NotFound) return reply(request, response, 404, plainText, error.message);
    const { http, retryAfterSeconds } = statusOf(error);
    if (http >= 500) this.#options.onError(path, error);
    const wait = retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) };
    reply(request, response, http, plainText, publicMessage(error), { 'X-Content-Type-Options': 'nosniff', ...wait });
  }

  #traceRoute(path: string): Answer | undefined {
    const text = /^\/api\/v2\/trace\/([^/]+)$/.exec(path)?.[1];
    return text === undefined ? undefined : (ask) => this.#trace(ask, text);
  }

  async #services({ tenant, signal }: Ask): Promise<string> {
    const { names } = await this.#options.traces.services(tenant, {}, signal);
    return JSON.stringify(names.filter((name) => name !== ''));
  }

  async #spanNames({ tenant, parameters, signal }: Ask): Promise<string> {
    const service = required(parameters, 'serviceName');
    const operations = await this.#options.traces.operations(tenant, { service }, signal);
    return JSON.stringify([...new Set(operations.map(({ name }) => name))].filter((name) => name !== ''));
  }

  async #remoteServices({ tenant, parameters, signal }: Ask): Promise<string> {
    const service = required(parameters, 'serviceName');
    const request = { scope: 'span', name: 'peer.service', service, limit: offeredNamesMax } as const;
    const { values } = await this.#options.traces.attributeValues(tenant, request, signal);
    return JSON.stringify(values.map(({ value }) => value).filter((value) => value !== ''));
  }

  async #search({ tenant, parameters, signal }: Ask): Promise<Uint8Array> {
    const { query, range, limit } = compileZipkinSearch(parameters, this.#now());
    const format = { name: 'zipkin-json' };
    const answer = await this.#options.traces.search(tenant, { query, range, limit, order: 'newest', format }, signal);
    return answer.body ?? Buffer.from('[]');
  }

  async #trace({ tenant, signal }: Ask, text: string): Promise<Uint8Array> {
    const format = { name: 'zipkin-json', options: { single: true } };
    const ids = [traceId(text)];
    const { body, found } = await this.#options.traces.traces(tenant, { ids, format }, signal);
    if (found === 0) throw new NotFound(text);
    return body;
  }

  async #traceMany({ tenant, parameters, signal }: Ask): Promise<Uint8Array> {
    const texts = (parameters.get('traceIds') ?? '').split(',', traceManyMax);
    if (texts[0] === '' && texts.length === 1) throw invalid('traceIds parameter is empty');
    const ids = new Set<TraceId>();
    for (const text of texts) {
      const id = traceId(text);
      if (ids.has(id)) throw invalid(`redundant traceId: ${text}`);
      ids.add(id);
    }
    if (ids.size === 1) throw invalid('Use /api/v2/trace/{traceId} endpoint to retrieve a single trace');
    const request = { ids: [...ids], format: { name: 'zipkin-json' } };
    return (await this.#options.traces.traces(tenant, request, signal)).body;
  }

  async #dependencies({ tenant, parameters, signal }: Ask): Promise<string> {
    const range = zipkinRange(parameters, this.#now());
    const edges = await this.#options.traces.dependencies(tenant, range, signal);
    const links = edges.map(({ parent, child, callCount, errorCount }) => ({
      parent,
      child,
      // Zipkin's clients read whole numbers; an estimate from sampled spans is none.
      callCount: Math.max(1, Math.round(callCount)),
      ...(errorCount > 0 ? { errorCount: Math.max(1, Math.round(errorCount)) } : {}),
    }));
    return JSON.stringify(links);
  }

  async #autocompleteKeys({ tenant, signal }: Ask): Promise<string> {
    const found = await this.#options.traces.attributeNames(tenant, {}, signal);
    const names = found.filter(
      ({ scope, name }) => (scope === 'span' || scope === 'resource') && name !== 'service.name',
    );
    return JSON.stringify([...new Set(names.map(({ name }) => name))].sort().slice(0, offeredNamesMax));
  }

  async #autocompleteValues({ tenant, parameters, signal }: Ask): Promise<string> {
    const request = { scope: 'any', name: required(parameters, 'key'), limit: offeredNamesMax } as const;
    const { values } = await this.#options.traces.attributeValues(tenant, request, signal);
    return JSON.stringify(values.map(({ value }) => value));
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

class NotFound extends Error {
  constructor(id: string) {
    super(`${id} not found`);
    this.name = 'NotFound';
  }
}

const plainText = 'text/plain; charset=utf-8';

/** What Zipkin's page reads before it draws anything. */
const pageConfig = JSON.stringify({
  environment: '',
  queryLimit: 10,
  defaultLookback: zipkinLookbackMilli,
  searchEnabled: true,
  logsUrl: null,
  supportUrl: null,
  archivePostUrl: null,
  archiveUrl: null,
  dependency: { enabled: true, lowErrorRate: 0.5, highErrorRate: 0.75 },
});

function traceId(text: string): TraceId {
  const id = parseTraceId(text);
  if (id !== undefined && /^[0-9a-f]+$/.test(text)) return id;
  if (text.length > 32) throw invalid(`${text} should be a 1 to 32 character lower-hex string with no prefix`);
  throw invalid(`${text} should be lower-hex encoded with no prefix`);
}

function required(parameters: URLSearchParams, name: string): string {
  const value = parameters.get(name);
  if (value === null) throw invalid(`required parameter '${name}' is missing`);
  return value;
}

function invalid(message: string): QueryError {
  return new QueryError('QUERY_INVALID', message);
}
