import { deepEqual, equal } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { plainRequest, spanTexts, traceIdsOf, type Plain } from './otlp-plain.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

const captureDir = new URL('../../../shared/data/otel-demo-otlp/', import.meta.url);
const skip = existsSync(captureDir) ? false : 'the reference capture is not beside the repository';

let spoor: RunningSpoor | undefined;
after(async () => void (await spoor?.stop()));

test('captured bodies: every span comes back equal to what was sent, also after a restart', { skip }, async () => {
  const bodies = readdirSync(captureDir).map((name) => readFileSync(new URL(name, captureDir)));
  equal(bodies.length, 101);
  const messages = bodies.map(plainRequest);
  spoor = await startSpoor();
  for (const body of bodies) await send(spoor, body);
  await checkEverything(spoor, messages);
  await spoor.stop('SIGTERM', true);
  spoor = await startSpoor({ dataDir: spoor.dataDir });
  await checkEverything(spoor, messages);
});

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
  for (const id of ids) {
    const response = await fetch(`${target.jaeger}/api/v3/traces/${id}`);
    equal(response.status, 200, id);
    const { result } = (await response.json()) as { result: Plain };
    deepEqual(traceIdsOf(result), [id]);
    found.push(...spanTexts(result));
  }
  equal(found.length, sent.length);
  deepEqual(found.sort(), sent.sort());
}
