import type { ServerDuplexStream, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { ProtobufWriter } from '@spoor/model';
import { RpcCode } from '@spoor/wire';
import { asBuffer, bytesOnly, grpcError } from '../grpc-unary.ts';
import { MessageFields } from '../message-fields.ts';
import { DescriptorSet } from './descriptor-set.ts';

/** Both versions have the same messages; grpcurl asks the first, older clients the second. */
const versions = ['grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection'];

/**
 * Server reflection: tells grpcurl and its like which services there are and what their messages look like. Definitions are
 * read when the first one asks.
 *
 * @param services  full names of what the server serves besides
 * Source: grpc/reflection/v1/reflection.proto.
 */
export function reflectionService(services: readonly string[]): {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
} {
  const names = [...services, ...versions].sort();
  let loading: Promise<DescriptorSet> | undefined;
  const answerAll = async (call: ServerDuplexStream<Buffer, Uint8Array>): Promise<void> => {
    try {
      loading ??= DescriptorSet.load();
      const descriptors = await loading;
      // A Duplex that is iterated is destroyed at the end of what it reads, before its own end is sent.
      for await (const request of call.iterator({ destroyOnReturn: false })) {
        const answer = asBuffer(answerReflection(request as Buffer, names, descriptors));
        await new Promise((resolve) => call.write(answer, resolve));
      }
      call.end();
    } catch (error) {
      if (!call.cancelled) call.emit('error', grpcError(error));
    }
  };
  const options = { ...bytesOnly, requestStream: true, responseStream: true };
  const method = (call: ServerDuplexStream<Buffer, Uint8Array>): void => void answerAll(call);
  const definition = versions.map((name) => [name, { path: `/${name}/ServerReflectionInfo`, ...options }] as const);
  const implementation = versions.map((name) => [name, method] as const);
  return { definition: Object.fromEntries(definition), implementation: Object.fromEntries(implementation) };
}

/**
 *    ServerReflectionRequest:   1 host   3 file_by_filename   4 file_containing_symbol   5 file_containing_extension   7 list_services
 *    ServerReflectionResponse:  1 valid_host   2 original_request   4 file_descriptor_response:  1 file_descriptor_proto  bytes[]
 *                               6 list_services_response:  1 service[]:  1 name   7 error_response:  1 error_code   2 error_message
 *
 * @throws {WireError}
 */
export function answerReflection(
  request: Uint8Array,
  services: readonly string[],
  descriptors: DescriptorSet,
): Uint8Array {
  const fields = new MessageFields(request);
  const writer = new ProtobufWriter(1024);
  let answer = (): void => writeError(writer, RpcCode.invalidArgument, 'the request asks for nothing');
  for (let field = fields.next(); field !== 0; field = fields.next()) {
    if (field === 1) writer.stringField(1, fields.text());
    else if (field === 3) {
      const path = fields.text();
      answer = () => writeFiles(writer, descriptors.withImports(path), path);
    } else if (field === 4) {
      const symbol = fields.text();
      const path = descriptors.pathOf(symbol);
      answer = () => writeFiles(writer, path && descriptors.withImports(path), symbol);
    } else if (field === 7) answer = () => writeServices(writer, services);
    else answer = () => writeError(writer, RpcCode.notFound, 'there are no extensions here');
  }
  writer.bytesField(2, request);
  answer();
  return writer.finish();
}

function writeFiles(writer: ProtobufWriter, files: readonly Uint8Array[] | '' | undefined, asked: string): void {
  if (!files) return writeError(writer, RpcCode.notFound, `there is no ${asked} here`);
  const start = writer.begin(4);
  for (const file of files) writer.bytesField(1, file);
  writer.end(start);
}

function writeServices(writer: ProtobufWriter, services: readonly string[]): void {
  const start = writer.begin(6);
  for (const name of services) {
    const service = writer.begin(1);
    writer.stringField(1, name);
    writer.end(service);
  }
  writer.end(start);
}

function writeError(writer: ProtobufWriter, code: RpcCode, message: string): void {
  const start = writer.begin(7);
  writer.varintField(1, code);
  writer.stringField(2, message);
  writer.end(start);
}
