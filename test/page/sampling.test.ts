import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { buildPage } from '../../scripts/build-page.ts';
import { startSpoor, type RunningSpoor } from '../e2e/start-spoor.ts';
import { looks, openBrowser, PageVisit } from './page-visit.ts';

let browser: Browser;
let off: RunningSpoor;
let adaptive: RunningSpoor;
const directory = mkdtempSync(join(tmpdir(), 'spoor-sampling-page-'));
const file = join(directory, 'strategies.yaml');

before(async () => {
  await buildPage();
  writeFileSync(
    file,
    `default_strategy: { type: probabilistic, param: 0.125 }
service_strategies:
  - { service: search, type: ratelimiting, param: 100 }
  - service: checkout
    type: probabilistic
    param: 1
    operation_strategies: [{ operation: GET /health, type: probabilistic, param: 0.0005 }]
`,
  );
  const options = ['--sampling.strategies-file', file, '--sampling.strategies-reload-interval', '100ms'];
  const quick = [
    '--sampling.config-type',
    'adaptive',
    '--sampling.calculation-interval',
    '300ms',
    '--sampling.delay',
    '0s',
  ];
  [browser, off, adaptive] = await Promise.all([
    openBrowser(),
    startSpoor(),
    startSpoor({ args: [...options, ...quick] }),
  ]);
});

after(async () => {
  await Promise.all([browser?.close(), off?.stop(), adaptive?.stop()]);
  rmSync(directory, { recursive: true, force: true });
});

test('sampling page: without a source it says what is told, and how to have one', async () => {
  const visit = await PageVisit.open(browser, `${off.jaeger}/status`);
  const { page } = visit;
  await page.getByRole('link', { name: 'Sampling' }).click();
  await page.getByText('--sampling.config-type adaptive').waitFor();
  assert.match((await page.getByRole('row').last().textContent()) ?? '', /all other services.*100 %/);
  await visit.assertSound('off');
  await visit.close();
});

for (const look of looks) {
  test(`sampling page: strategies of the file, and those found by what arrives (${look.theme}, ${look.widthPixels} px)`, async () => {
    const visit = await PageVisit.open(browser, `${adaptive.jaeger}/sampling`, look);
    const { page } = visit;
    const rows = page.getByRole('row');
    await rows.filter({ hasText: 'search' }).getByText('100 traces a second').waitFor();
    await rows.filter({ hasText: 'GET /health' }).getByText('0.05 %').waitFor();
    // A service that asks is followed from the next interval on.
    await fetch(`http://127.0.0.1:${adaptive.receivers['sampling-http']}/sampling?service=asking`);
    await rows.filter({ hasText: 'all together, and operations not seen yet' }).getByText('✓ yes').waitFor();
    await visit.assertSound('adaptive');
    await page.getByLabel('Service').fill('checkout');
    await page.waitForURL(/service=checkout/);
    await rows.filter({ hasText: 'search' }).waitFor({ state: 'detached' });
    await visit.close();
  });
}

test('sampling page: a file that went bad is said, and what was stays', async () => {
  writeFileSync(file, 'default_strategy: 3');
  const visit = await PageVisit.open(browser, `${adaptive.jaeger}/sampling`);
  const { page } = visit;
  await page.getByText('those before stay in force').waitFor();
  await page.getByText('default_strategy must be an object').waitFor();
  await page.getByText('100 traces a second').waitFor();
  await visit.assertSound('bad file');
  await visit.close();
});
