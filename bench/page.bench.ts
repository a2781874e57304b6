/**
 * The page in headless Chromium against the real program: from the request for a trace to its first row on screen,
 * scrolling, a click to its details, find, collapse all. `npm run bench -- page`; `--spans 1000,100000` chooses the sizes.
 *
 * Times are of a warm server and a fresh browser context, so the bundle is loaded and compiled each time.
 */
import process from 'node:process';
import type { Browser, Page } from 'playwright-core';
import { encodeTracesProtobuf } from '@spoor/wire';
import { randomTrace } from '../packages/wire/src/testing/random-trace.ts';
import { buildPage, checkBudget } from '../scripts/build-page.ts';
import { startSpoor, type RunningSpoor } from '../test/e2e/start-spoor.ts';
import { launchChromium } from '../test/page/chromium.ts';
import { benchFlags, isSmoke } from './bench-options.ts';

const flags = benchFlags(process.argv.slice(2), ['spans']);
const sizes = (flags.get('spans') ?? (isSmoke ? '200' : '1000,10000,100000,1000000')).split(',').map(Number);
const rounds = isSmoke ? 1 : 3;
/** One request for a million spans would be above what OTLP allows. */
const spansPerRequest = 50_000;

/** What one visit measured. Milliseconds, but for bytes. */
interface Visit {
  readonly openMilli: number;
  readonly skeletonBytes: number;
  readonly heapMegabytes: number;
  readonly nodes: number;
  readonly frameP95Milli: number;
  readonly frameMaxMilli: number;
  readonly clickMilli: number;
  readonly findMilli: number;
  readonly collapseMilli: number;
}

await buildPage();
checkBudget();
const [spoor, browser] = await Promise.all([startSpoor(), launchChromium()]);
try {
  for (const spanCount of sizes) {
    const traceId = await store(spoor, spanCount);
    const visits: Visit[] = [];
    for (let round = 0; round < rounds; round++) visits.push(await visit(browser, `${spoor.jaeger}/trace/${traceId}`));
    report(spanCount, visits);
  }
} finally {
  await browser.close();
  await spoor.stop();
}

async function store({ otlpHttp }: RunningSpoor, spanCount: number): Promise<string> {
  const { traceId, spans } = randomTrace({
    seed: spanCount,
    spanCount,
    errorShare: 0.001,
    isMicrosecond: true,
    startUnixNano: BigInt(Date.now() - 600_000) * 1_000_000n,
  });
  for (let at = 0; at < spans.length; at += spansPerRequest) {
    const body = encodeTracesProtobuf([{ traceId, spans: spans.slice(at, at + spansPerRequest) }]);
    const headers = { 'Content-Type': 'application/x-protobuf' };
    const response = await fetch(`${otlpHttp}/v1/traces`, { method: 'POST', headers, body: body as BodyInit });
    if (!response.ok) throw new Error(`the trace was refused: ${response.status} ${await response.text()}`);
  }
  return traceId;
}

async function visit(opened: Browser, url: string): Promise<Visit> {
  const context = await opened.newContext({ viewport: { width: 1600, height: 900 }, bypassCSP: true });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  let skeletonBytes = 0;
  page.on('response', async (response) => {
    if (response.url().endsWith('/skeleton'))
      skeletonBytes = Number((await response.allHeaders())['content-length'] ?? 0);
  });
  await page.addInitScript(firstRowObserver);
  await page.goto(url);
  const openMilli = await page
    .waitForFunction('globalThis.firstRowMilli')
    .then((handle) => handle.jsonValue() as Promise<number>);
  const frames = await scrollFrames(page);
  const measured: Visit = {
    openMilli,
    skeletonBytes,
    frameP95Milli: frames[Math.floor(frames.length * 0.95)],
    frameMaxMilli: frames.at(-1)!,
    clickMilli: await timed(
      page,
      `document.querySelectorAll('.wf-row:not([hidden])')[3].click()`,
      `document.querySelector('.sd-attributes')`,
    ),
    collapseMilli: await timed(page, `press('[')`, `rowCount() < before`),
    findMilli: await timed(
      page,
      `press(']'), setFind('status=error')`,
      `document.querySelector('.tr-tools [role=status]')?.textContent.includes('matching')`,
    ),
    heapMegabytes: Number(await page.evaluate('performance.memory.usedJSHeapSize')) / 1e6,
    nodes: Number(await page.evaluate(`document.querySelectorAll('*').length`)),
  };
  await context.close();
  return measured;
}

/** Notes when the first row is in the frame after the one that drew it, from the start of navigation. */
function firstRowObserver(): void {
  const look = (): void => {
    const row = document.querySelector('.wf-row:not([hidden]) .wf-name');
    if (row === null || row.textContent === '') return void requestAnimationFrame(look);
    requestAnimationFrame(() => Object.assign(globalThis, { firstRowMilli: performance.now() }));
  };
  requestAnimationFrame(look);
}

/** Times between frames over two seconds of scrolling at 4,000 px a second, ascending. */
function scrollFrames(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const scroller = document.querySelector('.wf-scroller')!;
    const frames: number[] = [];
    const start = performance.now();
    await new Promise<void>((resolve) => {
      let last = start;
      const step = (now: number): void => {
        frames.push(now - last);
        last = now;
        scroller.scrollTop = ((now - start) / 1000) * 4000;
        if (now - start > 2000) resolve();
        else requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    });
    return frames.slice(1).sort((a, b) => a - b);
  });
}

/** From an action to the frame after which a condition holds. Both are scripts that may use a few names of the page's. */
async function timed(page: Page, action: string, condition: string): Promise<number> {
  return Number(
    await page.evaluate(`(async () => {
      const press = (key) => document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
      const rowCount = () => Number(document.querySelector('[role=treegrid]').getAttribute('aria-rowcount'));
      const setFind = (text) => {
        const box = document.querySelector('.tr-find');
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(box, text);
        box.dispatchEvent(new Event('input', { bubbles: true }));
      };
      const before = rowCount();
      const start = performance.now();
      ${action};
      while (!(${condition})) await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
      return performance.now() - start;
    })()`),
  );
}

function report(spanCount: number, visits: readonly Visit[]): void {
  const median = (field: keyof Visit): number =>
    visits.map((one) => one[field]).toSorted((a, b) => a - b)[Math.floor(visits.length / 2)]!;
  const whole = (field: keyof Visit): string => String(Math.round(median(field)));
  console.log(
    `${spanCount} spans: first row ${whole('openMilli')} ms; skeleton ${(median('skeletonBytes') / 1000).toFixed(0)} kB ` +
      `(${(median('skeletonBytes') / spanCount).toFixed(1)} B a span); scroll p95 ${whole('frameP95Milli')}, worst ${whole('frameMaxMilli')} ms; ` +
      `details ${whole('clickMilli')} ms; collapse all ${whole('collapseMilli')} ms; find ${whole('findMilli')} ms (120 of them debounce); ` +
      `heap ${whole('heapMegabytes')} MB; ${whole('nodes')} nodes`,
  );
}
