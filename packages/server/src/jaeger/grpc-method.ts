import { QueryError, type TraceId } from '@spoor/model';
import type { SearchAnswer, SearchRequest, TraceStore } from '@spoor/query';
import { searchFor } from '@spoor/traceql';
import { jaegerSpanKind, messagesOf, RpcCode } from '@spoor/wire';
import type { Authorize } from '../authorize.ts';
import { statusOf } from '../error-status.ts';
import type { GrpcMethods } from '../grpc-services.ts';
import type { StreamingBytes } from '../grpc-streaming.ts';
import { grpcError, headersOf, RpcRefusal, type UnaryBytes } from '../grpc-unary.ts';
import { compileFilter } from './compile-filter.ts';
import { encodeDependencies, encodeServices, encodeSummaries, type JaegerOperation } from './grpc-answers.ts';
import {
  decodeDependenciesQuestion,
  decodeOperationsQuestion,
  decodeSearchQuestion,
  storedService,
  type SearchQuestion,
} from './grpc-questions.ts';
import { jaegerQuery, searchLimit } from './search-conditions.ts';

export interface JaegerGrpcOptions {
  readonly traces: TraceStore;
  readonly authorize: Authorize;
  /** told of every failure that is the server's, not of bad questions */
  readonly onError: (path: string, error: unknown) => void;
}

/** A question to one of Jaeger's gRPC services as its methods see it. */
export interface GrpcAsk {
  readonly tenant: string;
  readonly request: Uint8Array;
  /** fires when the client goes away or has waited long enough */
  readonly signal: AbortSignal;
}

export type Send = (message: Uint8Array) => Promise<void>;

/** Methods by their names, as a service that is served by paths: `/jaeger.api_v2.QueryService/GetTrace`. */
export function serviceMethods(
  options: JaegerGrpcOptions,
  service: string,
  unary: Readonly<Record<string, (ask: GrpcAsk) => Promise<Uint8Array>>>,
  streaming: Readonly<Record<string, (ask: GrpcAsk, send: Send) => Promise<void>>>,
): GrpcMethods {
  return {
    unary: Object.fromEntries(
      Object.entries(unary).map(([name, answer]) => {
        const path = `/${service}/${name}`;
        return [path, unaryMethod(options, path, answer)];
      }),
    ),
    streaming: Object.fromEntries(
      Object.entries(streaming).map(([name, answer]): [string, StreamingBytes] => {
        const path = `/${service}/${name}`;
        return [
          path,
          async ({ request, headers, remoteAddress, signal, send }) => {
            const tenant = options.authorize({ protocol: 'grpc', path, headers, remoteAddress });
            await answer({ tenant, request, signal }, send);
          },
        ];
      }),
    ),
  };
}

function unaryMethod(
  options: JaegerGrpcOptions,
  path: string,
  answer: (ask: GrpcAsk) => Promise<Uint8Array>,
): UnaryBytes {
  return (call, callback) => {
    const gone = new AbortController();
    call.once('cancelled', () => gone.abort());
    const answering = async (): Promise<Uint8Array> => {
      const headers = headersOf(call.metadata);
      const tenant = options.authorize({ protocol: 'grpc', path, headers, remoteAddress: call.getPeer() });
      return answer({ tenant, request: call.request, signal: gone.signal });
    };
    answering().then(
      (bytes) => callback(null, bytes),
      (error: unknown) => {
        if (!gone.signal.aborted) reportFault(options, path, error);
        callback(grpcError(error));
      },
    );
  };
}

/** Tells of what is the server's fault only. */
export function reportFault({ onError }: Pick<JaegerGrpcOptions, 'onError'>, path: string, error: unknown): void {
  if (!(error instanceof RpcRefusal) && statusOf(error).http >= 500) onError(path, error);
}

/** In Jaeger's words. */
export function traceNotFound(): RpcRefusal {
  return new RpcRefusal(RpcCode.notFound, 'trace not found');
}

/** Which renderer writes the traces of a stream. */
export type ChunkFormat = 'jaeger-chunks' | 'otlp-chunks';

/** Traces are rendered so many spans at a time: enough for a batch to be worth its way, little to hold in memory. */
const spansPerBatch = 10_000;
const tracesPerBatch = 50;

