import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { encodeTracesProtobuf } from '@spoor/wire';
import { randomTrace } from '../../packages/wire/src/testing/random-trace.ts';
import { buildPage } from '../../scripts/build-page.ts';
import { startSpoor, type RunningSpoor } from '../e2e/start-spoor.ts';
import { type Look, looks, openBrowser, PageVisit, settlesAt } from './page-visit.ts';

let browser: Browser;
let spoor: RunningSpoor;
let empty: RunningSpoor;

const traceStart = BigInt(Date.now() - 120_000) * 1_000_000n;
const orphaned = randomTrace({ seed: 7, spanCount: 80, orphanShare: 0.1, errorShare: 0.05, startUnixNano: traceStart });
const large = randomTrace({ seed: 8, spanCount: 5_000, startUnixNano: traceStart + 1_000_000n });
const errorCount = orphaned.spans.filter(({ statusCode }) => statusCode === 2).length;

before(async () => {
  await buildPage();
  [browser, spoor, empty] = await Promise.all([
    openBrowser(),
    startSpoor(),
    startSpoor({ args: ['--base-path', '/deep/path'] }),
  ]);
  for (let i = 0; i < 70; i++) {
    await send(
      randomTrace({ seed: 100 + i, spanCount: 3 + (i % 9), startUnixNano: traceStart - BigInt(i) * 30_000_000_000n }),
    );
  }
  await send(orphaned);
  await send(large);
});

after(async () => {
  await Promise.all([browser?.close(), spoor?.stop(), empty?.stop()]);
});

async function send(trace: Parameters<typeof encodeTracesProtobuf>[0][number]): Promise<void> {
  const headers = { 'Content-Type': 'application/x-protobuf' };
  const response = await fetch(`${spoor.otlpHttp}/v1/traces`, {
    method: 'POST',
    headers,
    body: encodeTracesProtobuf([trace]) as BodyInit,
  });
  assert.equal(response.status, 200);
}

/** Runs one visit in every theme and width. */
function everyLook(name: string, run: (look: Look, nameOfLook: string) => Promise<void>): void {
  for (const look of looks) {
    const nameOfLook = `${look.theme}, ${look.widthPixels} px`;
    test(`${name} (${nameOfLook})`, () => run(look, nameOfLook));
  }
}

everyLook('page: home, search and trace are sound', async (look) => {
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/`, look);
  const { page } = visit;
  await page.getByRole('heading', { name: 'Slowest traces' }).waitFor();
  await page.locator('.se-item').first().waitFor();
  await visit.assertSound('home');

  await page.getByRole('link', { name: 'Search' }).click();
  await page.getByText('72 traces').waitFor();
  await page.getByLabel('Query').fill('status=error service=frontend');
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=status%3Derror/);
  await page.locator('.se-item').first().waitFor();
  await visit.assertSound('search');

  await page.goto(`${spoor.jaeger}/trace/${orphaned.traceId}`);
  await page.locator('.wf-row').first().waitFor();
  assert.equal((await page.getByRole('treegrid').getAttribute('aria-rowcount').then(Number)) <= 80, true);
  await visit.assertSound('trace');
  await page.locator('.wf-row').nth(1).click();
  await page.getByText('service.version').waitFor();
  await visit.assertSound('span details');
  await visit.close();
});

everyLook('page: other pages are sound', async (look) => {
  for (const [path, text] of [
    ['/services', 'p99'],
    ['/map', 'Who calls whom'],
    ['/nowhere', 'no such page'],
    [`/trace/${'a'.repeat(32)}`, 'not stored here'],
  ] as const) {
    const visit = await PageVisit.open(browser, `${spoor.jaeger}${path}`, look);
    await visit.page.getByText(text).first().waitFor();
    await visit.assertSound(path);
    await visit.close();
  }
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/trace/${orphaned.traceId}?view=table`, look);
  await visit.page.getByRole('columnheader', { name: 'Self time, sum' }).waitFor();
  await visit.assertSound('operation table');
  await visit.page.getByRole('tab', { name: 'JSON' }).click();
  await visit.page.getByText('resourceSpans').waitFor();
  await visit.assertSound('JSON');
  await visit.close();
});

