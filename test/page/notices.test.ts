import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { requestOf, sendJson } from '../e2e/otlp-json.ts';
import { startSpoor, type RunningSpoor } from '../e2e/start-spoor.ts';
import { looks, openBrowser, PageVisit } from './page-visit.ts';

let spoor: RunningSpoor;
let browser: Browser;
before(async () => {
  [spoor, browser] = await Promise.all([startSpoor(), openBrowser()]);
  const seconds = Math.floor(Date.now() / 1000) + 7200;
  const times = { startTimeUnixNano: `${seconds}000000000`, endTimeUnixNano: `${seconds}000000001` };
  const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), name: 'GET /ahead', kind: 2, ...times };
  await sendJson(spoor.otlpHttp, requestOf({ shop: [span] }));
});
after(async () => {
  await browser?.close();
  await spoor?.stop();
});

for (const look of looks) {
  test(`status: a clock that is far off, with a link to what it sent (${look.theme}, ${look.widthPixels} px)`, async () => {
    const visit = await PageVisit.open(browser, `${spoor.jaeger}/status`, look);
    const { page } = visit;
    await page.getByText('1 span of shop, such as “GET /ahead”: began in 2 hr., by its clock.').waitFor();
    await visit.assertSound('clock notice');
    await page.locator('.sp-notice').getByRole('link').click();
    await page
      .locator(`a[href*="/trace/${'a'.repeat(32)}"]`)
      .first()
      .waitFor();
    await visit.close();
  });
}

test('status: a service that is sampled out, in both languages', async () => {
  for (const [locale, text] of [
    ['en-US', 'rare asks what to sample and was told 0.001. No span of it came (first missed 3 min. ago).'],
    ['zh-TW', 'rare 詢問取樣方式，得到 0.001，但自3 分鐘前起沒有任何 span 送達。'],
  ] as const) {
    const visit = await PageVisit.open(browser, 'about:blank', looks[2], locale);
    const { page } = visit;
    // It takes minutes until one is noticed: put into what the program answers.
    await page.route('**/api/spoor/status', async (route) => {
      const response = await route.fetch();
      const silent = { service: 'rare', sinceMilli: Date.now() - 180_000, probability: 0.001 };
      await route.fulfill({ json: { ...(await response.json()), silentServices: [silent] } });
    });
    await page.goto(`${spoor.jaeger}/status`);
    await page.getByText(text).waitFor();
    await page.locator('.sp-notice a[href$="/sampling"]').waitFor();
    await visit.assertSound('silent service');
    await visit.close();
  }
});
