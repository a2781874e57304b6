import { useCallback, useRef } from 'react';
import { useLocation, useSearch } from 'wouter';

/** Parameters to set; `undefined` takes one away. */
export type UrlChange = Readonly<Record<string, string | undefined>>;

/**
 * The query part of the address as the page's state. Changes made in one turn add up; `replace` (the default) leaves no
 * step to go back to.
 */
export function useUrlState(): [
  URLSearchParams,
  (change: UrlChange, options?: { readonly replace?: boolean }) => void,
] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const latest = useRef({ search, path });
  latest.current = { search, path };
  const change = useCallback(
    (changes: UrlChange, options: { readonly replace?: boolean } = {}) => {
      const parameters = new URLSearchParams(latest.current.search);
      for (const [name, value] of Object.entries(changes)) {
        if (value === undefined || value === '') parameters.delete(name);
        else parameters.set(name, value);
      }
      const next = parameters.toString();
      if (next === latest.current.search) return;
      latest.current = { ...latest.current, search: next };
      navigate(next === '' ? latest.current.path : `${latest.current.path}?${next}`, {
        replace: options.replace ?? true,
      });
    },
    [navigate],
  );
  return [new URLSearchParams(search), change];
}
