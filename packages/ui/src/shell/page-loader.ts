import { type ComponentType, useEffect, useState } from 'react';
import type { PageName } from './page-name.ts';

/** What stands in the frame; the detail is that of its address. */
type PageComponent = ComponentType<{ readonly detail: string }>;

const loaders: Readonly<Record<PageName, () => Promise<PageComponent>>> = {
  home: () => import('../home/home-page.tsx').then((file) => file.HomePage),
  status: () => import('../home/status-page.tsx').then((file) => file.StatusPage),
  sampling: () => import('../sampling/sampling-page.tsx').then((file) => file.SamplingPage),
  search: () => import('../search/search-page.tsx').then((file) => file.SearchPage),
  trace: () => import('../trace/trace-page.tsx').then((file) => file.TracePage),
  services: () => import('../home/services-page.tsx').then((file) => file.ServicesPage),
  service: () => import('../services/service-page.tsx').then((file) => file.ServicePage),
  map: () => import('../map/map-page.tsx').then((file) => file.MapPage),
};
const loaded = new Map<PageName, PageComponent>();

/** @throws when the network is gone, or the server has another version of the page by now */
export async function loadPage(name: PageName): Promise<void> {
  loaded.set(name, await loaders[name]());
}

/** Fetches the other pages while the browser has nothing else to do, so that going to them shows them at once. */
export function loadPagesWhenIdle(): void {
  const load = (): void => {
    for (const name of Object.keys(loaders) as PageName[]) {
      // It is asked for again when it is opened.
      loadPage(name).catch(() => undefined);
    }
  };
  // Safari has none.
  if (typeof requestIdleCallback === 'function') requestIdleCallback(load);
  else setTimeout(load, 1000);
}

/**
 * A page, fetched when it is not there yet: `undefined` until then, `'failed'` when it cannot be had. Not React's `lazy`,
 * which holds a fallback for 300 ms.
 */
export function usePage(name: PageName | undefined): PageComponent | 'failed' | undefined {
  const [failed, setFailed] = useState<PageName>();
  const [, setLoaded] = useState<PageName>();
  const page = name === undefined ? undefined : loaded.get(name);
  const isMissing = page === undefined;
  useEffect(() => {
    if (name === undefined || !isMissing) return;
    loadPage(name).then(
      () => setLoaded(name),
      () => setFailed(name),
    );
  }, [name, isMissing]);
  return page ?? (failed !== undefined && failed === name ? 'failed' : undefined);
}
