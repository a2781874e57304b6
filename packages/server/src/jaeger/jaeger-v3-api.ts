import { codeOf, QueryError, unixNano } from '@spoor/model';
import type { SearchAnswer, TraceStore } from '@spoor/query';
import { jaegerSpanKind, namelessService } from '@spoor/wire';
import { publicMessage, statusOf } from '../error-status.ts';
import { askedTraceId } from './asked-trace-id.ts';
import { traceIdComplaint } from './compile-search.ts';
import { compileV3Search, givenParameter, readParameter } from './compile-v3-search.ts';
import { jaegerDependency } from './dependencies-json.ts';
import { filterLevels, filterOps } from './filter-term.ts';
import { parseGoDuration } from './go-duration.ts';
import { parseGoBool } from './go-number.ts';
import { parseGoTime } from './go-time.ts';
import type { JaegerAnswer, JaegerAsk } from './jaeger-ask.ts';
import { summaryJson } from './summary-json.ts';

export interface JaegerV3ApiOptions {
  readonly traces: TraceStore;
  /** told of every failure that is the server's, not of bad questions */
  readonly onError: (path: string, error: unknown) => void;
}

/** Of this API, which unlike the one over gRPC has no pages. */
const searchCapabilities = Object.freeze({
  withoutServiceName: true,
  sameSpanConjunction: true,
  filter: { levels: filterLevels, operators: filterOps },
});

/**
 * Jaeger's newer HTTP API, `/api/v3/*`: OTLP JSON without an envelope, and errors of its own shape.
 * Source: Jaeger v2.20 and after, apiv3 HTTP gateway; jaeger-idl, swagger/api_v3.
 */
export class JaegerV3Api {
  readonly #options: JaegerV3ApiOptions;

  constructor(options: JaegerV3ApiOptions) {
    this.#options = options;
  }

  /** The answer to a `GET` below `/api/v3/`; `undefined` where there is nothing. */
  route(ask: JaegerAsk): (() => Promise<JaegerAnswer>) | undefined {
    const [, first, second] = ask.segments;
    const answering = ask.segments.length === 2 ? this.#collection(ask, first) : this.#member(ask, first, second);
    return answering && (() => this.#guarded(ask, answering));
  }

  #collection(ask: JaegerAsk, name: string): (() => Promise<JaegerAnswer>) | undefined {
    switch (name) {
      case 'services':
        return () => this.#services(ask);
      case 'operations':
        return () => this.#operations(ask);
      case 'traces':
        return () => this.#traces(ask);
      case 'trace-summaries':
        return () => this.#summaries(ask);
      case 'dependencies':
        return () => this.#dependencies(ask);
      case 'capabilities':
        return async () => json({ search: searchCapabilities });
      default:
        return undefined;
    }
  }

