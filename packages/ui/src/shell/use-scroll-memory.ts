import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import { useLocation, useSearch } from 'wouter';

/** Pixels, by the name that an entry of the history carries. */
const positions = new Map<string, number>();

/**
 * What scrolls is not the document, so that nobody but this keeps its place: another page begins at its top, going back
 * ends where it was left.
 */
export function useScrollMemory(scroller: RefObject<HTMLElement | null>): void {
  const [path] = useLocation();
  const search = useSearch();
  const shown = useRef({ path, entry: '' });
  useEffect(() => {
    const element = scroller.current!;
    const onScroll = (): void => void positions.set(shown.current.entry, element.scrollTop);
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => element.removeEventListener('scroll', onScroll);
  }, [scroller]);
  useLayoutEffect(() => {
    const element = scroller.current!;
    const state = history.state as { readonly entry?: string } | null;
    const isNew = state?.entry === undefined;
    const entry = state?.entry ?? `${performance.timeOrigin} ${positions.size}`;
    if (isNew) history.replaceState({ ...state, entry }, '');
    if (!isNew) element.scrollTop = positions.get(entry) ?? 0;
    else if (path !== shown.current.path) element.scrollTop = 0;
    positions.set(entry, element.scrollTop);
    shown.current = { path, entry };
  }, [scroller, path, search]);
}