everyLook('page: empty, below a base path, to the test trace', async (look) => {
  const visit = await PageVisit.open(browser, `${empty.jaeger}/`, look);
  const { page } = visit;
  if (look === looks[0]) {
    await fetch(`${empty.otlpHttp}/v1/trace`, { method: 'POST', body: '{}' });
    await page.getByText('Waiting for the first span').waitFor();
    await page.getByText('did you mean /v1/traces?').waitFor();
    for (const name of ['Python', 'Go', 'Java', '.NET', 'curl', 'Collector'])
      await page.getByRole('tab', { name, exact: true }).click();
    await visit.assertSound('empty state');
  }
  await page.getByRole('button', { name: 'Send a test trace' }).click();
  await page.waitForURL(/\/deep\/path\/trace\/[0-9a-f]{32}$/);
  await page.locator('.wf-row:not([hidden])').nth(5).waitFor();
  await settlesAt(
    () => page.locator('.wf-row:not([hidden]) .wf-service').allTextContents(),
    ['frontend', 'api-gateway', 'auth-service', 'user-service', 'user-service', 'database'],
  );
  await visit.assertSound('test trace');
  await visit.close();
});

test('trace: keys move, open, go to errors, collapse and come back', async () => {
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/trace/${orphaned.traceId}`);
  const { page } = visit;
  const grid = page.getByRole('treegrid');
  await page.locator('.wf-row').first().waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await settlesAt(() => page.locator('.wf-row.selected').getAttribute('aria-rowindex'), '2');
  assert.match((await grid.getAttribute('aria-activedescendant')) ?? '', /^wf-\d+$/);
  await page.keyboard.press('n');
  await page.locator('.wf-row.selected.error').waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('⚠ error').waitFor();
  await page.waitForURL(/span=[0-9a-f]{16}/);
  await page.keyboard.press('Escape');
  await page.locator('.sd').waitFor({ state: 'detached' });
  const rowCount = Number(await grid.getAttribute('aria-rowcount'));
  await page.keyboard.press('[');
  await page.waitForFunction(
    (count) => Number(document.querySelector('[role=treegrid]')?.getAttribute('aria-rowcount')) < count,
    rowCount,
  );
  await page.keyboard.press(']');
  await page.waitForFunction(
    (count) => Number(document.querySelector('[role=treegrid]')?.getAttribute('aria-rowcount')) === count,
    rowCount,
  );
  await page.keyboard.press('f');
  await page.waitForURL(/z=\d+%2C\d+/);
  await page.keyboard.press('0');
  await page.waitForURL((url) => !url.searchParams.has('z'));
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await visit.assertSound('key sheet');
  await visit.close();
});

test('trace: finds by what the skeleton has and by attributes, and shows only matches', async () => {
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/trace/${orphaned.traceId}`);
  const { page } = visit;
  await page.getByLabel('Find in this trace').fill('status=error');
  await page.getByText(`${errorCount} matching`).waitFor();
  await page.getByLabel('Find in this trace').fill('http.response.status_code >= 500');
  const expected = orphaned.spans.filter(({ attributes }) =>
    attributes.some(({ value }) => value.type === 'int' && value.value === 500),
  ).length;
  await page.getByText(`${expected} matching`, { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Only matches' }).click();
  await page.waitForURL(/only=1/);
  await visit.assertSound('find');
  await page.getByLabel('Find in this trace').fill('duration > soon');
  await page.getByText('is no duration').waitFor();
  await visit.close();
});

test('trace: a missing parent is shown with a likely cause', async () => {
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/trace/${orphaned.traceId}`);
  const { page } = visit;
  const orphan = page.locator('.wf-row', { hasText: 'parent not received' }).first();
  await page.locator('.wf-row').first().waitFor();
  await page.keyboard.press('End');
  await orphan.click();
  await page.getByText('is not in this trace').waitFor();
  await visit.close();
});

test('trace: a link to a span opens it; every spelling of the id leads there', async () => {
  const { spanId, name } = orphaned.spans[20];
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/trace/${orphaned.traceId}?span=${spanId}`);
  await visit.page.locator('.sd code', { hasText: spanId }).waitFor();
  await settlesAt(() => visit.page.locator('.sd h2').textContent(), name);
  const { traceId } = orphaned;
  const dashed = traceId.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  const base64 = encodeURIComponent(Buffer.from(traceId, 'hex').toString('base64url'));
  for (const path of [
    `/trace/${traceId.toUpperCase()}`,
    `/trace/${dashed}`,
    `/trace/${base64}`,
    `/traces/${traceId}`,
    `/trace/${traceId}...${large.traceId}`,
    `/trace/${traceId}?uiFind=${spanId}`,
  ]) {
    await visit.page.goto(`${spoor.jaeger}${path}`);
    await visit.page.getByText(traceId).first().waitFor();
    await visit.page.locator('.wf-row').first().waitFor();
  }
  await visit.page.goto(`${spoor.jaeger}/`);
  await visit.page.getByPlaceholder('paste a trace id').fill(`ERROR trace_id=${traceId} lost`);
  await visit.page.keyboard.press('Enter');
  await visit.page.waitForURL(`**/trace/${traceId}`);
  await visit.close();
});

