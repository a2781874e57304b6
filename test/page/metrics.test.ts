import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { encodeTracesProtobuf } from '@spoor/wire';
import { randomTrace } from '../../packages/wire/src/testing/random-trace.ts';
import { buildPage } from '../../scripts/build-page.ts';
import { startSpoor, type RunningSpoor } from '../e2e/start-spoor.ts';
import { looks, openBrowser, PageVisit, settlesAt } from './page-visit.ts';

let browser: Browser;
let spoor: RunningSpoor;

const start = BigInt(Math.floor(Date.now() / 60_000) * 60_000 - 600_000) * 1_000_000n;
const traces = Array.from({ length: 40 }, (_, i) =>
  randomTrace({
    seed: 900 + i,
    spanCount: 6 + (i % 5),
    errorShare: 0.2,
    startUnixNano: start + BigInt(i) * 5_000_000_000n,
  }),
);
const spans = traces.flatMap((trace) => trace.spans);
const services = new Set(
  spans.map(({ resource }) => resource.attributes.find(({ key }) => key === 'service.name')?.value),
);

before(async () => {
  await buildPage();
  [browser, spoor] = await Promise.all([openBrowser(), startSpoor()]);
  const headers = { 'Content-Type': 'application/x-protobuf' };
  const body = encodeTracesProtobuf(traces) as BodyInit;
  const response = await fetch(`${spoor.otlpHttp}/v1/traces`, { method: 'POST', headers, body });
  assert.equal(response.status, 200);
});

after(async () => {
  await Promise.all([browser?.close(), spoor?.stop()]);
});

function searchUrl(q: string, more = ''): string {
  return `${spoor.jaeger}/search?q=${encodeURIComponent(q)}${more}`;
}

for (const look of looks) {
  test(`metrics: a chart and its table are sound (${look.theme}, ${look.widthPixels} px)`, async () => {
    const visit = await PageVisit.open(browser, searchUrl('{ } | rate() by(resource.service.name)'), look);
    const { page } = visit;
    await page.locator('.mt-table tbody tr').first().waitFor();
    await settlesAt(
      () => page.locator('.mt-table tbody tr').count(),
      new Set([...services].map((v) => JSON.stringify(v))).size,
    );
    await settlesAt(
      () => page.locator('.mt-chart path.mt-line').count(),
      await page.locator('.mt-table tbody tr').count(),
    );
    await visit.assertSound('rates');
    await page.getByRole('button', { name: 'logarithmic' }).click();
    await page.waitForURL((url) => url.searchParams.get('scale') === 'log');
    await page.getByText('Example spans').click();
    await page.getByRole('cell').first().waitFor();
    await visit.assertSound('logarithmic, with example spans');
    await visit.close();
  });
}

test('metrics: counts are those of the spans, whatever the step', async () => {
  const visit = await PageVisit.open(browser, searchUrl('{ } | count_over_time()', '&step=1h'));
  const { page } = visit;
  const highest = page.locator('.mt-table tbody td').last();
  await highest.waitFor();
  const answer = (await (
    await fetch(`${spoor.jaeger}/api/spoor/metrics?step=1h&q=${encodeURIComponent('{ } | count_over_time()')}`)
  ).json()) as { series: { values: number[] }[] };
  assert.equal(
    answer.series[0].values.reduce((sum, value) => sum + value, 0),
    spans.length,
  );
  await page.getByLabel('Step').selectOption('15s');
  await page.waitForURL((url) => url.searchParams.get('step') === '15s');
  await visit.close();
});

test('metrics: a series leads to its traces, a chart to those of an interval, an example to its span', async () => {
  const visit = await PageVisit.open(
    browser,
    searchUrl('{ kind = server } | quantile_over_time(duration, .9) by(name)'),
  );
  const { page } = visit;
  const first = page.locator('.mt-table tbody a').first();
  await first.waitFor();
  const [name] = ((await first.textContent()) ?? '').split(' · ');
  await first.click();
  await page.waitForURL((url) => url.searchParams.get('q') === `{ kind = server } | { name = "${name}" }`);
  await page.locator('.se-sets a').first().waitFor();
  await settlesAt(() => page.locator('.se-sets a').first().textContent(), name);
  await visit.assertSound('span sets');
  await page.goBack();
  await page.locator('.mt-chart rect').click();
  await page.waitForURL((url) => url.searchParams.has('start') && url.searchParams.get('q') === '{ kind = server }');
  await page.goBack();
  await page.getByText('Example spans').click();
  await page.locator('.sv-numbers a').first().click();
  await page.waitForURL(/\/trace\/[0-9a-f]{32}\?span=[0-9a-f]{16}/);
  await page.locator('.sd h2').waitFor();
  await visit.close();
});

test('metrics: a histogram is drawn as one, an interval of it leads to its traces', async () => {
  const visit = await PageVisit.open(browser, searchUrl('{ } | histogram_over_time(duration)'));
  const { page } = visit;
  await page.locator('.mt-chart .ho-cell').first().waitFor();
  await settlesAt(() => page.locator('.mt-chart path').count(), 0);
  await visit.assertSound('histogram');
  await page.locator('.mt-chart .sv-reach').click();
  await page.waitForURL((url) => url.searchParams.get('q') === '{ }' && url.searchParams.has('end'));
  await visit.close();
});

test('metrics: what is refused says why; words are searched as before', async () => {
  const visit = await PageVisit.open(browser, searchUrl('{ } | rate()', '&step=soon'));
  const { page } = visit;
  await page.getByText('is no step').waitFor();
  await page.goto(searchUrl('{ } | rate()', '&step=10ms'));
  await page.getByText('take a longer step').waitFor();
  await page.goto(searchUrl('{ } >> { } | rate()', '&service=frontend'));
  await page.getByText('into the TraceQL query itself').waitFor();
  await visit.close();
});

test('search: groups, counts and selected attributes of each trace', async () => {
  const visit = await PageVisit.open(
    browser,
    searchUrl('{ } | by(resource.service.name) | count() > 1 | select(status)'),
  );
  const { page } = visit;
  const set = page.locator('.se-sets > li').first();
  await set.waitFor();
  assert.match((await set.locator('.se-set').textContent()) ?? '', /^by\(resource\.service\.name\) \S+count\(\) \d+/);
  assert.match((await set.locator('ul').textContent()) ?? '', /status/);
  await visit.assertSound('groups');
  await visit.close();
});
