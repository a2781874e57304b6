import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { buildPage } from '../../scripts/build-page.ts';
import { startSpoor, type RunningSpoor } from '../e2e/start-spoor.ts';
import { looks, openBrowser, PageVisit } from './page-visit.ts';

let browser: Browser;
let spoor: RunningSpoor;
let parts: Readonly<Record<string, readonly string[]>>;

before(async () => {
  await buildPage();
  [browser, spoor] = await Promise.all([openBrowser(), startSpoor({ args: ['--base-path', '/deep'] })]);
  const html = readFileSync(join(import.meta.dirname, '../../packages/ui/dist/index.html'), 'utf8');
  const text = /data-parts="([^"]+)"/.exec(html)?.[1].replaceAll('&quot;', '"');
  parts = JSON.parse(text ?? '') as typeof parts;
});

after(() => Promise.all([browser?.close(), spoor?.stop()]));

/** The file that only this part is in: the first of its files. */
function ownFile(part: string): string {
  return parts[part][0];
}

/** Whether the page has asked for a file; answers of the browser's cache count. */
function hasAsked(visit: PageVisit, name: string): Promise<boolean> {
  return visit.page.evaluate(
    (file) => performance.getEntriesByType('resource').some((entry) => entry.name.endsWith(`/${file}`)),
    name,
  );
}

test('first load: one language, and the other once it is chosen', async () => {
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/status`, looks[0], 'zh-TW');
  const { page } = visit;
  await page.getByRole('link', { name: '首頁' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'zh-Hant');
  assert.equal(await hasAsked(visit, ownFile('english')), false);
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('link', { name: 'Home', exact: true }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await page.reload();
  await page.getByRole('link', { name: 'Home', exact: true }).waitFor();
  assert.equal(await hasAsked(visit, ownFile('traditional-chinese')), false);
  await visit.assertSound('status');
  await visit.close();
});

test('first load: texts and page are asked for before the bundle runs', async () => {
  const visit = await PageVisit.open(browser, 'about:blank');
  const { page } = visit;
  // The bundle never comes: what is asked for all the same was asked for by what runs before it.
  await page.route(/\/main-[^/]+\.js$/, (route) => route.abort());
  const asked = Promise.all(
    [ownFile('english'), ownFile('map-page')].map((name) => page.waitForRequest((each) => each.url().endsWith(name))),
  );
  await page.goto(`${spoor.jaeger}/map`);
  await asked;
  await visit.close();
});

test('first load: the other pages come by themselves, and need no request when they are opened', async () => {
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/status`);
  const { page } = visit;
  for (const name of ['home-page', 'search-page', 'trace-page', 'service-page', 'map-page']) {
    await page.waitForFunction(
      (file) => performance.getEntriesByType('resource').some((entry) => entry.name.endsWith(`/${file}`)),
      ownFile(name),
    );
  }
  await visit.close();
});

test('first load: a page that cannot be had says so, and is there on the second try', async () => {
  const visit = await PageVisit.open(browser, 'about:blank');
  const { page } = visit;
  const file = `**/${ownFile('map-page')}`;
  await page.route(file, (route) => route.abort());
  await page.goto(`${spoor.jaeger}/map`);
  const retry = page.getByRole('button', { name: 'Try again' });
  await retry.waitFor();
  await page.getByRole('link', { name: 'Search' }).click();
  await page.getByLabel('Query').waitFor();
  await page.getByRole('link', { name: 'Map' }).click();
  await retry.waitFor();
  await page.unroute(file);
  await retry.click();
  await page.getByRole('heading', { name: 'Map', exact: true }).waitFor();
  await visit.close();
});
