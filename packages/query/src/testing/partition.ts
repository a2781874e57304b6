import { type Span, type TraceId, pushSpans } from '@spoor/model';
import { allocateHeadBuffers, type ColumnSource, Head, headCapacity, TableSource } from '@spoor/store';
import type { QuerySources } from '../query-sources.ts';
import { SourceMemo } from '../source-memo.ts';
import { RecodedSource } from './recoded-source.ts';
import type { SegmentFolder } from './segment-folder.ts';
import type { SeededRandom } from './seeded-random.ts';

/** The spans in a head, as they arrived: an unordered source. */
export function headSource(id: string, spans: readonly Span[]): ColumnSource {
  const { table, buffers } = headOf(spans);
  return new TableSource({ id, table, index: buffers });
}

export function headOf(spans: readonly Span[]): Head {
  const head = new Head(allocateHeadBuffers(headCapacity(Math.max(1024, 4 * spans.length)), 1));
  pushSpans(head, spans);
  return head;
}

/** Spreads spans over sources, some in canonical order, some like segments (some segments, when there is a folder for them): traces as wholes, or every span by itself. */
export async function randomSources(
  random: SeededRandom,
  spans: readonly Span[],
  segments?: SegmentFolder,
): Promise<QuerySources> {
  const parts: Span[][] = Array.from({ length: 1 + random.below(4) }, () => []);
  const splitChance = random.pick([0, 0.3, 1]);
  const homes = new Map<TraceId, number>();
  for (const span of spans) {
    if (!homes.has(span.traceId)) homes.set(span.traceId, random.below(parts.length));
    const home = random.chance(splitChance) ? random.below(parts.length) : homes.get(span.traceId)!;
    parts[home].push(span);
  }
  const sources: ColumnSource[] = [];
  for (const [i, part] of parts.entries()) {
    if (segments !== undefined && part.length > 0 && random.chance(0.7)) {
      sources.push(await segments.write(headOf(part)));
      continue;
    }
    const head = headSource(`part ${i}`, part);
    const source = random.chance(0.5) ? await head.ordered() : head;
    sources.push(random.chance(0.5) ? new RecodedSource(source, 2 ** random.below(5)) : source);
  }
  return sourcesOf(sources, parts);
}

export function sourcesOf(sources: readonly ColumnSource[], parts: readonly (readonly Span[])[]): QuerySources {
  const seenIn = new Map<TraceId, Set<number>>();
  for (const [i, part] of parts.entries()) {
    for (const { traceId } of part) {
      const seen = seenIn.get(traceId);
      if (seen === undefined) seenIn.set(traceId, new Set([i]));
      else seen.add(i);
    }
  }
  const split = new Set([...seenIn].filter(([, seen]) => seen.size > 1).map(([id]) => id));
  return { sources, splitTraces: async () => split, memo: new SourceMemo() };
}
