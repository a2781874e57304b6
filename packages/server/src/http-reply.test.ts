import assert from 'node:assert/strict';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { replyCompressed } from './http-reply.ts';

const pieces = [Buffer.from('['), Buffer.from('{"a":1},'.repeat(50_000)), Buffer.from('0]')];
const whole = Buffer.concat(pieces).toString();

async function ask(headers: Record<string, string>, body: readonly Uint8Array[] = pieces, method = 'GET') {
  const server = createServer((request, response) => replyCompressed(request, response, 200, 'application/json', body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port, method, headers }, resolve).on('error', reject).end();
  });
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  server.close();
  return { headers: answer.headers, bytes: Buffer.concat(chunks) };
}

test('replyCompressed: large answers are compressed for those who ask for it', async () => {
  for (const accepted of ['gzip', 'deflate, gzip;q=0.5', 'GZIP', '*']) {
    const { headers, bytes } = await ask({ 'accept-encoding': accepted });
    assert.equal(headers['content-encoding'], 'gzip', accepted);
    assert.equal(headers.vary, 'Accept-Encoding');
    assert.equal(gunzipSync(bytes).toString(), whole);
    assert.ok(bytes.length < whole.length / 4);
  }
});

test('replyCompressed: others get them as they are', async () => {
  for (const accepted of ['', 'identity', 'gzip;q=0', 'br, gzip; q=0.000']) {
    const { headers, bytes } = await ask({ 'accept-encoding': accepted });
    assert.equal(headers['content-encoding'], undefined, accepted);
    assert.equal(headers.vary, 'Accept-Encoding');
    assert.equal(bytes.toString(), whole);
  }
  const small = await ask({ 'accept-encoding': 'gzip' }, [Buffer.from('[]')]);
  assert.equal(small.headers['content-encoding'], undefined);
  assert.equal(small.bytes.toString(), '[]');
  assert.equal((await ask({ 'accept-encoding': 'gzip' }, pieces, 'HEAD')).bytes.length, 0);
});
