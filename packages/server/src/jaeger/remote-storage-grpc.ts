import type { GrpcMethods } from '../grpc-services.ts';
import { encodeFoundIds, encodeOperations } from './grpc-answers.ts';
import {
  answerDependencies,
  answerServices,
  foundOperations,
  foundPage,
  sendFound,
  sendSummaries,
  sendTraces,
  serviceMethods,
  type JaegerGrpcOptions,
} from './grpc-method.ts';
import { decodeSearchQuestion, decodeTraceIds } from './grpc-questions.ts';
import { answerCapabilities } from './query-grpc.ts';

/**
 * `jaeger.storage.v2`: what a Jaeger asks of the storage behind it. Traces are as stored, since Jaeger adjusts them itself; a
 * message holds spans of one trace, those of one trace follow one another, and what is not found is left out.
 * Source: jaeger-idl, proto/storage/v2/*.proto.
 */
export function remoteStorageMethods(options: JaegerGrpcOptions): GrpcMethods {
  const reader = serviceMethods(
    options,
    'jaeger.storage.v2.TraceReader',
    {
      GetServices: (ask) => answerServices(options, ask),
      GetOperations: async (ask) => encodeOperations(await foundOperations(options, ask, ''), false),
      FindTraceIDs: async (ask) => {
        const { traces, token } = await foundPage(options, ask, decodeSearchQuestion(ask.request, 'storage_v2'));
        return encodeFoundIds(traces, token);
      },
    },
    {
      GetTraces: async (ask, send) => {
        await sendTraces(options, ask, decodeTraceIds(ask.request), { name: 'otlp-chunks', raw: true }, send);
      },
      FindTraces: (ask, send) => {
        const question = decodeSearchQuestion(ask.request, 'storage_v2');
        return sendFound(options, ask, { ...question, raw: true }, 'otlp-chunks', send);
      },
      FindTraceSummaries: (ask, send) => sendSummaries(options, ask, 'storage_v2', send),
    },
  );
  const dependencies = serviceMethods(
    options,
    'jaeger.storage.v2.DependencyReader',
    { GetDependencies: (ask) => answerDependencies(options, ask) },
    {},
  );
  const capabilities = serviceMethods(
    options,
    'jaeger.storage.v2.Capabilities',
    { GetCapabilities: answerCapabilities },
    {},
  );
  return {
    unary: { ...reader.unary, ...dependencies.unary, ...capabilities.unary },
    streaming: reader.streaming,
  };
}
