import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { encodeTracesProtobuf } from '@spoor/wire';
import { randomTrace } from '../../packages/wire/src/testing/random-trace.ts';
import { buildPage } from '../../scripts/build-page.ts';
import { startSpoor, type RunningSpoor } from '../e2e/start-spoor.ts';
import { looks, openBrowser, PageVisit } from './page-visit.ts';

/*
 * A query that takes as long as the test wants: a proxy stands before the program, and answers to searches and metrics pass
 * it as the program gives them while they grow, the whole one only when the test lets it.
 */
let browser: Browser;
let spoor: RunningSpoor;
const held: Held[] = [];
const proxy = createServer((request, response) => void pass(request, response));
let url: string;

/** A question whose answer is held back. */
interface Held {
  readonly path: string;
  readonly finish: () => void;
  /** fires when the page has left */
  readonly left: Promise<void>;
}

before(async () => {
  await buildPage();
  [browser, spoor] = await Promise.all([openBrowser(), startSpoor()]);
  for (let seed = 0; seed < 3; seed++) {
    const startUnixNano = BigInt(Date.now() - 60_000 - seed * 1000) * 1_000_000n;
    const response = await fetch(`${spoor.otlpHttp}/v1/traces`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-protobuf' },
      body: encodeTracesProtobuf([randomTrace({ seed, spanCount: 5, startUnixNano })]) as BodyInit,
    });
    assert.equal(response.status, 200);
  }
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});

after(async () => {
  await browser?.close();
  proxy.closeAllConnections();
  proxy.close();
  await spoor?.stop();
});

async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const isHeld = /^\/api\/spoor\/(search|metrics)\?/.test(request.url!) && request.headers.accept!.includes('x-ndjson');
  const headers = { ...request.headers, 'accept-encoding': 'identity', ...(isHeld && { accept: 'application/json' }) };
  const answer = await new Promise<IncomingMessage>((resolve) => {
    request.pipe(ask(spoor.jaeger + request.url!, { method: request.method, headers }, resolve));
  });
  if (!isHeld) return void answer.pipe(response.writeHead(answer.statusCode!, answer.headers));
  let body = '';
  for await (const part of answer.setEncoding('utf8')) body += part;
  const whole = JSON.parse(body) as { traces?: object[]; isMetrics?: true };
  if (whole.isMetrics === true) return void response.writeHead(200, { 'Content-Type': 'application/json' }).end(body);
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
  const soFar = {
    ...whole,
    ...(whole.traces !== undefined && { traces: whole.traces.slice(0, 1), total: 1, totalIsExact: false }),
    progress: { spanCount: 1_234_567, sourceCount: 4, doneSourceCount: 1 },
  };
  response.write(`${JSON.stringify({ soFar })}\n`);
  const left = new Promise<void>((resolve) => response.once('close', resolve));
  held.push({ path: request.url!, left, finish: () => response.end(`${body}\n`) });
  proxy.emit('held');
}

/** The question that is held, once there is one. */
async function nextHeld(): Promise<Held> {
  while (held.length === 0) await once(proxy, 'held');
  return held.shift()!;
}

test('search: what is found so far is shown, then the whole', async () => {
  const visit = await PageVisit.open(browser, `${url}/search`);
  const { page } = visit;
  await page.getByText('at least 1 trace').waitFor();
  await page.getByText('1.2M spans read').waitFor();
  assert.equal(await page.locator('.se-item').count(), 1);
  assert.equal(await page.getByRole('progressbar').getAttribute('value'), '1');
  await visit.assertSound('a running search');
  (await nextHeld()).finish();
  await page.getByText('3 traces', { exact: true }).waitFor();
  await page.getByRole('progressbar').waitFor({ state: 'detached' });
  assert.equal(await page.locator('.se-item').count(), 3);
  await visit.close();
});

for (const look of looks) {
  test(`search: Stop ends it on the server, and keeps what was found (${look.theme}, ${look.widthPixels})`, async () => {
    const visit = await PageVisit.open(browser, `${url}/search?q=%7B%20%7D`, look);
    const { page } = visit;
    await page.getByText('at least 1 trace').waitFor();
    const { left } = await nextHeld();
    await page.getByRole('button', { name: 'Stop' }).click();
    await left;
    await page.getByText('You stopped this with 1 of 4 parts of the data read.').waitFor();
    assert.equal(await page.locator('.se-item').count(), 1);
    await visit.assertSound('a stopped search');
    // The same again asks again.
    await page.getByRole('button', { name: 'Find traces' }).click();
    (await nextHeld()).finish();
    await page.getByText('3 traces', { exact: true }).waitFor();
    await visit.close();
  });
}

test('metrics: a chart grows, and can be stopped', async () => {
  const visit = await PageVisit.open(browser, `${url}/search?q=${encodeURIComponent('{ } | rate()')}`);
  const { page } = visit;
  await page.getByText('1.2M spans read').waitFor();
  await page.locator('.mt-chart').waitFor();
  const { left, path } = await nextHeld();
  assert.match(path, /metrics/);
  await visit.assertSound('a growing chart');
  await page.getByRole('button', { name: 'Stop' }).click();
  await left;
  await page.getByText('You stopped this with 1 of 4 parts of the data read.').waitFor();
  await page.locator('.mt-chart').waitFor();
  await visit.close();
});

test('search: leaving the page ends it too', async () => {
  const visit = await PageVisit.open(browser, `${url}/search`);
  const { left } = await nextHeld();
  await visit.page.getByRole('link', { name: 'Map' }).click();
  await left;
  await visit.close();
});
