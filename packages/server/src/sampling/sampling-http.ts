import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Authorize } from '../authorize.ts';
import { publicMessage, statusOf } from '../error-status.ts';
import { reply } from '../http-reply.ts';
import { strategyJson, type StrategyProvider } from './sampling-strategy.ts';

export interface SamplingHttpOptions {
  readonly strategies: StrategyProvider;
  readonly authorize: Authorize;
  readonly onError: (path: string, error: unknown) => void;
}

/**
 * Port 5778, as the Jaeger agent serves it: `/sampling?service=…`; `/` the same with the type as a number, for clients
 * of Thrift 0.9.2; `/baggageRestrictions`, which are none. Jaeger v2 gives the strategy on every path, and so do we on
 * those that Jaeger knows.
 */
export function samplingListener(options: SamplingHttpOptions): RequestListener {
  return (request, response) => {
    const [path] = (request.url ?? '/').split('?', 1);
    if (path === '/sampling') return answerSampling(options, request, response);
    if (path === '/') return answerSampling(options, request, response, true);
    if (path === '/baggageRestrictions') return answerBaggageRestrictions(options, request, response);
    if (answerCollector(options, request, response)) return;
    const text = `there is no ${path} here: sampling strategies are at /sampling?service=NAME\n`;
    reply(request, response, 404, plainText, text, noSniff);
  };
}

/** @param legacy  the type as a number */
function answerSampling(
  options: SamplingHttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
  legacy = false,
): void {
  answerJson(options, request, response, (service) => {
    const strategy = options.strategies.strategyFor(service);
    return strategyJson(strategy, legacy);
  });
}

/**
 * Answers what Jaeger's collector has beside spans on port 14268: `/api/sampling` and `/api/baggageRestrictions`.
 *
 * @returns false when the request is for something else, and nothing was answered
 */
export function answerCollector(
  options: SamplingHttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const [path] = (request.url ?? '/').split('?', 1);
  if (path === '/api/sampling') answerSampling(options, request, response);
  else if (path === '/api/baggageRestrictions') answerBaggageRestrictions(options, request, response);
  else return false;
  return true;
}

/** Nothing restricts baggage here. The question has to name its service once, all the same. */
function answerBaggageRestrictions(
  options: SamplingHttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  answerJson(options, request, response, () => '[]');
}

function answerJson(
  { authorize, onError }: SamplingHttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
  jsonFor: (service: string) => string,
): void {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return reply(request, response, 405, plainText, 'Method Not Allowed\n', { ...noSniff, Allow: 'GET, HEAD' });
  const services = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)).getAll('service');
  if (services.length !== 1)
    return reply(request, response, 400, plainText, "'service' parameter must be provided once\n", noSniff);
  try {
    authorize({ protocol: 'http', path, headers: request.headers, remoteAddress: request.socket.remoteAddress });
    reply(request, response, 200, 'application/json', jsonFor(services[0]));
  } catch (error) {
    const { http } = statusOf(error);
    if (http >= 500) onError(path, error);
    reply(request, response, http, plainText, `collector error: ${publicMessage(error)}\n`, noSniff);
  }
}

const plainText = 'text/plain; charset=utf-8';
const noSniff = { 'X-Content-Type-Options': 'nosniff' };
