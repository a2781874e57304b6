import type { IncomingMessage, ServerResponse } from 'node:http';
import { codeOf } from '@spoor/model';
import type { TraceStore } from '@spoor/query';
import {
  tempoQueryInstantResponse,
  tempoQueryRangeResponse,
  tempoSearchResponse,
  tempoTagsResponse,
  tempoTagsV2Response,
  tempoTagValuesResponse,
  tempoTagValuesV2Response,
} from '@spoor/wire';
import type { Authorize } from '../authorize.ts';
import type { ByteBudget } from '../byte-budget.ts';
import { publicMessage, statusOf } from '../error-status.ts';
import { clientGone, reply, replyCompressed } from '../http-reply.ts';
import type { MetricRegistry } from '../metric-registry.ts';
import { RequestAborted } from '../request-body.ts';
import { findTrace, findTraceV2 } from './find-trace.ts';
import { instantResponse, rangeResponse } from './metrics-answer.ts';
import { compileInstant, compileRange, readMetricsParameters } from './metrics-request.ts';
import { runTempoSearch, type TempoSearchAnswer } from './search-answer.ts';
import { readSearchParameters } from './search-request.ts';
import { buildInfo, statusText, type TempoFacts } from './status-page.ts';
import { flatTags, listPlainTagValues, listTagScopes, listTagValues, type TagValuesAsk } from './tag-answer.ts';
import { messageAnswer, plainText, TempoRefusal, wantsProtobuf, type TempoAnswer, type TempoAsk } from './tempo-ask.ts';
import { countParameter } from './tempo-parameter.ts';
import { diffTraces } from './trace-diff.ts';

export interface TempoOptions {
  readonly traces: TraceStore;
  readonly authorize: Authorize;
  /** told of every failure that is the server's, not of bad questions */
  readonly onError: (path: string, error: unknown) => void;
  /** memory of bodies in flight */
  readonly bodyBytes: ByteBudget;
  /** of the paths below `/api/`; empty, or begins with a slash and does not end with one */
  readonly apiPrefix: string;
  readonly metrics: MetricRegistry;
  readonly isReady: () => boolean;
  readonly facts: TempoFacts;
  readonly now?: () => number;
}

type Answering = (ask: TempoAsk) => Promise<TempoAnswer>;

/**
 * Tempo's HTTP API, as Grafana asks it: `docs/tempo.md` lists it, and what is beyond Tempo. Errors are plain text;
 * methods are not told apart, as in Tempo.
 * Source: Tempo 2.0 … 3.1, HTTP API.
 */
export class TempoApi {
  readonly #options: TempoOptions;
  readonly #routes: ReadonlyMap<string, Answering>;

