import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

const traceId = '5b8efff798038103d269b633813fc60c';

/** The tags of the process that made a trace, as Jaeger's API tells them. */
async function processTags(spoor: RunningSpoor): Promise<Readonly<Record<string, string>>> {
  const response = await fetch(`${spoor.jaeger}/api/traces/${traceId}`);
  const { data } = (await response.json()) as {
    data: readonly { processes: Readonly<Record<string, { tags: readonly { key: string; value: string }[] }>> }[];
  };
  const [process] = Object.values(data[0].processes);
  return Object.fromEntries(process.tags.map(({ key, value }) => [key, value]));
}

test('spoor, started as Jaeger is: ports, tags of the collector, admin ports, and a word on what has no effect', async () => {
  const env = {
    COLLECTOR_ZIPKIN_HOST_PORT: ':9411',
    COLLECTOR_TAGS: 'region=eu,http.host=ours',
    COLLECTOR_QUEUE_SIZE: '5000',
    COLLECTOR_ZIPKIN_HTTP_PORT: '9411',
    SPAN_STORAGE_TYPE: 'memory',
    LOG_LEVEL: 'debug',
  };
  const args = ['--es.server-urls', 'http://elasticsearch:9200', '--query.max-clock-skew-adjustment=30s'];
  const spoor = await startSpoor({ env, args });
  const now = Date.now() * 1000;
  const span = { traceId, id: 'eee19b7ec3c1b174', name: 'get /', timestamp: now, duration: 1000 };
  const body = JSON.stringify([{ ...span, localEndpoint: { serviceName: 'checkout' } }]);
  const sent = await fetch(`http://127.0.0.1:${spoor.receivers.zipkin}/api/v2/spans`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body,
  });
  equal(sent.status, 202);
  deepEqual(await processTags(spoor), { region: 'eu', 'http.host': 'ours' });
  const warnings = spoor.log.filter(({ level }) => level === 'warn').map(({ message }) => message.split(/: |;/, 1)[0]);
  deepEqual(warnings.toSorted(), [
    '--es.server-urls has no effect',
    '--query.max-clock-skew-adjustment has no effect',
    'COLLECTOR_QUEUE_SIZE has no effect',
    'there is no COLLECTOR_ZIPKIN_HTTP_PORT',
  ]);
  for (const name of ['admin', 'query-admin'] as const) {
    const health = await fetch(`http://127.0.0.1:${spoor.ports[name]}/`);
    equal(health.status, 200);
    equal(((await health.json()) as { status: string }).status, 'Server available');
    match(await (await fetch(`http://127.0.0.1:${spoor.ports[name]}/metrics`)).text(), /^spoor_/m);
  }
  // What was not in a segment yet is decoded again, with the tags.
  await spoor.stop('SIGKILL');
  const again = await startSpoor({ env, dataDir: spoor.dataDir });
  deepEqual(await processTags(again), { region: 'eu', 'http.host': 'ours' });
  equal(await again.stop(), 0);
});

test('spoor: every port can be switched off', async () => {
  const env = { COLLECTOR_OTLP_ENABLED: 'false' };
  const dataDir = (await startedAndStopped()).dataDir;
  const off = [
    'jaeger-http',
    'jaeger-query-grpc',
    'remote-storage',
    'tempo-http',
    'tempo-grpc',
    'admin',
    'query-admin',
  ];
  const args = [
    '--host=127.0.0.1',
    `--data-dir=${dataDir}`,
    '--log-format=json',
    ...off.map((name) => `--${name}-port=off`),
  ];
  for (const name of ['jaeger-compact', 'jaeger-binary', 'jaeger-zipkin-compact', 'jaeger-thrift-http', 'jaeger-grpc'])
    args.push(`--${name}-port`, 'off');
  args.push('--zipkin-port=0', '--sampling-http-port=off', '--sampling-grpc-port=off');
  const spoor = await startSpoor({ onlyArgs: args, env });
  deepEqual([spoor.ports, Object.keys(spoor.receivers)], [{}, ['zipkin']]);
  ok((await fetch(`http://127.0.0.1:${spoor.receivers.zipkin}/api/v2/services`)).ok);
  equal(await spoor.stop(), 0);
});

test('spoor: storage that it has not is refused in one line', async () => {
  await rejects(
    startSpoor({ env: { SPAN_STORAGE_TYPE: 'elasticsearch' } }),
    /SPAN_STORAGE_TYPE is elasticsearch, and Spoor keeps/,
  );
});

async function startedAndStopped(): Promise<RunningSpoor> {
  const spoor = await startSpoor();
  await spoor.stop();
  return spoor;
}
