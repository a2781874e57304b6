import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

/** A call to another service. */
export interface OutgoingCall {
  readonly method: 'GET' | 'POST';
  /** where the service listens: `http://127.0.0.1:40123` */
  readonly base: string;
  /** what it is called, since all of them live at one address here */
  readonly peer: string;
  readonly path: string;
  /** the path with `{name}` in place of ids; names the span */
  readonly template?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const timeoutMilli = 10_000;

/** Calls a service in a client span; trace context and baggage travel in the headers. Any status is an answer. */
export function callHttp(call: OutgoingCall): Promise<Answer> {
  const { method, base, path, peer, template = path } = call;
  const attributes = {
    'http.request.method': method,
    'url.full': base + path,
    'url.template': template,
    'server.address': peer,
    'server.port': Number(new URL(base).port),
  };
  const tracer = trace.getTracer('demo/http-client');
  return tracer.startActiveSpan(`${method} ${template}`, { kind: SpanKind.CLIENT, attributes }, async (span) => {
    try {
      const answer = await exchange(call);
      span.setAttribute('http.response.status_code', answer.status);
      if (answer.status >= 400) {
        span.setAttribute('error.type', String(answer.status));
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      return answer;
    } catch (error) {
      span.recordException(error as Error);
      span.setAttribute('error.type', (error as Error).name);
      span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** The exchange itself, with the active span's context in its headers. Also for callers with a span of their own. */
export async function exchange({ method, base, path, headers, body }: OutgoingCall): Promise<Answer> {
  const sent: Record<string, string> = { ...headers };
  propagation.inject(context.active(), sent);
  if (body !== undefined) sent['content-type'] = 'application/json';
  const response = await fetch(base + path, {
    method,
    headers: sent,
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMilli),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}
