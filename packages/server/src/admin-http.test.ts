import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { adminListener } from './admin-http.ts';
import { listenHttp } from './http-listener.ts';
import { createMetrics } from './spoor-metrics.ts';

test('adminListener: health and metrics as Jaeger has them', async () => {
  let isReady = true;
  let nowMilli = Date.parse('2026-11-27T09:00:00Z');
  const onRequest = adminListener({
    metrics: createMetrics().registry,
    isReady: () => isReady,
    now: () => nowMilli,
  });
  const listener = await listenHttp({ title: 'health', flag: 'admin-port', port: 0, onRequest }, ['127.0.0.1']);
  const ask = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${listener.port}${path}`);
  const uptimeAfter = async (milli: number): Promise<unknown> => {
    nowMilli += milli;
    return ((await (await ask('/')).json()) as { uptime: string }).uptime;
  };
  try {
    const health = await ask('/');
    equal(health.status, 200);
    equal(health.headers.get('content-type'), 'application/json');
    deepEqual(await health.json(), {
      status: 'Server available',
      upSince: '2026-11-27T09:00:00.000Z',
      uptime: '0s',
    });
    deepEqual(
      [await uptimeAfter(450), await uptimeAfter(3_050), await uptimeAfter(120_000), await uptimeAfter(3_600_000)],
      ['450ms', '3.5s', '2m3.5s', '1h2m3.5s'],
    );
    const metrics = await ask('/metrics');
    match(metrics.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/);
    match(await metrics.text(), /^# TYPE spoor_/m);
    equal((await ask('/health')).status, 404);
    isReady = false;
    const stopping = await ask('/?x=1');
    deepEqual([stopping.status, await stopping.json()], [503, { status: 'Server not available' }]);
  } finally {
    await listener.close(0);
  }
});
