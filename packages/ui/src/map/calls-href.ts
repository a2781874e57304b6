import type { Edge } from './service-graph.ts';

/** Traces in which a span of one service is the parent of a span of the other. */
export function callsHref({ parent, child }: Pick<Edge, 'parent' | 'child'>): string {
  const of = (service: string): string => `{ resource.service.name = ${JSON.stringify(service)} }`;
  return `/search?q=${encodeURIComponent(`${of(parent)} > ${of(child)}`)}`;
}
