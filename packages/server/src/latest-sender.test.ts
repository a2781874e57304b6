import { deepEqual, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { LatestSender } from './latest-sender.ts';

test('LatestSender: what comes while it sends is replaced by what comes after', async () => {
  const sent: number[] = [];
  let taken = (): void => {};
  const sender = new LatestSender<number>((value) => {
    sent.push(value);
    return new Promise((resolve) => (taken = resolve));
  });
  for (const value of [1, 2, 3]) sender.offer(value);
  deepEqual(sent, [1]);
  taken();
  await Promise.resolve();
  await Promise.resolve();
  deepEqual(sent, [1, 3]);
  sender.offer(4);
  const finished = sender.finish(5);
  for (let i = 0; i < 4; i++) {
    taken();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await finished;
  deepEqual(sent, [1, 3, 5], 'the last value makes what waits needless');
});

test('LatestSender: a failure is told at the end, and nothing is sent after it', async () => {
  let calls = 0;
  const sender = new LatestSender<number>(() => {
    calls++;
    return Promise.reject(new Error('gone'));
  });
  sender.offer(1);
  await new Promise((resolve) => setImmediate(resolve));
  sender.offer(2);
  await rejects(sender.finish(3), { message: 'gone' });
  deepEqual(calls, 1);
});
