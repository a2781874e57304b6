import { deepEqual, equal, ok } from 'node:assert/strict';
import { mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync, closeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { realDisk, silentLogger, Store } from '@spoor/store';
import { replayRequest } from 'spoor';
import { askJaeger } from './jaeger-client.ts';
import { freshIds, traceRequest } from './otlp-body.ts';
import { startSpoor } from './start-spoor.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'spoor-damage-'));
after(() => rmSync(dataDir, { recursive: true, force: true }));

test('a damaged segment is set aside and named in the log; everything else is served', async (context) => {
  const [lost, kept] = [freshIds(), freshIds()];
  await sealInto('lost', lost);
  const [damaged] = segmentFiles();
  await sealInto('kept', kept);
  equal(segmentFiles().length, 2);
  flipEveryByte(damaged);

  const spoor = await startSpoor({ dataDir });
  context.after(() => spoor.process.kill('SIGKILL'));
  for (let i = 0; i < 2; i++) {
    equal((await askJaeger(spoor.jaeger, `/api/traces/${kept.traceId}`)).status, 200);
    equal((await askJaeger(spoor.jaeger, `/api/traces/${lost.traceId}`)).status, 404);
    deepEqual((await askJaeger<string[]>(spoor.jaeger, '/api/services')).data, ['kept']);
  }
  const name = damaged.split('/').at(-1)!;
  ok(
    spoor.log.some((line) => line.level !== 'info' && JSON.stringify(line).includes(name)),
    JSON.stringify(spoor.log),
  );
  equal(await spoor.stop(), 0);
});

async function sealInto(service: string, ids: ReturnType<typeof freshIds>): Promise<void> {
  const spoor = await startSpoor({ dataDir });
  const headers = { 'Content-Type': 'application/x-protobuf' };
  const body = traceRequest(service, [ids]);
  equal((await fetch(`${spoor.otlpHttp}/v1/traces`, { method: 'POST', headers, body })).status, 200);
  equal(await spoor.stop(), 0);
  const store = await Store.open({
    dataDirectory: dataDir,
    tenant: 'default',
    disk: realDisk,
    replay: replayRequest,
    logger: silentLogger,
    schedule: 'manual',
  });
  await store.sealAll();
  await store.close();
}

function segmentFiles(): string[] {
  const names = readdirSync(dataDir, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.segment')).map((name) => join(dataDir, name));
}

/** All but the first 64 bytes, so that it still looks like a segment. */
function flipEveryByte(path: string): void {
  const file = openSync(path, 'r+');
  const length = statSync(path).size - 64;
  writeSync(file, Buffer.alloc(length, 0xa5), 0, length, 64);
  closeSync(file);
}
