import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { context, propagation, SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api';

/** A request on its way through a handler, which runs inside its server span. */
export interface Call {
  readonly span: Span;
  /** what stood in place of `{name}` in the route */
  readonly parameters: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  /** JSON; `undefined` without a body */
  readonly body: unknown;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** `/users/{id}` */
  readonly path: string;
  readonly handle: (call: Call) => Promise<Reply>;
}

/** Fails a request with a status of its own. Any other error is a 500. */
export class HttpError extends Error {
  readonly status: number;
  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HttpError';
    this.status = status;
  }
}

/** Serves routes on a free port of this machine, each request in a server span that continues its caller's trace. */
export function serveHttp(service: string, routes: readonly Route[]): Promise<{ server: Server; port: number }> {
  const tracer = trace.getTracer(`demo/${service}`);
  const compiled = routes.map((route) => ({ route, pattern: patternOf(route.path) }));
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const found = compiled.find(({ route, pattern }) => route.method === request.method && pattern.test(pathname));
    const parent = propagation.extract(context.active(), request.headers);
    const attributes = {
      'http.request.method': request.method,
      'url.path': pathname,
      'url.scheme': 'http',
      'user_agent.original': request.headers['user-agent'],
      'client.address': request.socket.remoteAddress,
      'network.protocol.version': request.httpVersion,
      ...(found && { 'http.route': found.route.path }),
    };
    const name = found === undefined ? `${request.method}` : `${request.method} ${found.route.path}`;
    void tracer.startActiveSpan(name, { kind: SpanKind.SERVER, attributes }, parent, async (span) => {
      const parameters = found?.pattern.exec(pathname)?.groups ?? {};
      const { status, body } = await answer(span, found?.route, request, parameters);
      span.setAttribute('http.response.status_code', status);
      send(response, status, body);
      span.end();
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({ server, port: (server.address() as AddressInfo).port }));
  });
}

async function answer(
  span: Span,
  route: Route | undefined,
  request: IncomingMessage,
  parameters: Readonly<Record<string, string>>,
): Promise<Reply> {
  if (route === undefined) return { status: 404, body: { error: 'no such route' } };
  try {
    const received = await text(request);
    const body: unknown = received === '' ? undefined : JSON.parse(received);
    return await route.handle({ span, parameters, headers: request.headers, body });
  } catch (error) {
    return failed(span, error as Error);
  }
}

/** A server's own failure (5xx) makes its span one; a bad request is the caller's. */
function failed(span: Span, error: Error): Reply {
  const status = error instanceof HttpError ? error.status : 500;
  span.setAttribute('error.type', error.name);
  if (status >= 500) {
    span.recordException(error);
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  }
  return { status, body: { error: error.message } };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
}
