import { equal } from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ByteBudget } from './byte-budget.ts';
import { borrowBody } from './request-body.ts';

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('borrowBody: each request has its own bytes until its hold is disposed, aborted ones between them', async () => {
  const budget = new ByteBudget(1 << 30);
  const server = createServer((request, response) => {
    void (async () => {
      using hold = budget.open();
      const body = await borrowBody(request, 1 << 30, hold);
      // Others are received meanwhile.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
      response.end(hash(body));
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const send = async (round: number): Promise<void> => {
    const body = randomBytes(60_000 + ((round * 37_123) % 1_200_000));
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
    equal(await answer.text(), hash(body));
  };
  const abort = (): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n');
        socket.write(Buffer.alloc(100_000), () => setTimeout(() => socket.destroy(), 5));
      });
      socket.on('close', () => resolve()).on('error', () => {});
    });
  for (let round = 0; round < 60; round += 10) {
    await Promise.all([abort(), ...Array.from({ length: 10 }, (_, i) => send(round + i)), abort()]);
  }
  server.closeAllConnections();
  // Resolves when the last connection is gone, the aborted ones among them: their requests have ended by then.
  await new Promise((resolve) => server.close(resolve));
  // A cut request's hold goes some turns of the event loop after its connection.
  for (let turn = 0; turn < 2_000 && budget.takenBytes > 0; turn++) await sleep(1);
  equal(budget.takenBytes, 0);
});
