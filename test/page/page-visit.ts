import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchChromium } from './chromium.ts';

/** A width and theme in which every page has to work. */
export interface Look {
  readonly theme: 'light' | 'dark';
  readonly widthPixels: 1600 | 390;
}

export const looks: readonly Look[] = [
  { theme: 'light', widthPixels: 1600 },
  { theme: 'dark', widthPixels: 1600 },
  { theme: 'light', widthPixels: 390 },
  { theme: 'dark', widthPixels: 390 },
];

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const browsers: Browser[] = [];

// Where what is started beside it fails, nobody has it to close it, and the test's process would not end.
after(async () => void (await Promise.all(browsers.map((browser) => browser.close()))));

/** A Chromium for the tests of one file, closed after them at the latest. */
export async function openBrowser(): Promise<Browser> {
  const browser = await launchChromium();
  browsers.push(browser);
  return browser;
}

/** A browser tab that remembers every complaint of the console. */
export class PageVisit {
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #complaints: string[] = [];

  private constructor(page: Page, context: BrowserContext) {
    this.page = page;
    this.#context = context;
    page.on('console', (message) => {
      // A 400 or 404 that the page handles is logged by the browser all the same.
      if (message.type() === 'error' && !/status of 40[04]/.test(message.text())) this.#complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.#complaints.push(String(error)));
  }

  static async open(browser: Browser, url: string, look: Look = looks[0], locale = 'en-US'): Promise<PageVisit> {
    const context = await browser.newContext({
      colorScheme: look.theme,
      viewport: { width: look.widthPixels, height: look.widthPixels === 390 ? 844 : 900 },
      locale,
      // For axe, which is put into the page from outside.
      bypassCSP: true,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    const visit = new PageVisit(page, context);
    await page.goto(url);
    return visit;
  }

  /** No complaint so far, nothing serious for axe, and no scrolling sideways. */
  async assertSound(what: string): Promise<void> {
    await this.page.evaluate(axeSource);
    const violations = await this.page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: AxeViolation[] }> } };
      return (await axe.run()).violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(
          ({ id, nodes }) =>
            `${id}: ${nodes
              .slice(0, 3)
              .map(({ html }) => html.slice(0, 200))
              .join(' ')}`,
        );
    });
    assert.deepEqual(violations, [], `${what}: axe`);
    assert.deepEqual(this.#complaints, [], `${what}: console`);
    const sideways = await this.page.evaluate('document.documentElement.scrollWidth - innerWidth');
    assert.ok(Number(sideways) <= 0, `${what}: scrolls sideways by ${String(sideways)} px`);
  }

  async close(): Promise<void> {
    // What the page asks again and again may be on its way.
    await this.page.unrouteAll({ behavior: 'ignoreErrors' });
    await this.#context.close();
  }
}

/**
 * Reads until it is what is expected: a page is drawn some time after the key, and again when an answer comes.
 *
 * @throws {assert.AssertionError} after half a minute, of what was read last
 */
export async function settlesAt<T>(read: () => Promise<T>, expected: T): Promise<void> {
  for (let turn = 0; turn < 600; turn++) {
    if (isDeepStrictEqual(await read(), expected)) return;
    await sleep(50);
  }
  assert.deepEqual(await read(), expected);
}

interface AxeViolation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}
