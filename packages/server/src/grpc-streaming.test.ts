import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { after, before, test } from 'node:test';
import { Client, credentials, Server, ServerCredentials, status, type ServiceError } from '@grpc/grpc-js';
import { QueryError } from '@spoor/model';
import { streamingService, type StreamingCall } from './grpc-streaming.ts';

/** A server whose one method does what the test says, and a client that passes bytes through. */
let answer: (call: StreamingCall) => Promise<void>;
const errors: unknown[] = [];
const server = new Server();
let client: Client;
let port: number;
const grpcHeaders = { te: 'trailers', 'content-type': 'application/grpc' };

before(async () => {
  const methods = { '/test.Service/Method': (call: StreamingCall) => answer(call) };
  const { definition, implementation } = streamingService(methods, (_path, error) => errors.push(error));
  server.addService(definition, implementation);
  port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
});

after(() => {
  client.close();
  server.forceShutdown();
});

function ask(request: string, deadlineMilli = 10_000) {
  const same = (bytes: Buffer): Buffer => bytes;
  const options = { deadline: Date.now() + deadlineMilli };
  return client.makeServerStreamRequest('/test.Service/Method', same, same, Buffer.from(request), options);
}

async function outcome(stream: ReturnType<typeof ask>): Promise<{ texts: string[]; error: ServiceError | undefined }> {
  const texts: string[] = [];
  try {
    for await (const message of stream) texts.push(String(message));
    return { texts, error: undefined };
  } catch (error) {
    return { texts, error: error as ServiceError };
  }
}

test('streamingService: messages arrive in order, then status OK', async () => {
  answer = async ({ path, request, send }) => {
    for (const part of ['a', 'b', 'c']) await send(Buffer.from(`${path} ${String(request)} ${part}`));
  };
  const { texts, error } = await outcome(ask('x'));
  assert.equal(error, undefined);
  assert.deepEqual(
    texts,
    ['a', 'b', 'c'].map((part) => `/test.Service/Method x ${part}`),
  );
});

test('streamingService: what is thrown is the status, after what was sent', async () => {
  answer = async ({ send }) => {
    await send(Buffer.from('first'));
    throw new QueryError('QUERY_INVALID', 'no such thing');
  };
  const { texts, error } = await outcome(ask('x'));
  assert.deepEqual(texts, ['first']);
  assert.equal(error?.code, status.INVALID_ARGUMENT);
  assert.equal(error.details, 'no such thing');
  assert.equal((errors.at(-1) as QueryError).code, 'QUERY_INVALID');
});

test('streamingService: a client that cancels fires the signal, and sending fails', async () => {
  const ended = Promise.withResolvers<unknown>();
  answer = async ({ signal, send }) => {
    await send(Buffer.from('first'));
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    await send(Buffer.from('second')).catch(ended.resolve);
  };
  const errorsBefore = errors.length;
  const stream = ask('x');
  stream.on('error', () => {});
  stream.once('data', () => stream.cancel());
  assert.equal(((await ended.promise) as QueryError).code, 'QUERY_CANCELLED');
  assert.equal(errors.length, errorsBefore);
});

test('streamingService: a deadline that passes fires the signal', async () => {
  const ended = Promise.withResolvers<void>();
  answer = async ({ signal }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    ended.resolve();
  };
  const { error } = await outcome(ask('x', 500));
  assert.equal(error?.code, status.DEADLINE_EXCEEDED);
  await ended.promise;
});

test('streamingService: a reader that does not read holds up the writer', async () => {
  const message = Buffer.alloc(1024 * 1024);
  let sentCount = 0;
  const cancelled = Promise.withResolvers<void>();
  answer = async ({ send, signal }) => {
    signal.addEventListener('abort', () => cancelled.resolve());
    for (let i = 0; i < 40; i++) {
      await send(message);
      sentCount++;
    }
  };
  // Plain HTTP/2, since the client of grpc-js reads ahead.
  const session = connect(`http://127.0.0.1:${port}`);
  const stream = session.request({ ':method': 'POST', ':path': '/test.Service/Method', ...grpcHeaders });
  stream.end(Buffer.from([0, 0, 0, 0, 0]));
  await once(stream, 'response');
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.ok(sentCount <= 1, `${sentCount} MiB were sent to nobody`);
  session.destroy();
  await cancelled.promise;
});
