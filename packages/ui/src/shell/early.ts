/**
 * Runs before the first paint and before the bundle: sets a chosen theme, so that it does not flash, and asks for the
 * trace that the address names, so that the answer is on its way while the bundle loads. A file of its own because the
 * policy forbids inline script.
 */
const theme = localStorage.getItem('spoor.theme');
if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme;

const base = new URL(document.baseURI).pathname;
const traceId = location.pathname.startsWith(`${base}trace/`)
  ? /^[0-9a-f]{32}$/.exec(location.pathname.slice(base.length + 6))?.[0]
  : undefined;
if (traceId !== undefined) {
  const url = `${base}api/spoor/trace/${traceId}/skeleton`;
  const answer = fetch(url);
  // Whoever takes it hears of a failure; until then it is nobody's.
  answer.catch(() => undefined);
  Object.assign(globalThis, { spoorEarlyAnswer: { url, answer } });
}
