import { deepEqual, equal, rejects } from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { AnswerStream } from './answer-stream.ts';

type Handler = (stream: AnswerStream, response: ServerResponse) => void | Promise<void>;

let handler: Handler;
const server = createServer((request, response) => {
  const acceptsGzip = request.headers['accept-encoding'] === 'gzip';
  void handler(new AnswerStream(response, acceptsGzip), response);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
after(() => server.close());
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

for (const encoding of ['gzip', 'identity']) {
  test(`AnswerStream: each line arrives by itself (${encoding})`, async () => {
    let goOn = (): void => {};
    handler = async (stream) => {
      equal(stream.isOpen, false);
      stream.offer(() => ({ count: 1 }));
      equal(stream.isOpen, true);
      // The second comes only when the first has arrived.
      await new Promise<void>((resolve) => (goOn = resolve));
      await stream.finish('{"count":2}');
    };
    const response = await fetch(url, { headers: { 'Accept-Encoding': encoding } });
    equal(response.headers.get('content-type'), 'application/x-ndjson');
    equal(response.headers.get('content-encoding'), encoding === 'gzip' ? 'gzip' : null);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    equal((await reader.read()).value, '{"soFar":{"count":1}}\n');
    goOn();
    let rest = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) rest += part.value;
    equal(rest, '{"count":2}\n');
  });

  test(`AnswerStream: a client that goes away keeps nobody waiting (${encoding})`, async () => {
    const finished = Promise.withResolvers<void>();
    handler = async (stream, response) => {
      // More than sockets hold, so that it cannot be sent unless it is read.
      stream.offer(() => ({ text: Array.from({ length: 2_000_000 }, () => Math.random()).join() }));
      await new Promise((resolve) => response.once('close', resolve));
      stream.offer(() => ({}));
      await stream.finish('{}').then(finished.resolve, finished.reject);
    };
    const leaving = new AbortController();
    const headers = { 'Accept-Encoding': encoding };
    const response = await fetch(url, { headers, signal: leaving.signal });
    equal(response.status, 200);
    leaving.abort();
    await finished.promise;
    await rejects(response.text());
  });
}

test('AnswerStream: who can read it says so', () => {
  deepEqual(
    ['application/x-ndjson, application/json', '*/*', undefined].map((accept) => AnswerStream.isAccepted(accept)),
    [true, false, false],
  );
});
