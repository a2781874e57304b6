/**
 * Runs before the first paint and before the bundle: sets a chosen theme, so that it does not flash, and asks for what
 * the address and the reader need beside the bundle's core: texts, page, and the trace that the address names. A file of
 * its own because the policy forbids inline script.
 */
import { preferredLocale } from '../strings/preferred-locale.ts';
import { pageAddress } from './page-name.ts';

const theme = localStorage.getItem('spoor.theme');
if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme;

const base = new URL(document.baseURI).pathname;
const address = pageAddress(`/${location.pathname.slice(base.length)}`);
const locale = preferredLocale();
document.documentElement.lang = locale;
preload(locale === 'en' ? 'english' : 'traditional-chinese');
if (address !== undefined) preload(`${address.page}-page`);
if (address?.page === 'trace' && /^[0-9a-f]{32}$/.test(address.detail)) askForTrace(address.detail);

/** @param part  a source file's name without its ending; the build writes which files it is in */
function preload(part: string): void {
  const parts = JSON.parse(document.currentScript?.dataset['parts'] ?? '{}') as Record<string, readonly string[]>;
  for (const href of parts[part] ?? []) {
    document.head.append(Object.assign(document.createElement('link'), { rel: 'modulepreload', href }));
  }
}

function askForTrace(traceId: string): void {
  const url = `${base}api/spoor/trace/${traceId}/skeleton`;
  const answer = fetch(url);
  // Whoever takes it hears of a failure; until then it is nobody's.
  answer.catch(() => undefined);
  Object.assign(globalThis, { spoorEarlyAnswer: { url, answer } });
}
