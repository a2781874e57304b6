import { setTimeout as sleep } from 'node:timers/promises';
import type { QuerySources } from '../query-sources.ts';
import { headSource, sourcesOf } from './partition.ts';
import { plainSpan } from './plain-span.ts';

/** Traces 1, 2, 3, the last one the newest, each in a source of its own, whose blocks take their time. */
export function slowSources(milli: number): QuerySources {
  const parts = [1, 2, 3].map((trace) => [
    plainSpan({ trace, id: 1, kind: 2, start: 1000 * trace }),
    plainSpan({ trace, id: 2, parent: 1, kind: 3, start: 1000 * trace + 1 }),
  ]);
  const sources = parts.map((part, i) => headSource(`part ${i}`, part));
  for (const source of sources) {
    const slow = (of: typeof source): typeof source => {
      const block = of.block.bind(of);
      of.block = async (index, need, signal) => {
        await sleep(milli);
        return block(index, need, signal);
      };
      return of;
    };
    const ordered = source.ordered.bind(source);
    source.ordered = async () => slow(await ordered());
    slow(source);
  }
  return sourcesOf(sources, parts);
}