test('trace: 5,000 spans are few nodes, and the last row can be reached', async () => {
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/trace/${large.traceId}`);
  const { page } = visit;
  await page.locator('.wf-row').first().waitFor();
  assert.ok((await page.locator('.wf-row').count()) < 60);
  await page.keyboard.press('End');
  const last = await page.getByRole('treegrid').getAttribute('aria-rowcount');
  await page.locator(`.wf-row.selected[aria-rowindex="${last}"]`).waitFor();
  await visit.assertSound('large trace');
  await visit.close();
});

test("search: the guide's queries, paging by scrolling, and Jaeger's links", async () => {
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/search`);
  const { page } = visit;
  await page.getByText('72 traces').waitFor();
  await page.waitForFunction(() => {
    document.querySelector('#content')?.scrollTo(0, 1e6);
    return document.querySelectorAll('.se-item').length === 72;
  });
  for (const [query, pattern] of [
    ['service=my-service duration > 1s', /^0 traces/],
    ['error=true tags.http.status_code >= 500', /^\d+ traces?/],
    ['service=frontend or service=cart', /^\d+ traces/],
  ] as const) {
    await page.getByLabel('Query').fill(query);
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.searchParams.get('q') === query);
    await page.locator('section[aria-busy=false] h2', { hasText: pattern }).waitFor();
  }
  await page.getByLabel('Query').fill('{ resource.service.name = "cart" && status = error }');
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=%7B/);
  await page.locator('section[aria-busy=false] h2', { hasText: /^\d+ traces?/ }).waitFor();
  await page.getByLabel('Query').fill('duration > soon');
  await page.getByText('is no duration').waitFor();
  const tags = encodeURIComponent('{"http.response.status_code":"500"}');
  await page.goto(
    `${spoor.jaeger}/search?end=1&limit=20&lookback=1h&maxDuration&minDuration&service=frontend&start=0&tags=${tags}`,
  );
  await page.locator('section[aria-busy=false] h2').waitFor();
  await settlesAt(() => page.getByLabel('Query').inputValue(), 'http.response.status_code=500');
  await settlesAt(() => page.getByLabel('Service').inputValue(), 'frontend');
  await page.goto(`${spoor.jaeger}/search?traceID=${orphaned.traceId}&traceID=${large.traceId}`);
  await page.getByText('2 traces').waitFor();
  await visit.assertSound('search');
  await visit.close();
});

test('search: offers names and values while typing, by keyboard', async () => {
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/search`);
  const { page } = visit;
  await page.getByLabel('Query').pressSequentially('http.resp');
  await page.getByRole('option', { name: 'http.response.status_code' }).waitFor();
  await visit.assertSound('completion');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  await page.keyboard.type('50');
  await page.getByRole('option', { name: '500', exact: true }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await settlesAt(() => page.getByLabel('Query').inputValue(), 'http.response.status_code=500 ');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=http.response.status_code%3D500/);
  await visit.close();
});

test('page: speaks Traditional Chinese', async () => {
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/search`, looks[0], 'zh-TW');
  await visit.page.getByText('72 筆 trace').waitFor();
  await settlesAt(() => visit.page.getAttribute('html', 'lang'), 'zh-Hant');
  await visit.assertSound('Chinese');
  await visit.page.getByRole('button', { name: '產生器' }).click();
  await visit.page.getByRole('button', { name: '+ 服務' }).click();
  await visit.page.getByLabel('這些 span').selectOption('>>');
  await visit.page.locator('.cm-line', { hasText: '{ } >> { }' }).waitFor();
  await visit.assertSound('the builder in Chinese');
  await visit.page.goto(`${spoor.jaeger}/sampling`);
  await visit.page.getByText('其他所有服務').waitFor();
  await visit.assertSound('sampling in Chinese');
  await visit.close();
});