  constructor(options: TempoOptions) {
    this.#options = options;
    this.#routes = new Map<string, Answering>([
      ['/echo', async () => ({ contentType: plainText, body: 'echo' })],
      ['/status/buildinfo', async () => json(buildInfo(options.facts))],
      ['/search', (ask) => this.#search(ask)],
      ['/search/tags', (ask) => this.#tags(ask)],
      ['/v2/search/tags', (ask) => this.#tagsV2(ask)],
      ['/metrics/query_range', (ask) => this.#queryRange(ask)],
      ['/metrics/query', (ask) => this.#queryInstant(ask)],
      ['/v2/traces/diff', (ask) => diffTraces(options.traces, options.bodyBytes, ask)],
    ]);
  }

  /** Answers every request of the port. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    try {
      if (this.#answerMachines(request, response, path)) return;
      const answering = this.#route(path);
      if (answering === undefined) throw new TempoRefusal(404, '404 page not found\n');
      const { headers, socket } = request;
      const { remoteAddress } = socket;
      const ask: TempoAsk = {
        tenant: this.#options.authorize({ protocol: 'http', path, headers, remoteAddress }),
        request,
        parameters: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
        signal: clientGone(response),
        wantsProtobuf: wantsProtobuf(headers.accept),
      };
      const { status = 200, contentType, headers: more, body } = await answering(ask);
      replyCompressed(request, response, status, contentType, body, more);
    } catch (error) {
      this.#fail(request, response, path, error);
    }
  }

  #route(path: string): Answering | undefined {
    const base = `${this.#options.apiPrefix}/api`;
    if (!path.startsWith(`${base}/`)) return undefined;
    const below = path.slice(base.length);
    const { traces } = this.#options;
    const known = this.#routes.get(below);
    if (known !== undefined) return known;
    const [, version, id] = /^(\/v2)?\/traces\/([^/]+)$/.exec(below) ?? [];
    if (id !== undefined) return (ask) => (version === undefined ? findTrace : findTraceV2)(traces, ask, id);
    const [, tagVersion, tag] = /^(\/v2)?\/search\/tag\/(.+)\/values$/.exec(below) ?? [];
    if (tag === undefined) return undefined;
    return tagVersion === undefined ? (ask) => this.#tagValues(ask, tag) : (ask) => this.#tagValuesV2(ask, tag);
  }

  async #search(ask: TempoAsk): Promise<TempoAnswer> {
    const search = readSearchParameters(ask.parameters);
    const answer = await runTempoSearch(this.#options.traces, ask.tenant, search, ask.signal);
    return messageAnswer(ask, tempoSearchResponse, answer.response, 'traces', searchHeaders(answer));
  }

  async #tags(ask: TempoAsk): Promise<TempoAnswer> {
    const asked = tagsAsk(ask);
    const scopes = await listTagScopes(this.#options.traces, ask.tenant, asked, ask.signal);
    return messageAnswer(ask, tempoTagsResponse, { tagNames: flatTags(scopes, asked.scope), metrics: {} }, 'tagNames');
  }

  async #tagsV2(ask: TempoAsk): Promise<TempoAnswer> {
    const scopes = await listTagScopes(this.#options.traces, ask.tenant, tagsAsk(ask), ask.signal);
    return messageAnswer(ask, tempoTagsV2Response, { scopes, metrics: {} }, 'scopes');
  }

  async #tagValues(ask: TempoAsk, tag: string): Promise<TempoAnswer> {
    const asked = tagValuesAsk(ask, tag);
    const tagValues = await listPlainTagValues(this.#options.traces, ask.tenant, asked, ask.signal);
    return messageAnswer(ask, tempoTagValuesResponse, { tagValues, metrics: {} }, 'tagValues');
  }

  async #tagValuesV2(ask: TempoAsk, tag: string): Promise<TempoAnswer> {
    const asked = tagValuesAsk(ask, tag);
    const tagValues = await listTagValues(this.#options.traces, ask.tenant, asked, ask.signal);
    return messageAnswer(ask, tempoTagValuesV2Response, { tagValues, metrics: {} }, 'tagValues');
  }

  async #queryRange(ask: TempoAsk): Promise<TempoAnswer> {
    const request = compileRange(readMetricsParameters(ask.parameters, this.#now()));
    const answer = await this.#options.traces.metrics(ask.tenant, request, ask.signal);
    const response = rangeResponse(request, answer);
    return messageAnswer(ask, tempoQueryRangeResponse, response, 'series', warningHeaders(answer.warnings));
  }

  async #queryInstant(ask: TempoAsk): Promise<TempoAnswer> {
    const request = compileInstant(readMetricsParameters(ask.parameters, this.#now()));
    const answer = await this.#options.traces.metrics(ask.tenant, request, ask.signal);
    const response = instantResponse(answer);
    return messageAnswer(ask, tempoQueryInstantResponse, response, 'series', warningHeaders(answer.warnings));
  }

  /** What probes, scrapers and people ask, who come round the proxy that puts a prefix there. */
  #answerMachines(request: IncomingMessage, response: ServerResponse, path: string): boolean {
    const { metrics, isReady, facts } = this.#options;
    if (path === '/ready') {
      const ready = isReady();
      reply(request, response, ready ? 200 : 503, plainText, ready ? 'ready\n' : 'starting or stopping\n');
      return true;
    }
    if (path === '/metrics') {
      reply(request, response, 200, 'text/plain; version=0.0.4; charset=utf-8', metrics.render());
      return true;
    }
    const [, section] = /^\/status(?:\/([a-z]+))?$/.exec(path) ?? [];
    const text = path.startsWith('/status') ? statusText(section, facts, isReady()) : undefined;
    if (text === undefined || (section === undefined && path !== '/status')) return false;
    reply(request, response, 200, plainText, text);
    return true;
  }

  #fail(request: IncomingMessage, response: ServerResponse, path: string, error: unknown): void {
    if (error instanceof RequestAborted || (codeOf(error) === 'QUERY_CANCELLED' && response.destroyed)) return;
    if (error instanceof TempoRefusal) return reply(request, response, error.status, plainText, error.message);
    const { http, retryAfterSeconds } = statusOf(error);
    if (http >= 500) this.#options.onError(path, error);
    const wait = retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) };
    reply(request, response, http, plainText, publicMessage(error), { 'X-Content-Type-Options': 'nosniff', ...wait });
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

function json(value: unknown): TempoAnswer {
  return { contentType: 'application/json', body: JSON.stringify(value) };
}

function tagsAsk({ parameters }: TempoAsk) {
  return { scope: parameters.get('scope') ?? '', ...narrowing(parameters) };
}

function tagValuesAsk({ parameters }: TempoAsk, encoded: string): TagValuesAsk {
  return { tagName: percentDecoded(encoded), ...narrowing(parameters) };
}

function narrowing(parameters: URLSearchParams) {
  return {
    query: parameters.get('q') ?? '',
    start: countParameter(parameters, 'start') ?? 0,
    end: countParameter(parameters, 'end') ?? 0,
    limit: countParameter(parameters, 'limit') ?? 0,
  };
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What Tempo's message has no field for, and whose JSON may have no other: how many there are, and how to go on. */
function searchHeaders({ total, totalIsExact, cursor, incomplete, warnings }: TempoSearchAnswer) {
  return {
    'X-Spoor-Total': `${totalIsExact ? '' : '>='}${total}`,
    ...(cursor === undefined ? {} : { 'X-Spoor-Cursor': cursor }),
    ...(incomplete === undefined ? {} : { 'X-Spoor-Incomplete': headerText(incomplete) }),
    ...warningHeaders(warnings),
  };
}

function warningHeaders(warnings: readonly string[]): Readonly<Record<string, string>> {
  return warnings.length === 0 ? {} : { 'X-Spoor-Warning': headerText(warnings.join('; ')) };
}

/** HTTP's headers take a line of Latin letters. */
function headerText(text: string): string {
  return text.replaceAll(/[^\u0020-\u007e]/g, '?').slice(0, 1_000);
}
