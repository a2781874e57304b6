import { useSyncExternalStore } from 'react';

const query = matchMedia('(max-width: 720px)');

/** Whether the layout for telephones is in use; the same width as in the style sheets. */
export function useIsNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => query.matches);
}

function subscribe(onChange: () => void): () => void {
  query.addEventListener('change', onChange);
  return () => query.removeEventListener('change', onChange);
}
