import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Authorize } from './authorize.ts';
import { publicMessage, statusOf } from './error-status.ts';
import type { ForeignPage } from './foreign-page.ts';
import { reply } from './http-reply.ts';
import type { JaegerApi } from './jaeger/jaeger-api.ts';
import type { MetricRegistry } from './metric-registry.ts';
import { PrometheusApi } from './prometheus/prometheus-api.ts';
import type { PageApi } from './page/page-api.ts';
import type { StaticPage } from './page/static-page.ts';
import { homeOfSpans, WrongProtocol, type OnMistake } from './wrong-protocol.ts';
import { welcomePage, type WelcomeFacts } from './welcome-page.ts';

export interface QueryPortOptions {
  readonly jaeger: JaegerApi;
  readonly prometheus: PrometheusApi;
  readonly pageApi: PageApi;
  readonly page: StaticPage;
  /** served in place of our own page */
  readonly foreignPage: ForeignPage | undefined;
  readonly metrics: MetricRegistry;
  /** what is known of sampling, for `/api/spoor/sampling` */
  readonly samplingStatus: () => object;
  readonly authorize: Authorize;
  /** empty, or begins with a slash and does not end with one */
  readonly basePath: string;
  readonly isReady: () => boolean;
  /** told of spans that are sent here */
  readonly onMistake: OnMistake;
  readonly facts: WelcomeFacts;
}

/**
 * Port 16686: Jaeger's API below `/api/`, of Prometheus' what `docs/metrics.md` lists below `/api/v1/` and `/prometheus/`, the page's own below `/api/spoor/`, the page at every other address (a plain
 * start page while its bundle is not built), and for machines `/ready` and `/metrics`. These two also
 * answer without the base path, since probes and scrapers come round the proxy that put it there.
 */
export function queryPortListener(options: QueryPortOptions): RequestListener {
  return (request, response) => {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const rawPath = mark < 0 ? url : url.slice(0, mark);
    if (answerMachines(options, rawPath, request, response)) return;
    const path = withoutBase(rawPath, options.basePath);
    const home = homeOfSpans(request.method, path ?? rawPath);
    if (home !== undefined) return refuseSpans(options, request, response, path ?? rawPath, home);
    if (path === undefined) return notFound(request, response, rawPath);
    if (path === '/api/spoor/sampling') return answerSamplingStatus(options, path, request, response);
    const parameters = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
    const promPath = PrometheusApi.pathOf(path);
    if (promPath !== undefined) return void options.prometheus.handle(request, response, promPath, parameters);
    if (path.startsWith('/api/')) {
      if (path.startsWith('/api/spoor/')) return void options.pageApi.handle(request, response, path, parameters);
      return void options.jaeger.handle(request, response, path, parameters);
    }
    if (answerMachines(options, path, request, response)) return;
    if (options.foreignPage !== undefined) return void options.foreignPage.handle(request, response, path);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return reply(request, response, 405, plainText, 'Method Not Allowed\n', { ...noSniff, Allow: 'GET, HEAD' });
    }
    if (options.page.handle(request, response, path)) return;
    if (path !== '/' && path !== '') return notFound(request, response, rawPath);
    reply(request, response, 200, 'text/html; charset=utf-8', welcomePage(options.facts));
  };
}

/** Its sender would take the page for a receipt. */
function refuseSpans(
  { onMistake }: QueryPortOptions,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  home: string,
): void {
  const error = new WrongProtocol('wrong_protocol', `this port answers questions and takes no POST ${path}; ${home}`);
  onMistake({ error, firstBytes: new Uint8Array(0), sender: request.socket.remoteAddress });
  reply(request, response, 404, plainText, `${error.message}\n`, noSniff);
}

function answerSamplingStatus(
  { samplingStatus, authorize }: QueryPortOptions,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  try {
    authorize({ protocol: 'http', path, headers: request.headers, remoteAddress: request.socket.remoteAddress });
    reply(request, response, 200, 'application/json', JSON.stringify(samplingStatus()));
  } catch (error) {
    reply(request, response, statusOf(error).http, plainText, `${publicMessage(error)}\n`);
  }
}

function answerMachines(
  options: QueryPortOptions,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  if (path === '/metrics') {
    reply(request, response, 200, 'text/plain; version=0.0.4; charset=utf-8', options.metrics.render());
    return true;
  }
  if (path !== '/ready') return false;
  const isReady = options.isReady();
  reply(request, response, isReady ? 200 : 503, plainText, isReady ? 'ready\n' : 'shutting down\n');
  return true;
}

function withoutBase(path: string, basePath: string): string | undefined {
  if (basePath === '' || path === basePath) return path.slice(basePath.length);
  return path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : undefined;
}

const plainText = 'text/plain; charset=utf-8';
const noSniff = Object.freeze({ 'X-Content-Type-Options': 'nosniff' });

function notFound(request: IncomingMessage, response: ServerResponse, path: string): void {
  reply(request, response, 404, plainText, `there is no ${path} here\n`, noSniff);
}