/** Sends what there is of some traces. @returns how many there were */
export async function sendTraces(
  { traces }: JaegerGrpcOptions,
  { tenant, signal }: GrpcAsk,
  ids: readonly TraceId[],
  format: { readonly name: ChunkFormat; readonly raw: boolean },
  send: Send,
): Promise<number> {
  let foundCount = 0;
  for (let i = 0; i < ids.length; i += tracesPerBatch) {
    const request = {
      ids: ids.slice(i, i + tracesPerBatch),
      format: { name: format.name, options: { raw: format.raw } },
    };
    const { body, found } = await traces.traces(tenant, request, signal);
    for (const message of messagesOf(body)) await send(message);
    foundCount += found;
  }
  return foundCount;
}

/** Sends the traces that a search finds, in its order, rendered batch by batch while the client reads. */
export async function sendFound(
  options: JaegerGrpcOptions,
  ask: GrpcAsk,
  question: SearchQuestion,
  name: ChunkFormat,
  send: Send,
): Promise<void> {
  if (question.page !== undefined) throw new QueryError('QUERY_INVALID', 'FindTraces does not support pagination');
  const { traces: found } = await options.traces.search(ask.tenant, searchRequest(question), ask.signal);
  let batch: TraceId[] = [];
  let spanCount = 0;
  for (const { traceId, spanCount: ownCount } of found) {
    batch.push(traceId);
    spanCount += ownCount;
    if (spanCount < spansPerBatch) continue;
    await sendTraces(options, ask, batch, { name, raw: question.raw }, send);
    batch = [];
    spanCount = 0;
  }
  await sendTraces(options, ask, batch, { name, raw: question.raw }, send);
}

export interface FoundPage {
  readonly traces: SearchAnswer['traces'];
  /** of the next page; empty after the last, and when no pages were asked for */
  readonly token: string;
}

/** A page of a search, or all that it gives without pages. */
export async function foundPage(
  { traces }: JaegerGrpcOptions,
  { tenant, signal }: GrpcAsk,
  question: SearchQuestion,
): Promise<FoundPage> {
  const answer = await traces.search(tenant, searchRequest(question), signal);
  return { traces: answer.traces, token: question.page === undefined ? '' : (answer.cursor ?? '') };
}

function searchRequest({ predicates, filter, range, depth, page }: SearchQuestion): SearchRequest {
  const limit = searchLimit(page === undefined ? depth : BigInt(page.size));
  const query = filter === undefined ? jaegerQuery(predicates) : searchFor(compileFilter(filter));
  return { query, range, limit, order: 'newest', cursor: page?.token || undefined };
}

const summariesPerMessage = 100;

/** Answers `FindTraceSummaries`. The token comes with the last message; when nothing is found there is no message. */
export async function sendSummaries(
  options: JaegerGrpcOptions,
  ask: GrpcAsk,
  dialect: 'api_v3' | 'storage_v2',
  send: Send,
): Promise<void> {
  const { traces, token } = await foundPage(options, ask, decodeSearchQuestion(ask.request, dialect));
  for (let i = 0; i < traces.length; i += summariesPerMessage) {
    const end = i + summariesPerMessage;
    await send(encodeSummaries(traces.slice(i, end), end < traces.length ? '' : token, dialect));
  }
}

export async function answerServices({ traces }: JaegerGrpcOptions, { tenant, signal }: GrpcAsk): Promise<Uint8Array> {
  return encodeServices((await traces.services(tenant, {}, signal)).names);
}

export async function answerDependencies({ traces }: JaegerGrpcOptions, ask: GrpcAsk): Promise<Uint8Array> {
  const range = decodeDependenciesQuestion(ask.request);
  return encodeDependencies(await traces.dependencies(ask.tenant, range, ask.signal));
}

/** Names and kinds of a service's spans, or of all when it names none; `namelessKind` stands for no kind. */
export async function foundOperations(
  { traces }: JaegerGrpcOptions,
  { tenant, request, signal }: GrpcAsk,
  namelessKind: string,
): Promise<readonly JaegerOperation[]> {
  const { service, spanKind: wanted } = decodeOperationsQuestion(request);
  const found = await traces.operations(
    tenant,
    { service: service === '' ? undefined : storedService(service) },
    signal,
  );
  const operations = new Map<string, JaegerOperation>();
  for (const { name, kind } of found) {
    const spanKind = jaegerSpanKind(kind) || namelessKind;
    if (wanted === '' || wanted.toLowerCase() === spanKind) operations.set(`${spanKind} ${name}`, { name, spanKind });
  }
  return [...operations.values()];
}
