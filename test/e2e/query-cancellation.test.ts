import { deepEqual, equal } from 'node:assert/strict';
import { get } from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { askJaeger, eventually } from './jaeger-client.ts';
import { freshIds, traceRequest } from './otlp-body.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

let spoor: RunningSpoor;
before(async () => void (spoor = await startSpoor({ args: ['--query-workers', '1'] })));
after(async () => void (await spoor.stop()));

test('queries: when the client goes away the query ends, and the worker answers others', async () => {
  const { traceId } = freshIds();
  // Now, since spans of long ago are worth a warning after a while.
  const startNano = BigInt(Date.now()) * 1_000_000n;
  const spans = Array.from({ length: 60_000 }, (_, i) => ({
    traceId,
    spanId: (i + 1).toString(16).padStart(16, '0'),
    name: `operation ${i}`,
    startNano,
    endNano: startNano + 1n,
  }));
  for (let i = 0; i < 3; i++) {
    const body = traceRequest('cancel', spans.slice(i * 20_000, (i + 1) * 20_000));
    const headers = { 'Content-Type': 'application/x-protobuf' };
    equal((await fetch(`${spoor.otlpHttp}/v1/traces`, { method: 'POST', headers, body })).status, 200);
  }
  await Promise.all(Array.from({ length: 6 }, () => askAndLeave(`${spoor.jaeger}/api/traces?tag=x:=~.*[a-f].*z`)));
  const search = await askJaeger(spoor.jaeger, '/api/services');
  equal(search.text.includes('"cancel"'), true);
  await eventually('every query is accounted for', async () => {
    const metrics = await (await fetch(`${spoor.jaeger}/metrics`)).text();
    const counts = [...metrics.matchAll(/^spoor_query_seconds_count\{kind="search",outcome="\w+"\} (\d+)$/gm)];
    return counts.reduce((sum, [, count]) => sum + Number(count), 0) === 6 ? true : undefined;
  });
  const whole = await askJaeger(spoor.jaeger, `/api/traces/${traceId}`);
  equal(whole.data[0].spans.length, 60_000);
  deepEqual(
    spoor.log.filter(({ level }) => level !== 'info'),
    [],
  );
});

/** Goes away only once the request has left this process, so that the server meets every one of them. */
async function askAndLeave(url: string): Promise<void> {
  const request = get(url, { agent: false }).on('error', () => undefined);
  await new Promise((resolve) => request.once('socket', (socket) => socket.once('connect', resolve)));
  await sleep(5);
  request.destroy();
}
