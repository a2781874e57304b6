import { equal, notEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { BodyBuffers } from './body-buffers.ts';

test('BodyBuffers: what is given back is lent again, to one at a time, with the length asked for', () => {
  const buffers = new BodyBuffers();
  const first = buffers.lend(100_000)!;
  const second = buffers.lend(100_000)!;
  notEqual(first.buffer, second.buffer);
  buffers.giveBack(first);
  const third = buffers.lend(120_000)!;
  equal(third.buffer, first.buffer);
  equal(third.length, 120_000);
  notEqual(buffers.lend(120_000)!.buffer, first.buffer);
});

test('BodyBuffers: lends neither small nor large ones, and keeps no more than 16 MiB', () => {
  const buffers = new BodyBuffers();
  equal(buffers.lend(65_536), undefined);
  equal(buffers.lend(1024 * 1024 + 1), undefined);
  const lent = Array.from({ length: 20 }, () => buffers.lend(1024 * 1024)!);
  for (const one of lent) buffers.giveBack(one);
  const again = new Set(Array.from({ length: 20 }, () => buffers.lend(1024 * 1024)!.buffer));
  equal(lent.filter(({ buffer }) => again.has(buffer)).length, 16);
});
