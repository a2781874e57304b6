// jaeger-client.js send REPORTER sends one trace of two services, shop and stock, and prints its id.
// jaeger-client.js sample REPORTER SERVICE HOST:PORT asks for a sampling strategy there, starts a thousand spans under it,
// and prints how many it sampled. REPORTER is jaeger-client's configuration for it, as JSON.

import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import jaeger from 'jaeger-client';

const [command, reporterJson, service, hostPort] = process.argv.slice(2);
const reporter = JSON.parse(reporterJson);
const logger = { info() {}, error: (message) => console.error(message) };

function newTracer(serviceName, sampler) {
  return jaeger.initTracer({ serviceName, sampler, reporter }, { logger });
}

function close(tracer) {
  return new Promise((resolve) => tracer.close(resolve));
}

async function send() {
  const shop = newTracer('shop', { type: 'const', param: 1 });
  const stock = newTracer('stock', { type: 'const', param: 1 });

  const cart = shop.startSpan('GET /cart', { tags: { 'span.kind': 'server', 'order.items': 3, 'order.gift': true } });
  cart.setBaggageItem('user_id', '42');
  const headers = {};
  shop.inject(cart, 'http_headers', headers);

  const reserve = stock.startSpan('reserve', { childOf: stock.extract('http_headers', headers) });
  reserve.setTag('span.kind', 'server');
  reserve.setTag('user_id', reserve.getBaggageItem('user_id'));
  reserve.setTag('error', true);
  reserve.log({ event: 'error', 'error.kind': 'Error', message: 'nothing left' });
  reserve.finish();
  cart.finish();

  console.log(`trace_id=${cart.context().toTraceId().padStart(32, '0')}`);
  await Promise.all([close(shop), close(stock)]);
}

async function sample() {
  const sampler = { type: 'remote', param: 0, hostPort, refreshIntervalMs: 100 };
  const tracer = newTracer(service, sampler);
  const isSampled = (name) => {
    const span = tracer.startSpan(name);
    span.finish();
    return span.context().isSampled();
  };
  const deadline = Date.now() + 20_000;
  while (!isSampled('first')) {
    if (Date.now() > deadline) throw new Error('no strategy came: nothing was sampled in 20 s');
    await sleep(10);
  }
  const sampled = Array.from({ length: 1000 }, () => isSampled('sampled')).filter(Boolean).length;
  console.log(`sampled=${sampled}`);
  await close(tracer);
}

await (command === 'send' ? send() : sample());
