import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { buildPage } from '../../scripts/build-page.ts';
import { startSpoor, type RunningSpoor } from '../e2e/start-spoor.ts';
import { looks, openBrowser, PageVisit, settlesAt } from './page-visit.ts';

interface Call {
  readonly parent: string;
  readonly child: string;
  readonly isError?: boolean;
}

//    web → api → db          a call to db fails; a name may have a slash
const small: readonly Call[] = [
  { parent: 'web', child: 'team/api' },
  { parent: 'web', child: 'team/api' },
  { parent: 'team/api', child: 'db' },
  { parent: 'team/api', child: 'db', isError: true },
];

const largePath = join(import.meta.dirname, '../../../shared/data/jaeger/dependency-graph-large.json');

let browser: Browser;
let spoor: RunningSpoor;
let large: RunningSpoor | undefined;

before(async () => {
  await buildPage();
  [browser, spoor] = await Promise.all([openBrowser(), startSpoor()]);
  await send(spoor, small);
});

after(async () => {
  await Promise.all([browser?.close(), spoor?.stop(), large?.stop()]);
});

/** Each call as a trace of two spans, some seconds apart. */
async function send(to: RunningSpoor, calls: readonly Call[]): Promise<void> {
  const now = BigInt(Date.now() - 60_000) * 1_000_000n;
  const resourceSpans = calls.flatMap(({ parent, child, isError = false }, i) => {
    const start = now + BigInt(i % 50) * 1_000_000_000n;
    const traceId = (i + 1).toString(16).padStart(32, 'a');
    const span = (service: string, spanId: string, parentSpanId: string, kind: number, durationNano: bigint) => ({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId,
              spanId,
              parentSpanId,
              name: `GET /${service}`,
              kind,
              startTimeUnixNano: String(start),
              endTimeUnixNano: String(start + durationNano),
              status: { code: isError ? 2 : 0 },
            },
          ],
        },
      ],
    });
    const first = '1'.repeat(16);
    return [span(parent, first, '', 2, 9_000_000n), span(child, '2'.repeat(16), first, 2, 4_000_000n)];
  });
  const response = await fetch(`${to.otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ resourceSpans }),
  });
  assert.equal(response.status, 200);
}

for (const look of looks) {
  test(`map: graph and table, to a service and its traces (${look.theme}, ${look.widthPixels} px)`, async () => {
    const visit = await PageVisit.open(browser, `${spoor.jaeger}/map`, look);
    const { page } = visit;
    await page.locator('.mp-node').nth(2).waitFor();
    await settlesAt(() => page.locator('.mp-edge').count(), 2);
    await settlesAt(() => page.locator('.mp-edge.error .mp-label').count(), 1);
    await settlesAt(() => page.getByRole('table').getByRole('row').count(), 3);
    await visit.assertSound('map');

    await page.locator('.mp-node', { hasText: 'team/api' }).focus();
    await page.keyboard.press('+');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/service\/team%2Fapi$/);
    await page.getByRole('heading', { name: 'team/api' }).waitFor();
    await page.getByRole('link', { name: 'GET /team/api' }).first().waitFor();
    await settlesAt(() => page.locator('.sv-chart').count(), 3);
    await page.getByText('As a table').click();
    await page.getByRole('columnheader', { name: 'p95' }).waitFor();
    await page.getByRole('link', { name: 'web', exact: true }).waitFor();
    await page.getByRole('link', { name: 'db', exact: true }).waitFor();
    await visit.assertSound('service');

    await page.getByRole('link', { name: 'Show on map' }).click();
    await page.waitForURL(/focus=team%2Fapi/);
    await page.locator('.mp-node.focus').waitFor();
    await page.getByLabel('Around').fill('web');
    await page.waitForURL(/focus=web/);
    await page.getByLabel('Hops').selectOption('1');
    await page.waitForFunction(() => document.querySelectorAll('.mp-node').length === 2);
    await page.getByRole('table').getByRole('link').nth(2).click();
    await page.getByText('2 traces').waitFor();
    await visit.close();
  });
}

test('service: one that is not there, and the address that Jaeger has for it', async () => {
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/service/nobody`);
  await visit.page.getByText('No span of this service').waitFor();
  await visit.assertSound('nobody');
  await visit.page.goto(`${spoor.jaeger}/monitor?service=db`);
  await visit.page.getByRole('heading', { name: 'db' }).waitFor();
  await visit.close();
});

test('map: 1,238 services stay usable', { skip: existsSync(largePath) ? false : 'needs ../shared/data' }, async () => {
  large = await startSpoor();
  await send(large, JSON.parse(readFileSync(largePath, 'utf8')) as Call[]);
  const visit = await PageVisit.open(browser, `${large.jaeger}/map`);
  const { page } = visit;
  await page.locator('.mp-node').nth(20).waitFor();
  await page.getByText(/^Shown: \d+ of 1,\d+ services, around /).waitFor();
  assert.ok((await page.locator('.mp-node').count()) <= 80);
  await visit.assertSound('large map');
  await page.getByLabel('Around').fill('Service574');
  await page.locator('.mp-node.focus', { hasText: 'Service574' }).waitFor();
  await visit.close();
  await large.stop();
});
