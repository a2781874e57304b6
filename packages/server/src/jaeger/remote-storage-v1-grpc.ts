import { ProtobufWriter } from '@spoor/model';
import type { GrpcMethods } from '../grpc-services.ts';
import { encodeFoundIdList, encodeOperations } from './grpc-answers.ts';
import {
  answerDependencies,
  answerServices,
  foundOperations,
  foundPage,
  sendFound,
  sendTraces,
  serviceMethods,
  traceNotFound,
  type GrpcAsk,
  type JaegerGrpcOptions,
  type Send,
} from './grpc-method.ts';
import { decodeSearchQuestion, decodeTraceQuestion } from './grpc-questions.ts';

/**
 * `jaeger.storage.v1`: what the programs of Jaeger 1 read of the storage behind them. The messages are those of `api_v2` but for
 * some that have fewer fields. Traces are as stored, and found wherever they lie: archived ones too, which such a Jaeger asks
 * for apart. What it writes: `receivers/jaeger-span-writer.ts`.
 * Source: jaeger 1.76, internal/storage/v1/grpc/proto/storage.proto.
 */
export function remoteStorageMethodsV1(options: JaegerGrpcOptions): GrpcMethods {
  const sendTrace = async (ask: GrpcAsk, send: Send): Promise<void> => {
    const { id } = decodeTraceQuestion(ask.request, 'api_v2');
    const foundCount = await sendTraces(options, ask, [id], { name: 'jaeger-chunks', raw: true }, send);
    if (foundCount === 0) throw traceNotFound();
  };
  const reader = serviceMethods(
    options,
    'jaeger.storage.v1.SpanReaderPlugin',
    {
      GetServices: (ask) => answerServices(options, ask),
      GetOperations: async (ask) => encodeOperations(await foundOperations(options, ask, ''), true),
      FindTraceIDs: async (ask) => {
        const { traces } = await foundPage(options, ask, decodeSearchQuestion(ask.request, 'api_v2'));
        return encodeFoundIdList(traces);
      },
    },
    {
      GetTrace: sendTrace,
      FindTraces: (ask, send) => {
        const question = decodeSearchQuestion(ask.request, 'api_v2');
        return sendFound(options, ask, { ...question, raw: true }, 'jaeger-chunks', send);
      },
    },
  );
  const archive = serviceMethods(
    options,
    'jaeger.storage.v1.ArchiveSpanReaderPlugin',
    {},
    { GetArchiveTrace: sendTrace },
  );
  const others = [
    serviceMethods(
      options,
      'jaeger.storage.v1.DependenciesReaderPlugin',
      { GetDependencies: (ask) => answerDependencies(options, ask) },
      {},
    ),
    serviceMethods(options, 'jaeger.storage.v1.PluginCapabilities', { Capabilities: async () => capabilities() }, {}),
  ];
  return {
    unary: Object.assign({}, reader.unary, ...others.map(({ unary }) => unary)) as GrpcMethods['unary'],
    streaming: { ...reader.streaming, ...archive.streaming },
  };
}

/**
 * `CapabilitiesResponse`:  1 archiveSpanReader   2 archiveSpanWriter   3 streamingSpanWriter  bool
 *
 * Not the last: spans of a stream are acknowledged when it ends, which is when the Jaeger does.
 */
function capabilities(): Uint8Array {
  const writer = new ProtobufWriter();
  writer.varintField(1, 1);
  writer.varintField(2, 1);
  return writer.finish();
}
