/**
 * `npm run screenshots`: writes the pictures of the README, `docs/images/{home,trace,compare}.png`, from a Spoor of its own that
 * the demo has filled.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { startSpoor } from '../test/e2e/start-spoor.ts';
import { launchChromium } from '../test/page/chromium.ts';
import { buildPage } from './build-page.ts';

const root = join(import.meta.dirname, '..');
const images = join(root, 'docs/images');

await buildPage();
const spoor = await startSpoor();
const browser = await launchChromium();
try {
  await runDemo(spoor.otlpHttp, spoor.jaeger);
  mkdirSync(images, { recursive: true });
  const page = await browser.newPage({ viewport: { width: 1600, height: 900 }, colorScheme: 'light', locale: 'en-US' });
  await page.goto(spoor.jaeger);
  await page.locator('.se-item').first().waitFor();
  await page.screenshot({ path: join(images, 'home.png') });
  await page.goto(`${spoor.jaeger}/search?service=auth-service&status=error`);
  await page.locator('.se-item').first().click();
  await page.locator('.wf-row').first().waitFor();
  await page.keyboard.press('n');
  await page.keyboard.press('Enter');
  await page.locator('.sd').waitFor();
  await page.screenshot({ path: join(images, 'trace.png') });
  const question = '{ resource.service.name = "database" } | compare({ duration > 100ms })';
  await page.goto(`${spoor.jaeger}/search?q=${encodeURIComponent(question)}`);
  await page.locator('.mt-compare tbody tr').first().waitFor();
  await page.locator('.cm-content').waitFor();
  await page.screenshot({ path: join(images, 'compare.png') });
} finally {
  await browser.close();
  await spoor.stop();
}

/** Twenty seconds of traces. */
async function runDemo(endpoint: string, page: string): Promise<void> {
  const main = join(root, 'packages/demo/src/main.ts');
  const options = ['--endpoint', endpoint, '--page', page, '--rate', '20', '--for', '20s'];
  const demo = spawn(process.execPath, ['--conditions=source', main, ...options], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(demo, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`the demo ended with ${code}`);
}
