import { deepEqual, equal } from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  realDisk,
  silentLogger,
  Store,
  WalContentEncoding,
  WalContentType,
  WalProtocol,
  WalSignal,
} from '@spoor/store';
import { decodeTracesJson } from '@spoor/wire';
import { replayOtlp } from 'spoor';
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

test(
  'captured bodies: every span comes back equal to what was sent, also after a restart, sealing and merging',
  { skip },
  async () => {
    const bodies = readdirSync(captureDir).map((name) => readFileSync(new URL(name, captureDir)));
    equal(bodies.length, 101);
    const messages = bodies.map(plainRequest);
    spoor = await startSpoor({ dataDir });
    for (const body of bodies) await send(spoor, body);
    await checkEverything(spoor, messages);
    equal(await spoor.stop(), 0);
    for (const work of [undefined, sealEverything, mergeEverything]) {
      await work?.(dataDir);
      spoor = await startSpoor({ dataDir });
      await checkEverything(spoor, messages);
      equal(await spoor.stop('SIGTERM'), 0);
    }
  },
);

async function sealEverything(dataDir: string): Promise<void> {
  const store = await openStore(dataDir, { mergeSegmentsMin: 2 });
  await store.sealAll();
  const { headRows, segmentRows } = store.stats();
  deepEqual([headRows, segmentRows], [0, 4743]);
  await store.close();
}

/** A second segment, so that there is something to merge. */
async function mergeEverything(dataDir: string): Promise<void> {
  const store = await openStore(dataDir, { mergeSegmentsMin: 2 });
  await store.append(otlpJson, Buffer.from(oneSpan), (sink) => decodeTracesJson(Buffer.from(oneSpan), sink));
  await store.sealAll();
  await store.compact();
  const { segments, segmentRows } = store.stats();
  deepEqual([segments, segmentRows], [1, 4744]);
  await store.close();
}

const oneSpan = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"${'ee'.repeat(16)}","spanId":"${'ee'.repeat(8)}"}]}]}]}`;
const otlpJson = {
  signal: WalSignal.traces,
  protocol: WalProtocol.otlp,
  contentType: WalContentType.json,
  contentEncoding: WalContentEncoding.identity,
  receivedMilli: Date.now(),
  transformationVersion: 0,
};

function openStore(dataDirectory: string, settings: { readonly mergeSegmentsMin: number }): Promise<Store> {
  return Store.open({
    dataDirectory,
    tenant: 'default',
    disk: realDisk,
    replay: replayOtlp,
    logger: silentLogger,
    schedule: 'manual',
    ...settings,
  });
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
