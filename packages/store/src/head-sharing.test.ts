import assert from 'node:assert/strict';
import { once } from 'node:events';
import { it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { limits, pushSpans } from '@spoor/model';
import { allocateHeadBuffers, headBytesInUse, headCapacity, headCapacityForRequest } from './head-buffers.ts';
import { HeadFullError } from './head-full-error.ts';
import { Head } from './head.ts';
import type { ReaderTask } from './testing/head-reader-worker.ts';
import { randomSpans } from './testing/random-spans.ts';
import { seededRandom, testSeed } from './testing/seeded-random.ts';
import { rowsOfTrace } from './trace-index.ts';

const seed = testSeed();

it(`Head: a reader finds its snapshot while the writer pushes and takes back (SEED=${seed})`, async () => {
  const random = seededRandom(seed);
  const head = new Head(allocateHeadBuffers(headCapacity(20_000)));
  const spans = randomSpans(random, { traceCount: 60, spansPerTraceMax: 10 });
  pushSpans(head, spans);
  const { buffers, counts } = head;
  const { stringBytes, stringOffset } = buffers;
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const task: ReaderTask = {
    buffers,
    counts: head.countsNow(),
    strings: Array.from({ length: counts.strings }, (_, code) =>
      stringBytes.slice(stringOffset[code], stringOffset[code + 1]),
    ),
    rowsOfTraces: Array.from({ length: counts.traces }, (_, trace) => [...rowsOfTrace(buffers, trace, counts.spans)]),
    stop,
  };
  const worker = new Worker(new URL('testing/head-reader-worker.ts', import.meta.url), { workerData: task });
  const answer = once(worker, 'message') as Promise<[{ rounds: number } | { wrong: string }]>;
  await once(worker, 'online');
  const mark = head.mark();
  // The same traces grow and shrink again; other strings and traces come and go in between.
  const others = randomSpans(random, { traceCount: 60, spansPerTraceMax: 10 });
  for (const end = performance.now() + 300; performance.now() < end;) {
    pushSpans(head, random() < 0.5 ? spans : others);
    if (random() < 0.5) head.rollback(mark);
    if (head.counts.spans > 15_000) head.rollback(mark);
  }
  Atomics.store(stop, 0, 1);
  const [result] = await answer;
  assert.ok('rounds' in result && result.rounds > 0, JSON.stringify(result));
});

it('headCapacityForRequest: room for the largest request costs nothing until it is used', () => {
  const buffers = allocateHeadBuffers(headCapacityForRequest(limits.requestBytesMax));
  const head = new Head(buffers);
  assert.ok(buffers.values.buffer.byteLength > 1e9);
  assert.ok(headBytesInUse(buffers, head.counts) < 64 * 1024);
});

it('headBytesInUse: grows with what is pushed', () => {
  const head = new Head(allocateHeadBuffers(headCapacity(1000)));
  const before = head.memoryBytes;
  pushSpans(head, randomSpans(seededRandom(1), { traceCount: 5, spansPerTraceMax: 10 }));
  assert.ok(head.memoryBytes > before);
  assert.ok(head.memoryBytes < head.buffers.values.buffer.byteLength);
  assert.throws(() => {
    for (;;) head.endEvent(0, 0, 0, 0);
  }, HeadFullError);
});
