import { deepEqual, equal } from 'node:assert/strict';
import { after, before } from 'node:test';
import { askJaeger } from '../e2e/jaeger-client.ts';
import type { RunningSpoor } from '../e2e/start-spoor.ts';
import { copyToCache, installNode, run } from './client-program.ts';
import { checkOrderTrace, printedTraceId } from './order-trace.ts';
import { checkLimited, checkQuarter, startSampling } from './sampled-traces.ts';
import { pathTo, spanNamed, storedTrace } from './stored-trace.ts';
import { clientTest } from './toolchain.ts';

let spoor: RunningSpoor;
before(async () => void (spoor = await startSampling()));
after(async () => void (await spoor.stop()));

const current = copyToCache('test/clients/node-current');
const sdk2 = copyToCache('test/clients/node-sdk2');
const installed = new Set<string>();

async function runNode(cwd: string, args: readonly string[]): Promise<string> {
  if (!installed.has(cwd)) await installNode(cwd);
  installed.add(cwd);
  return run('node', args, { cwd });
}

const agent = (): object => ({ agentHost: '127.0.0.1', agentPort: spoor.receivers['jaeger-binary'] });
const collector = (): object => ({
  collectorEndpoint: `http://127.0.0.1:${spoor.receivers['jaeger-thrift-http']}/api/traces`,
});

clientTest(
  'Node, exporter-zipkin: its trace arrives, as far as Zipkin has fields, and Zipkin shows it',
  ['npm'],
  async () => {
    const zipkin = `http://127.0.0.1:${spoor.receivers['zipkin']}/api/v2`;
    const traceId = printedTraceId(await runNode(current, ['zipkin.js', `${zipkin}/spans`, 'node zipkin']));
    await checkOrderTrace(spoor.jaeger, traceId, 'node zipkin', { values: 'text', hasEventAttributes: false });
    const spans = (await (await fetch(`${zipkin}/trace/${traceId}`)).json()) as {
      readonly name: string;
      readonly localEndpoint: { readonly serviceName: string };
    }[];
    deepEqual(spans.map(({ name, localEndpoint }) => `${localEndpoint.serviceName}: ${name}`).toSorted(), [
      'node zipkin: GET /cart',
      'node zipkin: charge',
    ]);
  },
);

clientTest('Node, exporter-jaeger to the agent: its trace arrives, whole numbers as doubles', ['npm'], async () => {
  const args = ['127.0.0.1', `${spoor.receivers['jaeger-binary']}`, 'node agent'];
  const traceId = printedTraceId(await runNode(sdk2, ['jaeger-exporter.js', ...args]));
  await checkOrderTrace(spoor.jaeger, traceId, 'node agent', { values: 'double', hasEventAttributes: true });
});

for (const [name, reporter] of Object.entries({ 'the agent': agent, 'the collector': collector })) {
  clientTest(`Node, jaeger-client to ${name}: two services, baggage and an error arrive`, ['npm'], async () => {
    const args = ['jaeger-client.js', 'send', JSON.stringify(reporter())];
    const spans = await storedTrace(spoor.jaeger, printedTraceId(await runNode(sdk2, args)), 2);
    const cart = spanNamed(spans, 'shop', 'GET /cart');
    const reserve = spanNamed(spans, 'stock', 'reserve');
    deepEqual(pathTo(reserve, spans), ['shop: GET /cart', 'stock: reserve']);
    deepEqual([cart.attributes['order.items'], cart.attributes['order.gift']], [3, true]);
    equal(reserve.attributes['user_id'], '42');
    equal(reserve.attributes['error'], true);
    deepEqual(reserve.events, [{ name: 'error', attributes: { 'error.kind': 'Error', message: 'nothing left' } }]);
  });
}

clientTest('Node, jaeger-client: obeys a probability from 5778', ['npm'], async () => {
  const hostPort = `127.0.0.1:${spoor.receivers['sampling-http']}`;
  const args = ['jaeger-client.js', 'sample', JSON.stringify(collector()), 'quarter', hostPort];
  await checkQuarter(spoor.jaeger, await runNode(sdk2, args));
});

clientTest('Node, jaeger-client: obeys a rate from 5778', ['npm'], async () => {
  const hostPort = `127.0.0.1:${spoor.receivers['sampling-http']}`;
  const args = ['jaeger-client.js', 'sample', JSON.stringify(collector()), 'limited', hostPort];
  checkLimited(await runNode(sdk2, args));
  const { data } = await askJaeger(spoor.jaeger, '/api/traces', { service: 'limited', limit: '1' });
  const tags = Object.fromEntries(data[0].spans[0].tags.map(({ key, value }) => [key, value]));
  deepEqual([tags['sampler.type'], tags['sampler.param']], ['ratelimiting', 5]);
});

clientTest('Node, sampler-jaeger-remote: obeys what 5778 says', ['npm'], async () => {
  const endpoint = `http://127.0.0.1:${spoor.receivers['sampling-http']}`;
  const args = ['remote-sampler.js', endpoint, 'fourth', `${spoor.otlpHttp}/v1/traces`];
  await checkQuarter(spoor.jaeger, await runNode(sdk2, args), 'fourth');
});
