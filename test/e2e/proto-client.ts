import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client, credentials, type ClientReadableStream, type Metadata, type ServiceError } from '@grpc/grpc-js';
import {
  loadSync,
  type MessageTypeDefinition,
  type MethodDefinition,
  type PackageDefinition,
} from '@grpc/proto-loader';

const protosDir = fileURLToPath(new URL('../../packages/server/protos', import.meta.url));

/** A message as proto-loader has it: camelCase, 64-bit integers and enums as text, bytes as `Buffer`. */
export type Message = Readonly<Record<string, unknown>>;

let loaded: PackageDefinition | undefined;

function definitions(): PackageDefinition {
  loaded ??= loadSync(
    readdirSync(protosDir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.proto')),
    { includeDirs: [protosDir], longs: String, enums: String, defaults: false },
  );
  return loaded;
}

/** A message by its full name, `package.Message`. */
export function decodeMessage(name: string, bytes: Uint8Array): Message {
  const { deserialize } = definitions()[name] as MessageTypeDefinition<Message, Message>;
  return deserialize(Buffer.from(bytes));
}

type Method = MethodDefinition<Message, Message>;

/** A client of the official implementation, which reads and writes messages by the definitions in `packages/server/protos`. */
export class ProtoClient {
  readonly #client: Client;

  /** @param address  `127.0.0.1:port` */
  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure());
  }

  /** @throws {ServiceError} */
  unary(service: string, name: string, request: Message = {}, metadata?: Metadata): Promise<Message> {
    const { path, requestSerialize, responseDeserialize } = method(service, name);
    return new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, answer?: Message): void => (error ? reject(error) : resolve(answer!));
      if (metadata === undefined) {
        this.#client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, done);
      } else this.#client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, done);
    });
  }

  stream(service: string, name: string, request: Message = {}, metadata?: Metadata): ClientReadableStream<Message> {
    const { path, requestSerialize, responseDeserialize } = method(service, name);
    if (metadata === undefined) {
      return this.#client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
    }
    return this.#client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, metadata);
  }

  /** All messages of a stream. @throws {ServiceError} */
  async all<M = Message>(service: string, name: string, request: Message = {}): Promise<readonly M[]> {
    const messages: M[] = [];
    for await (const message of this.stream(service, name, request)) messages.push(message as M);
    return messages;
  }

  /** Sends requests one after the other on one call, and gives an answer for each. */
  async exchange<M = Message>(service: string, name: string, requests: readonly Message[]): Promise<readonly M[]> {
    const { path, requestSerialize, responseDeserialize } = method(service, name);
    const call = this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    for (const request of requests) call.write(request);
    call.end();
    const answers: M[] = [];
    for await (const answer of call) answers.push(answer as M);
    return answers;
  }

  close(): void {
    this.#client.close();
  }
}

function method(service: string, name: string): Method {
  return (definitions()[service] as Record<string, Method>)[name];
}
