/** One edge of `api/dependencies`, Jaeger's answer with what we add. */
export interface Edge {
  readonly parent: string;
  readonly child: string;
  readonly callCount: number;
  readonly errorCount?: number;
  readonly meanLatencyMs?: number;
}

/** The part of the graph that is drawn. */
export interface ServiceGraph {
  readonly services: readonly string[];
  readonly edges: readonly Edge[];
  /** around which it is, when not everything is shown */
  readonly focus: string | undefined;
  readonly hops: number;
  /** services within the hops that found no place */
  readonly leftOutCount: number;
}

/** More than these take dagre over half a second and nobody can read. */
const servicesShownMax = 80;

/** Everything, when it is small and nothing else is asked for; else what is around `focus`, or around the busiest service. */
export function shownGraph(
  edges: readonly Edge[],
  focus: string | undefined,
  hops: number | undefined,
  alone: readonly string[] = [],
): ServiceGraph {
  const neighbours = neighboursOf(edges);
  const services = [...new Set([...neighbours.keys(), ...alone])].sort();
  const isKnown = focus !== undefined && services.includes(focus);
  if (!isKnown && services.length <= servicesShownMax) {
    return { services, edges, focus: undefined, hops: hops ?? 2, leftOutCount: 0 };
  }
  const centre = isKnown ? focus : busiest(neighbours);
  const reach = hops ?? (services.length > servicesShownMax ? 1 : 2);
  const near = within(neighbours, centre, reach);
  const shown = new Set(near.slice(0, servicesShownMax));
  return {
    services: [...shown].sort(),
    edges: edges.filter(({ parent, child }) => shown.has(parent) && shown.has(child)),
    focus: centre,
    hops: reach,
    leftOutCount: near.length - shown.size,
  };
}

/** Calls between each service and its neighbours, in both directions. */
function neighboursOf(edges: readonly Edge[]): Map<string, Map<string, number>> {
  const neighbours = new Map<string, Map<string, number>>();
  const add = (from: string, to: string, calls: number): void => {
    const of = neighbours.get(from) ?? new Map<string, number>();
    of.set(to, (of.get(to) ?? 0) + calls);
    neighbours.set(from, of);
  };
  for (const { parent, child, callCount } of edges) {
    add(parent, child, callCount);
    add(child, parent, callCount);
  }
  return neighbours;
}

function busiest(neighbours: ReadonlyMap<string, ReadonlyMap<string, number>>): string {
  let [best, most] = ['', -1];
  for (const [name, of] of neighbours) {
    const calls = [...of.values()].reduce((sum, count) => sum + count, 0);
    if (calls > most) [best, most] = [name, calls];
  }
  return best;
}

/** Nearest first, and of the equally near those with more calls first: what is cut off is what matters least. */
function within(
  neighbours: ReadonlyMap<string, ReadonlyMap<string, number>>,
  focus: string,
  hops: number,
): readonly string[] {
  const found = new Set([focus]);
  let ring: readonly string[] = [focus];
  for (let hop = 0; hop < hops; hop++) {
    const calls = new Map<string, number>();
    for (const name of ring) {
      for (const [other, count] of neighbours.get(name) ?? []) {
        if (!found.has(other)) calls.set(other, (calls.get(other) ?? 0) + count);
      }
    }
    ring = [...calls].sort((a, b) => b[1] - a[1]).map(([name]) => name);
    for (const name of ring) found.add(name);
  }
  return [...found];
}
