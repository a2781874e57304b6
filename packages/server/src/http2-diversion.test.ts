import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import * as http2 from 'node:http2';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { divertHttp2 } from './http2-diversion.ts';

/** An HTTP/1.1 server that echoes bodies, and an HTTP/2 one that says so, on one port. */
let server: Server;
let port: number;

before(async () => {
  server = createServer((request, response) => void request.pipe(response));
  const second = http2.createServer();
  second.on('stream', (stream, headers) => {
    (stream as http2.ServerHttp2Stream).respond({ ':status': 200 });
    stream.end(`two ${headers[':path']}`);
  });
  divertHttp2(server, (socket) => second.emit('connection', socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});

after(() => {
  server.closeAllConnections();
  server.close();
});

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const piece of stream) text += String(piece);
  return text;
}

test('divertHttp2: HTTP/1.1 goes on as before, bodies and kept connections included', async () => {
  const body = 'x'.repeat(300_000);
  for (let i = 0; i < 3; i++) {
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
    assert.equal(await response.text(), body);
  }
});

test('divertHttp2: HTTP/2 with prior knowledge is taken by the other', async () => {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  const texts = await Promise.all(['/a', '/b'].map((path) => textOf(session.request({ ':path': path }))));
  assert.deepEqual(texts, ['two /a', 'two /b']);
  session.close();
});

test('divertHttp2: the first bytes may come one by one, and a method may begin like the preface', async () => {
  for (const text of ['PROPFIND / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 'GET / HTTP/1.0\r\n\r\n']) {
    const socket = await connected();
    for (const letter of text.slice(0, 12)) {
      socket.write(letter);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    socket.write(text.slice(12));
    assert.match(await textOf(socket), /^HTTP\/1\.1 200 OK\r\n/, text);
  }
});

test('divertHttp2: a connection that ends or breaks before it says anything harms nobody', async () => {
  (await connected()).end();
  (await connected()).end('PR');
  (await connected()).resetAndDestroy();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 200);
});

function connected(): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.setNoDelay(true);
  });
}
