/** The pages that there are; each comes in a file of its own, `{name}-page.tsx`. */
export type PageName = 'home' | 'status' | 'sampling' | 'search' | 'trace' | 'services' | 'service' | 'map';

/** What an address asks for. */
export interface PageAddress {
  readonly page: PageName;
  /** what it names there: a trace's id */
  readonly detail: string;
}

/** Our own addresses and those that other tools' links carry: Jaeger, Kiali, Zipkin. */
const addresses: readonly (readonly [PageName, RegExp])[] = [
  ['home', /^\/$/],
  ['status', /^\/status\/?$/i],
  ['sampling', /^\/sampling\/?$/i],
  ['search', /^\/search\/?$/i],
  ['trace', /^\/(?:traces?|zipkin\/traces)\/([^/]+)\/?$/i],
  ['services', /^\/services\/?$/i],
  ['service', /^\/service\/(.*)$/i],
  ['service', /^\/monitor\/?$/i],
  ['map', /^\/(?:map|dependencies)\/?$/i],
];

/**
 * Reads an address. Used before the first paint too (`early.ts`), so that it imports nothing.
 *
 * @param path  without the base path and the query, beginning with a slash
 */
export function pageAddress(path: string): PageAddress | undefined {
  for (const [page, pattern] of addresses) {
    const found = pattern.exec(path);
    if (found !== null) return { page, detail: found[1] ?? '' };
  }
  return undefined;
}
