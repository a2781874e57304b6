import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { buildPage } from '../../scripts/build-page.ts';
import { requestOf, sendJson, type JsonSpan } from '../e2e/otlp-json.ts';
import { startSpoor, type RunningSpoor } from '../e2e/start-spoor.ts';
import { launchChromium } from './chromium.ts';
import { PageVisit } from './page-visit.ts';

let browser: Browser;
let spoor: RunningSpoor;

/** More traces than a screen holds. */
const startNano = BigInt(Date.now() - 60_000) * 1_000_000n;
const jobs = Array.from({ length: 40 }, (_, i): JsonSpan => ({
  traceId: (i + 1).toString(16).padStart(32, 'c'),
  spanId: (i + 1).toString(16).padStart(16, 'b'),
  name: `job ${i}`,
  startTimeUnixNano: String(startNano - BigInt(i) * 1_000_000_000n),
  endTimeUnixNano: String(startNano - BigInt(i) * 1_000_000_000n + 5_000_000n),
}));

before(async () => {
  await buildPage();
  [browser, spoor] = await Promise.all([launchChromium(), startSpoor()]);
  await sendJson(spoor.otlpHttp, requestOf({ jobs }));
});

after(() => Promise.all([browser?.close(), spoor?.stop()]));

test('page: going back ends where the list was left, another page begins at its top', async () => {
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/search?service=jobs`);
  const { page } = visit;
  const scrolled = (): Promise<number> => page.evaluate(() => document.querySelector('main')!.scrollTop);
  const link = page.getByRole('link', { name: /job 30/ });
  await link.scrollIntoViewIfNeeded();
  const left = await scrolled();
  assert.ok(left > 500, `scrolled by ${left}`);
  await link.press('Enter');
  await page.locator('.wf-row').first().waitFor();
  await page.goBack();
  await link.waitFor();
  await page.waitForFunction((least) => document.querySelector('main')!.scrollTop > least, left / 2);
  await page.getByRole('link', { name: 'Services' }).click();
  await page.getByRole('heading', { name: 'Services' }).waitFor();
  assert.equal(await scrolled(), 0);
  await visit.close();
});
