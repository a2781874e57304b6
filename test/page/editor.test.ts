import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { encodeTracesProtobuf } from '@spoor/wire';
import { randomTrace } from '../../packages/wire/src/testing/random-trace.ts';
import { buildPage } from '../../scripts/build-page.ts';
import { startSpoor, type RunningSpoor } from '../e2e/start-spoor.ts';
import { looks, openBrowser, PageVisit, settlesAt } from './page-visit.ts';

let browser: Browser;
let spoor: RunningSpoor;

before(async () => {
  await buildPage();
  [browser, spoor] = await Promise.all([openBrowser(), startSpoor()]);
  const start = BigInt(Date.now() - 300_000) * 1_000_000n;
  const traces = Array.from({ length: 30 }, (_, i) =>
    randomTrace({ seed: 500 + i, spanCount: 4 + (i % 7), startUnixNano: start + BigInt(i) * 5_000_000_000n }),
  );
  const headers = { 'Content-Type': 'application/x-protobuf' };
  const body = encodeTracesProtobuf(traces) as BodyInit;
  const response = await fetch(`${spoor.otlpHttp}/v1/traces`, { method: 'POST', headers, body });
  assert.equal(response.status, 200);
});

after(async () => {
  await Promise.all([browser?.close(), spoor?.stop()]);
});

/** What stands in the query field, whichever of the two it is. */
function queryText(page: Page): Promise<string> {
  return page.getByLabel('Query', { exact: true }).evaluate((field) => {
    const lines = [...field.querySelectorAll('.cm-line')].map((line) => line.textContent);
    return field instanceof HTMLInputElement ? field.value : lines.join('\n');
  });
}

async function focusedLabel(page: Page): Promise<string | null> {
  return page.evaluate(() => {
    const { activeElement } = document;
    return (activeElement?.shadowRoot?.activeElement ?? activeElement)?.getAttribute('aria-label') ?? null;
  });
}

/** Moves to the first offer. A key that comes too soon after the list is not for the list, lest it take what nobody has seen. */
async function selectOffer(page: Page): Promise<void> {
  const selected = page.locator('[role=option][aria-selected=true]');
  for (let turn = 0; turn < 200 && (await selected.count()) === 0; turn++) {
    await page.keyboard.press('ArrowDown');
    await sleep(50);
  }
}

for (const look of looks) {
  test(`editor: offers, marks mistakes, runs (${look.theme}, ${look.widthPixels} px)`, async () => {
    const visit = await PageVisit.open(browser, `${spoor.jaeger}/search`, look);
    const { page } = visit;
    const query = page.getByLabel('Query', { exact: true });
    await query.pressSequentially('{ resource.serv');
    await page.locator('.cm-content').waitFor();
    await page.getByRole('option', { name: 'service.name' }).waitFor();
    await visit.assertSound('names');
    await page.keyboard.press('Tab');
    await page.keyboard.type(' = "front');
    await page.getByRole('option', { name: '"frontend"' }).waitFor();
    await selectOffer(page);
    await page.keyboard.press('Enter');
    await settlesAt(() => queryText(page), '{ resource.service.name = "frontend"');
    await page.getByText(/parse error at line 1, col 37.*expected \}/).waitFor();
    await visit.assertSound('mistake');
    await page.keyboard.type(' }');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.searchParams.get('q') === '{ resource.service.name = "frontend" }');
    await page.locator('section[aria-busy=false] h2', { hasText: /^\d+ traces/ }).waitFor();
    await settlesAt(() => focusedLabel(page), 'Query');
    await visit.assertSound('results');
    await visit.close();
  });
}

test('editor: a query with a mistake is not sent, the caret goes there, and the guess can be taken', async () => {
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/search`);
  const { page } = visit;
  await page.getByLabel('Query', { exact: true }).pressSequentially('{ name = frontend }');
  await page.locator('.cm-content').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Enter');
  await page.getByText('did you mean "frontend"?').waitFor();
  assert.equal(new URL(page.url()).searchParams.get('q'), null);
  await page.locator('.cm-lintRange-error').hover();
  await page.getByRole('button', { name: 'Write "frontend"' }).click();
  await settlesAt(() => queryText(page), '{ name = "frontend" }');
  await page.getByText('did you mean').waitFor({ state: 'detached' });
  await visit.close();
});

test('editor: Shift+Enter breaks the line, Escape leaves, shortcuts are text in it', async () => {
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/search`);
  const { page } = visit;
  await page.getByLabel('Query', { exact: true }).pressSequentially('{ name = "a?" }');
  await page.locator('.cm-content').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('| count() > 1');
  await settlesAt(() => queryText(page), '{ name = "a?" }\n| count() > 1');
  await settlesAt(() => page.getByRole('dialog').count(), 0);
  // The first closes the list of offers, if one is open.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await settlesAt(() => focusedLabel(page), null);
  await visit.close();
});

test('editor: words become TraceQL on request, and another text makes it a plain field again', async () => {
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/search?q=service%3Dfrontend`);
  const { page } = visit;
  await page.getByRole('button', { name: 'Go on in TraceQL' }).click();
  await page.locator('.cm-content').waitFor();
  await settlesAt(() => queryText(page), '{ resource.service.name = "frontend" }');
  await page.locator('.cm-content').click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('service=cart');
  await settlesAt(() => page.getByLabel('Query', { exact: true }).inputValue(), 'service=cart');
  await settlesAt(() => focusedLabel(page), 'Query');
  await visit.close();
});

test("editor: looks as it should under the page's content security policy", async () => {
  // Unlike other visits, which let axe in past it.
  const context = await browser.newContext();
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(`${spoor.jaeger}/search?q=${encodeURIComponent('{ status = wrong }')}`);
  await page.locator('.cm-content[aria-invalid=true]').waitFor();
  const looks = await page.locator('.cm-editor').evaluate((editor) => {
    const keyword = getComputedStyle(editor.querySelector('.ql-intrinsic')!);
    const { borderRadius, color } = getComputedStyle(editor);
    return { borderRadius, isColoured: keyword.color !== color };
  });
  assert.equal(looks.borderRadius, '6px');
  assert.ok(looks.isColoured);
  assert.deepEqual(
    complaints.filter((text) => !/status of 400/.test(text)),
    [],
  );
  await context.close();
});
