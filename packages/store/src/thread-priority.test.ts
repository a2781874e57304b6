import assert from 'node:assert/strict';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

const worker = `
  const { workerData, parentPort } = require('node:worker_threads');
  const { getPriority } = require('node:os');
  const { readlinkSync } = require('node:fs');
  import(workerData).then(({ lowerThreadPriority }) => {
    lowerThreadPriority(7);
    parentPort.postMessage(getPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1))));
  });`;

test(
  'lowerThreadPriority: of the calling thread alone',
  { skip: process.platform !== 'linux' && 'Linux only' },
  async () => {
    const before = getPriority();
    const url = new URL(`./thread-priority${import.meta.url.slice(-3)}`, import.meta.url).href;
    const thread = new Worker(worker, { eval: true, workerData: url });
    const niceness = await new Promise((resolve, reject) => thread.once('message', resolve).once('error', reject));
    assert.equal(niceness, Math.max(7, before));
    assert.equal(getPriority(), before);
  },
);
