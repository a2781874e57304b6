import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { buildPage } from '../../scripts/build-page.ts';
import { requestOf, sendJson, stringAttribute, type JsonSpan } from '../e2e/otlp-json.ts';
import { startSpoor, type RunningSpoor } from '../e2e/start-spoor.ts';
import { launchChromium } from './chromium.ts';
import { looks, PageVisit } from './page-visit.ts';

let browser: Browser;
let spoor: RunningSpoor;

const startMilli = Date.now() - 120_000;
const longName = 'averylongnamewithoutspaces'.repeat(20);
const ids = ['huge', 'skewed', 'script', 'long', 'instant'] as const;

function traceIdOf(name: (typeof ids)[number]): string {
  return (ids.indexOf(name) + 1).toString(16).padStart(32, 'a');
}

function span(trace: (typeof ids)[number], row: number, more: Partial<JsonSpan> = {}, atMilli = 0): JsonSpan {
  const start = BigInt(startMilli + atMilli) * 1_000_000n;
  return {
    traceId: traceIdOf(trace),
    spanId: (row + 1).toString(16).padStart(16, 'b'),
    name: `row ${row}`,
    kind: 2,
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(start + 50_000_000n),
    ...more,
  };
}

/*
 *  huge     blob    row 0           an attribute of a megabyte
 *  skewed   client  row 0
 *             server  row 1         an hour before its parent
 *  script   <b>خدمة</b>  <img …>    names that are HTML, and right to left
 *  long     <500 characters>
 *  instant  blob    row 0           takes no time
 */
before(async () => {
  await buildPage();
  [browser, spoor] = await Promise.all([launchChromium(), startSpoor()]);
  const parentSpanId = span('skewed', 0).spanId;
  const instant = span('instant', 0);
  await sendJson(
    spoor.otlpHttp,
    requestOf({
      blob: [
        span('huge', 0, {
          attributes: [stringAttribute('body', 'x'.repeat(1_000_000)), stringAttribute('short', 'y')],
        }),
        { ...instant, endTimeUnixNano: instant.startTimeUnixNano },
      ],
      client: [span('skewed', 0)],
      server: [span('skewed', 1, { parentSpanId }, -3_600_000)],
      '<b>خدمة</b>': [span('script', 0, { name: '<img src=x onerror=alert(1)> طلب' })],
      [longName]: [span('long', 0, { name: longName, attributes: [stringAttribute(longName, longName)] })],
    }),
  );
});

after(() => Promise.all([browser?.close(), spoor?.stop()]));

test('trace: a value of a megabyte is shown in part, until it is asked for', async () => {
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/trace/${traceIdOf('huge')}`);
  const { page } = visit;
  await page.locator('.wf-row').first().click();
  const whole = page.getByRole('button', { name: 'Show all 1,000,000 characters' });
  await whole.waitFor();
  const cell = page.getByRole('row', { name: /^body/ }).getByRole('cell');
  assert.ok(((await cell.textContent()) ?? '').length < 3_000);
  await page.getByRole('link', { name: 'y', exact: true }).waitFor();
  await visit.assertSound('a huge value');
  await whole.click();
  await page.waitForFunction(() => (document.querySelector('.sd-attributes td')?.textContent ?? '').length > 999_999);
  await visit.close();
});

test('trace: clocks that differ are said to', async () => {
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/trace/${traceIdOf('skewed')}`);
  await visit.page.locator('.wf-row').nth(1).click();
  await visit.page.getByText('It starts 1 h before its parent').waitFor();
  await visit.assertSound('skewed clocks');
  await visit.close();
});

for (const look of looks) {
  test(`names of any script and length are text, and stay in their place (${look.theme}, ${look.widthPixels} px)`, async () => {
    for (const trace of ['script', 'long'] as const) {
      const visit = await PageVisit.open(browser, `${spoor.jaeger}/trace/${traceIdOf(trace)}`, look);
      await visit.page.locator('.wf-row').first().click();
      await visit.page.locator('.sd-facts').waitFor();
      assert.ok((await visit.page.locator('h1').boundingBox())!.height < 80, 'the title leaves room for the trace');
      await visit.assertSound(trace);
      for (const path of ['/', '/services', '/search', '/map']) {
        await visit.page.goto(spoor.jaeger + path);
        await visit.page.getByText('<b>خدمة</b>').filter({ visible: true }).first().waitFor();
        await visit.assertSound(`${path} with odd names`);
      }
      await visit.close();
      if (look !== looks[0]) break;
    }
  });
}

test('metrics: spans without length have a bucket of their own', async () => {
  const q = encodeURIComponent('{ } | histogram_over_time(duration)');
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/search?q=${q}`);
  await visit.page.getByRole('rowheader', { name: '≤ 0 ns' }).waitFor();
  await visit.page.locator('.mt-chart .ho-cell').nth(1).waitFor();
  await visit.assertSound('a histogram with a bucket of zero');
  await visit.close();
});
