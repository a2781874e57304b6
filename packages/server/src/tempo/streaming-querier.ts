import { Server } from '@grpc/grpc-js';
import { codeOf, limits, QueryError } from '@spoor/model';
import {
  decodeTempoMessage,
  encodeTempoPackets,
  tempoQueryInstantRequest,
  tempoQueryInstantResponse,
  tempoQueryRangeRequest,
  tempoQueryRangeResponse,
  tempoSearchRequest,
  tempoSearchResponse,
  tempoTagsRequest,
  tempoTagsResponse,
  tempoTagsV2Response,
  tempoTagValuesRequest,
  tempoTagValuesResponse,
  tempoTagValuesV2Response,
  type SchemaOf,
  type TempoSearchResponse,
  type TempoTagScope,
} from '@spoor/wire';
import { statusOf } from '../error-status.ts';
import { streamingService, type StreamingBytes, type StreamingCall } from '../grpc-streaming.ts';
import { healthMethods, unaryService } from '../grpc-unary.ts';
import { LatestSender } from '../latest-sender.ts';
import { instantResponse, rangeResponse } from './metrics-answer.ts';
import { compileInstant, compileRange, metricsOfMessage } from './metrics-request.ts';
import { runTempoSearch } from './search-answer.ts';
import { searchOfMessage } from './search-request.ts';
import { flatTags, listPlainTagValues, listTagScopes, listTagValues } from './tag-answer.ts';
import type { TempoOptions } from './tempo-api.ts';

type Ask = (call: StreamingCall, tenant: string) => Promise<void>;

/**
 * `tempopb.StreamingQuerier`: answers as the HTTP API has them, in messages of at most `limits.grpcPacketBytesMax`, and
 * what is known of a search or of metrics while it runs. Also answers `grpc.health.v1.Health/Check`.
 * Source: grafana/tempo, pkg/tempopb/tempo.proto.
 */
export function createTempoGrpcServer(options: TempoOptions): Server {
  // Grafana keeps its connection; pings more often than grpc's default would be answered with GOAWAY.
  const server = new Server({ 'grpc.http2.min_ping_interval_without_data_ms': 5_000 });
  const onError = (path: string, error: unknown): void => {
    if (statusOf(error).http >= 500) options.onError(path, error);
  };
  const entries = Object.entries(methodsOf(options)).map(([name, ask]) => {
    const path = `/tempopb.StreamingQuerier/${name}`;
    const method: StreamingBytes = async (call) => {
      const { headers, remoteAddress } = call;
      try {
        await ask(call, options.authorize({ protocol: 'grpc', path, headers, remoteAddress }));
      } catch (error) {
        throw inTempoStatus(error);
      }
    };
    return [path, method] as const;
  });
  const streaming = streamingService(Object.fromEntries(entries), onError);
  server.addService(streaming.definition, streaming.implementation);
  const health = unaryService(healthMethods);
  server.addService(health.definition, health.implementation);
  return server;
}

/** What is a 400 over HTTP is `INVALID_ARGUMENT` here, limits included: Tempo's `RESOURCE_EXHAUSTED` says to come again. */
function inTempoStatus(error: unknown): unknown {
  if (codeOf(error) !== 'QUERY_LIMIT') return error;
  return new QueryError('QUERY_INVALID', (error as Error).message, { cause: error });
}

