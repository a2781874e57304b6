import type { TraceId } from '@spoor/model';
import type { GrpcMethods } from '../grpc-services.ts';
import { encodeCapabilities, encodeOperations } from './grpc-answers.ts';
import {
  answerDependencies,
  answerServices,
  foundOperations,
  sendFound,
  sendSummaries,
  sendTraces,
  serviceMethods,
  traceNotFound,
  type JaegerGrpcOptions,
} from './grpc-method.ts';
import { decodeSearchQuestion, decodeTraceQuestion } from './grpc-questions.ts';

export interface JaegerQueryGrpcOptions extends JaegerGrpcOptions {
  /** Keeps a trace beyond retention. @returns false when there is no such trace */
  readonly archiveTrace: (tenant: string, id: TraceId, signal: AbortSignal) => Promise<boolean>;
}

const nothing = new Uint8Array(0);

/**
 * `jaeger.api_v2.QueryService`, which Kiali asks: spans in Jaeger's own model.
 * Source: jaeger-idl, proto/api_v2/query.proto.
 */
export function queryMethodsV2(options: JaegerQueryGrpcOptions): GrpcMethods {
  return serviceMethods(
    options,
    'jaeger.api_v2.QueryService',
    {
      GetServices: (ask) => answerServices(options, ask),
      GetOperations: async (ask) => encodeOperations(await foundOperations(options, ask, ''), true),
      GetDependencies: (ask) => answerDependencies(options, ask),
      ArchiveTrace: async ({ tenant, request, signal }) => {
        const { id } = decodeTraceQuestion(request, 'api_v2');
        if (!(await options.archiveTrace(tenant, id, signal))) throw traceNotFound();
        return nothing;
      },
    },
    {
      GetTrace: async (ask, send) => {
        const { id, raw } = decodeTraceQuestion(ask.request, 'api_v2');
        const foundCount = await sendTraces(options, ask, [id], { name: 'jaeger-chunks', raw }, send);
        if (foundCount === 0) throw traceNotFound();
      },
      FindTraces: (ask, send) =>
        sendFound(options, ask, decodeSearchQuestion(ask.request, 'api_v2'), 'jaeger-chunks', send),
    },
  );
}

/**
 * `jaeger.api_v3.QueryService` and `Capabilities`: spans as OTLP has them. `FindSpans`, which is newer than Jaeger 2.20,
 * is not served, and says so.
 * Source: jaeger-idl, proto/api_v3/query_service.proto and capabilities.proto.
 */
export function queryMethodsV3(options: JaegerGrpcOptions): GrpcMethods {
  const query = serviceMethods(
    options,
    'jaeger.api_v3.QueryService',
    {
      GetServices: (ask) => answerServices(options, ask),
      GetOperations: async (ask) => encodeOperations(await foundOperations(options, ask, 'internal'), false),
      GetDependencies: (ask) => answerDependencies(options, ask),
    },
    {
      GetTrace: async (ask, send) => {
        const { id, raw } = decodeTraceQuestion(ask.request, 'api_v3');
        const foundCount = await sendTraces(options, ask, [id], { name: 'otlp-chunks', raw }, send);
        if (foundCount === 0) throw traceNotFound();
      },
      FindTraces: (ask, send) =>
        sendFound(options, ask, decodeSearchQuestion(ask.request, 'api_v3'), 'otlp-chunks', send),
      FindTraceSummaries: (ask, send) => sendSummaries(options, ask, 'api_v3', send),
    },
  );
  const capabilities = serviceMethods(
    options,
    'jaeger.api_v3.Capabilities',
    { GetCapabilities: answerCapabilities },
    {},
  );
  return { unary: { ...query.unary, ...capabilities.unary }, streaming: query.streaming };
}

export async function answerCapabilities(): Promise<Uint8Array> {
  return encodeCapabilities();
}
