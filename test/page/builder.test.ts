import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
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
  const traces = Array.from({ length: 20 }, (_, i) =>
    randomTrace({ seed: 700 + i, spanCount: 8, errorShare: 0.3, startUnixNano: start + BigInt(i) * 5_000_000_000n }),
  );
  const headers = { 'Content-Type': 'application/x-protobuf' };
  const body = encodeTracesProtobuf(traces) as BodyInit;
  const response = await fetch(`${spoor.otlpHttp}/v1/traces`, { method: 'POST', headers, body });
  assert.equal(response.status, 200);
});

after(async () => {
  await Promise.all([browser?.close(), spoor?.stop()]);
});

/** Waits for the editor to show the text. */
async function waitForText(page: Page, text: string): Promise<void> {
  await page.locator('.cm-line', { hasText: text }).waitFor();
  await settlesAt(() => page.locator('.cm-content').textContent(), text);
}

for (const look of looks) {
  test(`builder: writes TraceQL, and reads it (${look.theme}, ${look.widthPixels} px)`, async () => {
    const visit = await PageVisit.open(browser, `${spoor.jaeger}/search`, look);
    const { page } = visit;
    await page.getByRole('button', { name: 'Builder' }).click();
    await page.getByRole('button', { name: '+ Service' }).click();
    await page.getByRole('combobox', { name: 'Value' }).fill('frontend');
    await waitForText(page, '{ resource.service.name = "frontend" }');
    await page.getByLabel('These spans').selectOption('>>');
    await page.getByRole('group', { name: 'Other spans for which' }).getByRole('button', { name: '+ Status' }).click();
    await page.getByRole('group', { name: 'Other spans for which' }).getByLabel('Value').fill('error');
    await page.getByLabel('Which traces').selectOption('count');
    await waitForText(page, '{ resource.service.name = "frontend" } >> { status = error } | count() > 1');
    await visit.assertSound('structure');
    await page.getByRole('button', { name: 'Find traces' }).click();
    await page.waitForURL(/q=.*count/);
    await page.locator('section[aria-busy=false] h2', { hasText: /^\d+ traces?/ }).waitFor();
    // Still open, and still with its fields.
    await settlesAt(() => page.getByLabel('These spans').inputValue(), '>>');
    await page.getByLabel('Show', { exact: true }).selectOption('compare');
    await waitForText(
      page,
      '{ resource.service.name = "frontend" } >> { status = error } | compare({ status = error })',
    );
    await visit.assertSound('comparison');
    await visit.close();
  });
}

test('builder: shows what stands in the text, words too, and leaves richer queries alone', async () => {
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/search?q=${encodeURIComponent('duration > 1s')}`);
  const { page } = visit;
  await page.getByRole('button', { name: 'Builder' }).click();
  await settlesAt(() => page.getByRole('combobox', { name: 'Attribute' }).inputValue(), 'duration');
  await page.getByRole('combobox', { name: 'Value' }).fill('soon');
  await settlesAt(() => page.getByRole('combobox', { name: 'Value' }).getAttribute('aria-invalid'), 'true');
  await waitForText(page, '{ }');
  await page.getByRole('combobox', { name: 'Value' }).fill('2m');
  await waitForText(page, '{ duration > 2m }');
  await page.locator('.cm-content').click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText('{ status = error || kind = server }');
  await page.getByText('says more than the builder can show').waitFor();
  await settlesAt(() => page.locator('.cm-content').textContent(), '{ status = error || kind = server }');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText('{ kind = server } | quantile_over_time(duration, 0.9) by(name)');
  await page.getByLabel('Quantiles').waitFor();
  await settlesAt(() => page.getByLabel('Quantiles').inputValue(), '0.9');
  await visit.close();
});

test('builder: a row of a comparison joins the query', async () => {
  const q = encodeURIComponent('{ } | compare({ status = error })');
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/search?q=${q}`);
  const { page } = visit;
  const row = page.locator('.mt-compare tbody tr').first();
  await row.waitFor();
  await visit.assertSound('comparison');
  // What the selection is made by is left out.
  await settlesAt(() => page.locator('.mt-compare th code', { hasText: /^status$/ }).count(), 0);
  const name = (await row.locator('code').textContent()) ?? '';
  await row.getByRole('button').click();
  await page.waitForURL((url) => (url.searchParams.get('q') ?? '').startsWith(`{ ${name} = `));
  await page.waitForURL((url) => (url.searchParams.get('q') ?? '').endsWith('} | compare({ status = error })'));
  await visit.close();
});