  #member(ask: JaegerAsk, name: string, id: string): (() => Promise<JaegerAnswer>) | undefined {
    if (ask.segments.length !== 3 || name !== 'traces' || id === '') return undefined;
    return () => this.#trace(ask, id);
  }

  async #services({ tenant, signal }: JaegerAsk): Promise<JaegerAnswer> {
    const { names } = await this.#options.traces.services(tenant, {}, signal);
    return json({ services: names.map((name) => name || namelessService) });
  }

  async #operations({ tenant, parameters, signal }: JaegerAsk): Promise<JaegerAnswer> {
    const given = parameters.get('service') || undefined;
    const service = given === namelessService ? '' : given;
    const wanted = givenParameter(parameters, 'spanKind', 'span_kind')?.text.toLowerCase();
    const found = await this.#options.traces.operations(tenant, { service }, signal);
    const operations = new Map<string, { name: string; spanKind: string }>();
    for (const { name, kind } of found) {
      const spanKind = jaegerSpanKind(kind) || 'internal';
      if (wanted === undefined || wanted === spanKind) operations.set(`${spanKind} ${name}`, { name, spanKind });
    }
    return json({ operations: [...operations.values()] });
  }

  /** Times are read for their errors only: a trace is found wherever it lies. */
  async #trace({ tenant, parameters, signal }: JaegerAsk, text: string): Promise<JaegerAnswer> {
    const id = askedTraceId(text);
    if (id === undefined) {
      throw new QueryError('QUERY_INVALID', `malformed parameter trace_id: ${traceIdComplaint(text)}`);
    }
    readParameter(givenParameter(parameters, 'startTime', 'start_time'), parseGoTime);
    readParameter(givenParameter(parameters, 'endTime', 'end_time'), parseGoTime);
    const raw = readParameter(givenParameter(parameters, 'rawTraces', 'raw_traces'), parseGoBool) ?? false;
    const request = { ids: [id], format: { name: 'jaeger-otlp-json', options: { raw } } };
    const { body, found } = await this.#options.traces.traces(tenant, request, signal);
    return found === 0 ? errorAnswer(404, 'No traces found') : wrapped(body);
  }

  async #traces({ tenant, parameters, signal }: JaegerAsk): Promise<JaegerAnswer> {
    const { request, raw } = compileV3Search(parameters);
    const format = { name: 'jaeger-otlp-json', options: { raw } };
    const answer = await this.#options.traces.search(tenant, { ...request, format }, signal);
    return answer.body === undefined || answer.traces.length === 0
      ? errorAnswer(404, 'No traces found')
      : wrapped(answer.body);
  }

  async #summaries({ tenant, parameters, signal }: JaegerAsk): Promise<JaegerAnswer> {
    const { request } = compileV3Search(parameters);
    const { traces }: SearchAnswer = await this.#options.traces.search(tenant, request, signal);
    const body = traces.length === 0 ? '{}' : `{"summaries":[${traces.map(summaryJson).join(',')}]}`;
    return { body: [Buffer.from(body)] };
  }

  async #dependencies({ tenant, parameters, signal }: JaegerAsk): Promise<JaegerAnswer> {
    const end = readParameter(givenParameter(parameters, 'endTime', 'end_time'), parseGoTime);
    const lookbackNano = readParameter(givenParameter(parameters, 'lookback'), parseGoDuration);
    if (end === undefined || lookbackNano === undefined) {
      throw new QueryError('QUERY_INVALID', 'endTime and lookback are required');
    }
    const length = BigInt(Math.max(0, lookbackNano));
    const start = unixNano(length > end ? 0n : end - length);
    const edges = await this.#options.traces.dependencies(tenant, { start, end }, signal);
    const seconds = Math.max(lookbackNano, 1e6) / 1e9;
    return json({ dependencies: edges.map((edge) => jaegerDependency(edge, seconds)) });
  }

  async #guarded({ segments }: JaegerAsk, answering: () => Promise<JaegerAnswer>): Promise<JaegerAnswer> {
    try {
      return await answering();
    } catch (error) {
      if (codeOf(error) === 'QUERY_CANCELLED') throw error;
      const { http, retryAfterSeconds } = statusOf(error);
      if (http >= 500) this.#options.onError(`/api/${segments.join('/')}`, error);
      return errorAnswer(http, publicMessage(error), retryAfterSeconds);
    }
  }
}

function json(value: unknown): JaegerAnswer {
  return { body: [Buffer.from(JSON.stringify(value))] };
}

function wrapped(body: Uint8Array): JaegerAnswer {
  return { body: [Buffer.from('{"result":'), body, Buffer.from('}')] };
}

/** As Go's `http.Error` sends it: plain text by its header, with a newline. */
function errorAnswer(httpCode: number, message: string, retryAfterSeconds?: number): JaegerAnswer {
  return {
    status: httpCode,
    contentType: 'text/plain; charset=utf-8',
    headers: {
      'X-Content-Type-Options': 'nosniff',
      ...(retryAfterSeconds !== undefined && { 'Retry-After': String(retryAfterSeconds) }),
    },
    body: [Buffer.from(`${JSON.stringify({ error: { httpCode, message } })}\n`)],
  };
}