function methodsOf(options: TempoOptions): Readonly<Record<string, Ask>> {
  const { traces } = options;
  const now = (): number => (options.now ?? Date.now)();
  return {
    Search: (call, tenant) => streamSearch(options, call, tenant),
    SearchTags: async (call, tenant) => {
      const ask = tagsOfMessage(call.request);
      const scopes = await listTagScopes(traces, tenant, ask, call.signal);
      const response = { tagNames: flatTags(scopes, ask.scope), metrics: {} };
      await sendPackets(call, tempoTagsResponse, response, 'tagNames');
    },
    SearchTagsV2: async (call, tenant) => {
      const scopes = await listTagScopes(traces, tenant, tagsOfMessage(call.request), call.signal);
      await sendPackets(call, tempoTagsV2Response, { scopes: scopes.flatMap(dividedScope), metrics: {} }, 'scopes');
    },
    SearchTagValues: async (call, tenant) => {
      const tagValues = await listPlainTagValues(traces, tenant, tagValuesOfMessage(call.request), call.signal);
      await sendPackets(call, tempoTagValuesResponse, { tagValues, metrics: {} }, 'tagValues');
    },
    SearchTagValuesV2: async (call, tenant) => {
      const tagValues = await listTagValues(traces, tenant, tagValuesOfMessage(call.request), call.signal);
      await sendPackets(call, tempoTagValuesV2Response, { tagValues, metrics: {} }, 'tagValues');
    },
    MetricsQueryRange: async (call, tenant) => {
      const message = decodeTempoMessage(tempoQueryRangeRequest, call.request);
      const request = compileRange(metricsOfMessage(message, now()));
      const sender = new LatestSender<Parameters<typeof rangeResponse>[1]>((answer) =>
        sendPackets(call, tempoQueryRangeResponse, rangeResponse(request, answer), 'series'),
      );
      const onProgress = sender.offer.bind(sender);
      await sender.finish(await traces.metrics(tenant, request, call.signal, onProgress));
    },
    MetricsQueryInstant: async (call, tenant) => {
      const message = decodeTempoMessage(tempoQueryInstantRequest, call.request);
      const request = compileInstant(metricsOfMessage(message, now()));
      const sender = new LatestSender<Parameters<typeof instantResponse>[0]>((answer) =>
        sendPackets(call, tempoQueryInstantResponse, instantResponse(answer), 'series'),
      );
      const onProgress = sender.offer.bind(sender);
      await sender.finish(await traces.metrics(tenant, request, call.signal, onProgress));
    },
  };
}

/** Names of one scope that are told at once; a scope with more is told several times, as clients are used to. */
const namesPerScopeMax = 1_000;

function dividedScope({ name, tags }: TempoTagScope): TempoTagScope[] {
  const count = Math.max(1, Math.ceil(tags.length / namesPerScopeMax));
  return Array.from({ length: count }, (_, i) => ({
    name,
    tags: tags.slice(i * namesPerScopeMax, (i + 1) * namesPerScopeMax),
  }));
}

function tagsOfMessage(bytes: Buffer) {
  const { maxTagsPerScope, ...asked } = decodeTempoMessage(tempoTagsRequest, bytes);
  return { ...asked, limit: maxTagsPerScope };
}

function tagValuesOfMessage(bytes: Buffer) {
  const { maxTagValues, ...asked } = decodeTempoMessage(tempoTagValuesRequest, bytes);
  return { ...asked, limit: maxTagValues };
}

/** Traces as they are found, each once, or again when more is known of it; what was read, up to then, each time. */
async function streamSearch({ traces }: TempoOptions, call: StreamingCall, tenant: string): Promise<void> {
  const search = searchOfMessage(decodeTempoMessage(tempoSearchRequest, call.request));
  const sent = new Map<string, string>();
  const sender = new LatestSender<TempoSearchResponse>(async (response) => {
    const news = response.traces.filter((trace) => {
      const known = `${trace.durationMs} ${(trace.spanSets ?? []).map(({ matched }) => matched).join(' ')}`;
      if (sent.get(trace.traceID) === known) return false;
      sent.set(trace.traceID, known);
      return true;
    });
    await sendPackets(call, tempoSearchResponse, { ...response, traces: news }, 'traces');
  });
  const { response } = await runTempoSearch(traces, tenant, search, call.signal, sender.offer.bind(sender));
  await sender.finish(response);
}

/** One message where it fits, several that are one when joined where it does not. */
async function sendPackets<T extends object>(
  call: StreamingCall,
  schema: SchemaOf<T>,
  message: T,
  list: keyof T & string,
): Promise<void> {
  for (const packet of encodeTempoPackets(schema, message, list, limits.grpcPacketBytesMax)) await call.send(packet);
}
