import { deepEqual, equal } from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { realDisk, silentLogger, Store } from '@spoor/store';
import { replayRequest } from 'spoor';
import { plainRequest, spanTexts, traceIdsOf, type Plain } from './otlp-plain.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

const captureDir = new URL('../../../shared/data/otel-demo-otlp/', import.meta.url);
const skip = existsSync(captureDir) ? false : 'the reference capture is not beside the repository';

let spoor: RunningSpoor | undefined;
const dataDir = mkdtempSync(join(tmpdir(), 'spoor-captured-'));
after(async () => {
  await spoor?.stop('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

test('captured bodies: every span comes back equal to what was sent, wherever it lies', { skip }, async (context) => {
  const bodies = readdirSync(captureDir).map((name) => readFileSync(new URL(name, captureDir)));
  equal(bodies.length, 101);
  const messages = bodies.map(plainRequest);
  const serve = async (work: (target: RunningSpoor) => Promise<void>): Promise<void> => {
    spoor = await startSpoor({ dataDir });
    await work(spoor);
    equal(await spoor.stop(), 0);
  };
  const check = (): Promise<void> => serve((target) => checkEverything(target, messages));

  await serve((target) => sendAll(target, bodies.slice(0, 50)));
  await onStore(async (store) => {
    await store.sealAll();
    equal(store.stats().headRows, 0);
  });
  await serve(async (target) => {
    await sendAll(target, bodies.slice(50));
    context.diagnostic('partly in a segment, partly in the head, traces across both');
    await checkEverything(target, messages);
  });
  context.diagnostic('after a restart');
  await check();
  await onStore(async (store) => {
    await store.sealAll();
    deepEqual([store.stats().headRows, store.stats().segmentRows], [0, 4743]);
  });
  context.diagnostic('sealed');
  await check();
  await onStore(async (store) => {
    await store.compact();
    deepEqual([store.stats().segments, store.stats().segmentRows], [1, 4743]);
  });
  context.diagnostic('merged');
  await check();
});

/** Does to the data directory at once what the program does in its own time. */
async function onStore(work: (store: Store) => Promise<void>): Promise<void> {
  const store = await Store.open({
    dataDirectory: dataDir,
    tenant: 'default',
    disk: realDisk,
    replay: replayRequest,
    logger: silentLogger,
    schedule: 'manual',
    mergeSegmentsMin: 2,
  });
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

async function sendAll(target: RunningSpoor, bodies: readonly Buffer[]): Promise<void> {
  for (const body of bodies) await send(target, body);
}

async function send(target: RunningSpoor, body: Buffer): Promise<void> {
  const headers = { 'Content-Type': 'application/x-protobuf' };
  const response = await fetch(`${target.otlpHttp}/v1/traces`, { method: 'POST', headers, body });
  equal(response.status, 200);
  equal((await response.arrayBuffer()).byteLength, 0, 'a full success has no partial_success');
}

async function checkEverything(target: RunningSpoor, messages: readonly Plain[]): Promise<void> {
  const sent = messages.flatMap(spanTexts);
  equal(sent.length, 4743);
  const ids = [...new Set(messages.flatMap(traceIdsOf))];
  equal(ids.length, 1021);
  const found: string[] = [];
  const waiting = [...ids];
  const fetchNext = async (): Promise<void> => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const response = await fetch(`${target.jaeger}/api/v3/traces/${id}`);
      equal(response.status, 200, `${id}: ${JSON.stringify(target.log)}`);
      const { result } = (await response.json()) as { result: Plain };
      deepEqual(traceIdsOf(result), [id]);
      found.push(...spanTexts(result));
    }
  };
  await Promise.all(Array.from({ length: 8 }, fetchNext));
  equal(found.length, sent.length);
  deepEqual(found.sort(), sent.sort());
}
