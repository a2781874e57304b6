import type { Server } from '@grpc/grpc-js';
import { ProtobufWriter } from '@spoor/model';
import { streamingService, type StreamingBytes } from './grpc-streaming.ts';
import { healthMethods, unaryService, type UnaryBytes } from './grpc-unary.ts';
import { reflectionService } from './reflection/grpc-reflection.ts';

/** Methods by their paths, `/package.Service/Method`. */
export interface GrpcMethods {
  readonly unary: Readonly<Record<string, UnaryBytes>>;
  readonly streaming: Readonly<Record<string, StreamingBytes>>;
}

/**
 * Gives a server its methods and what people expect beside them: `grpc.health.v1` and reflection over all of it.
 *
 * @param onError  told of what streaming methods throw
 */
export function addServices(
  server: Server,
  methods: readonly GrpcMethods[],
  onError: (path: string, error: unknown) => void,
): void {
  const services = serviceNames(methods);
  const health = healthService(services);
  const unary = Object.assign({}, ...[...methods, health].map((each) => each.unary)) as GrpcMethods['unary'];
  const streaming = Object.assign(
    {},
    ...[...methods, health].map((each) => each.streaming),
  ) as GrpcMethods['streaming'];
  for (const { definition, implementation } of [
    unaryService(unary),
    streamingService(streaming, onError),
    reflectionService([...services, 'grpc.health.v1.Health']),
  ]) {
    server.addService(definition, implementation);
  }
}

function serviceNames(methods: readonly GrpcMethods[]): readonly string[] {
  const paths = methods.flatMap(({ unary, streaming }) => [...Object.keys(unary), ...Object.keys(streaming)]);
  return [...new Set(paths.map((path) => path.split('/')[1]))];
}

/** `HealthCheckResponse { status = SERVING }` */
const serving = Uint8Array.of(0x08, 0x01);

/**
 * `grpc.health.v1.Health`. While the program runs, everything serves: `Watch` says so once, and its end is the end of
 * the connection. `Check` and `Watch` do not look at the name they are asked for.
 * Source: grpc/health/v1/health.proto.
 */
function healthService(services: readonly string[]): GrpcMethods {
  return {
    unary: {
      ...healthMethods,
      '/grpc.health.v1.Health/List': (_call, callback) => callback(null, healthList(services)),
    },
    streaming: {
      '/grpc.health.v1.Health/Watch': async ({ signal, send }) => {
        await send(serving);
        if (signal.aborted) return;
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      },
    },
  };
}

/** `HealthListResponse`:  1 statuses  map<string, HealthCheckResponse>; the empty name is the server as a whole */
function healthList(services: readonly string[]): Uint8Array {
  const writer = new ProtobufWriter();
  for (const name of ['', ...services]) {
    const entry = writer.begin(1);
    writer.stringField(1, name);
    writer.bytesField(2, serving);
    writer.end(entry);
  }
  return writer.finish();
}
