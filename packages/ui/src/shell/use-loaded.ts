import { useEffect, useState } from 'react';

/**
 * A part of the page that comes in a file of its own, once it is wanted; `undefined` until it is there. Not React's
 * `lazy`: that holds a fallback for 300 ms, and here what stands in place of the part goes on working.
 *
 * @param load  an `import()`, the same function every time
 */
export function useLoaded<T extends object>(load: () => Promise<T>, isWanted: boolean): T | undefined {
  const [part, setPart] = useState<T>();
  useEffect(() => {
    if (!isWanted || part !== undefined) return;
    let isGone = false;
    load().then(
      (loaded) => !isGone && setPart(loaded),
      // The network is gone; the next time it is wanted it is asked for again.
      () => undefined,
    );
    return () => {
      isGone = true;
    };
  }, [load, isWanted, part]);
  return part;
}
