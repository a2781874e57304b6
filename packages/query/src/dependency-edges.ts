import { serviceName, StatusCode } from '@spoor/model';
import { type ColumnSource, NO_ROW } from '@spoor/store';
import type { BlockScan } from './block-scan.ts';
import { type QuerySources, startsInside } from './query-sources.ts';
import { forEachTraceSource } from './gathered-traces.ts';
import { SharedCalls } from './shared-calls.ts';
import { columnOfRows } from './source-rows.ts';
import type { DependencyEdge, TimeRange } from './trace-store.ts';
import { TurnTaker } from './turn-taker.ts';
import { forEachBlock } from './used-rows.ts';
import { orderOfTexts } from './value.ts';

/**
 * Calls between services: every span in the range whose parent span is of another service, and every server span that
 * shares its id with a client span of another service (see {@link SharedCalls}). Counts are sums of the called spans'
 * adjusted counts. Traces with parts in several sources are brought together first, so that
 * a parent is found wherever it lies and no call counts twice. Services without a name take no part.
 */
export async function dependencyEdges(
  qs: QuerySources,
  range: TimeRange,
  signal?: AbortSignal,
): Promise<readonly DependencyEdge[]> {
  const turns = new TurnTaker(signal);
  const edges = new EdgeSums();
  await forEachTraceSource(qs, range, turns, async (source, leftOut) => {
    if (qs.memo === undefined || leftOut !== undefined || !startsInside(source, range)) {
      await addEdges(source, range, turns, edges, leftOut);
      return;
    }
    const ofSource = await qs.memo.of(source, 'edges', async () => {
      const sums = new EdgeSums();
      await addEdges(source, range, turns, sums);
      return sums;
    });
    edges.addAll(ofSource);
  });
  return edges.sorted();
}

interface EdgeSum {
  callCount: number;
  errorCount: number;
  durationNano: number;
}

class EdgeSums {
  readonly #children = new Map<string, Map<string, EdgeSum>>();

  of(parent: string, child: string): EdgeSum {
    let children = this.#children.get(parent);
    if (children === undefined) this.#children.set(parent, (children = new Map()));
    let edge = children.get(child);
    if (edge === undefined) children.set(child, (edge = { callCount: 0, errorCount: 0, durationNano: 0 }));
    return edge;
  }

  addAll(other: EdgeSums): void {
    for (const [parent, children] of other.#children) {
      for (const [child, { callCount, errorCount, durationNano }] of children) {
        const edge = this.of(parent, child);
        edge.callCount += callCount;
        edge.errorCount += errorCount;
        edge.durationNano += durationNano;
      }
    }
  }

  sorted(): readonly DependencyEdge[] {
    const edges: DependencyEdge[] = [];
    for (const [parent, children] of this.#children) {
      for (const [child, { callCount, errorCount, durationNano }] of children) {
        edges.push({
          parent,
          child,
          callCount,
          errorCount,
          meanDurationNano: callCount > 0 ? durationNano / callCount : 0,
        });
      }
    }
    return edges.sort((a, b) => orderOfTexts(a.parent, b.parent) || orderOfTexts(a.child, b.child));
  }
}

/** Number of each resource row's service name; 0 when it has none. */
interface ServiceNumbers {
  readonly names: readonly string[];
  readonly ofResource: Uint32Array;
}

async function serviceNumbers(source: ColumnSource): Promise<ServiceNumbers> {
  const numbers = new Map([['', 0]]);
  const ofResource = Uint32Array.from(await source.resources(), (resource) => {
    const name = serviceName(resource);
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, numbers.size);
    return numbers.size - 1;
  });
  return { names: [...numbers.keys()], ofResource };
}

async function addEdges(
  source: ColumnSource,
  range: TimeRange,
  turns: TurnTaker,
  edges: EdgeSums,
  leftOut?: Uint8Array,
): Promise<void> {
  const services = await serviceNumbers(source);
  // A parent may lie in an earlier block: the service of every row, whether in range or not.
  const serviceOf = await columnOfRows(source, 'resource', turns);
  for (let i = 0; i < serviceOf.length; i++) serviceOf[i] = services.ofResource[serviceOf[i]];
  const shared = new SharedCalls();
  const addShared = async (isEnd: boolean): Promise<void> => {
    for (const { scan, row, callerRow } of await shared.take(isEnd)) {
      const from = serviceOf[callerRow];
      const to = serviceOf[scan.firstRow + row];
      const isLeftOut = leftOut?.[(await scan.words('traceRow'))[row]] === 1;
      if (from !== to && from !== 0 && to !== 0 && !isLeftOut) {
        await addCalls(scan, [row, from, to], services.names, edges);
      }
    }
  };
  await forEachBlock(source, range, turns, async (scan, rows) => {
    const parentRow = await scan.words('parentRow');
    const traceRow = await scan.words('traceRow');
    const calls: number[] = [];
    for (let i = 0; i < rows.length; i++) {
      const parent = parentRow[i] >>> 0;
      if (rows[i] === 0 || parent === NO_ROW || leftOut?.[traceRow[i]] === 1) continue;
      const from = serviceOf[parent];
      const to = serviceOf[scan.firstRow + i];
      if (from !== to && from !== 0 && to !== 0) calls.push(i, from, to);
    }
    if (calls.length > 0) await addCalls(scan, calls, services.names, edges);
    shared.add(scan, rows, parentRow, traceRow);
    await addShared(false);
  });
  await addShared(true);
}

/** @param calls  triples: row in the block, number of the calling service, of the called one */
async function addCalls(
  scan: BlockScan,
  calls: readonly number[],
  names: readonly string[],
  edges: EdgeSums,
): Promise<void> {
  const statusCode = await scan.words('statusCode');
  const durationNano = await scan.numbers('durationNano');
  const adjustedCount = await scan.numbers('adjustedCount');
  for (let c = 0; c < calls.length; c += 3) {
    const row = calls[c];
    const edge = edges.of(names[calls[c + 1]], names[calls[c + 2]]);
    const count = adjustedCount[row];
    edge.callCount += count;
    if (statusCode[row] === StatusCode.error) edge.errorCount += count;
    edge.durationNano += count * durationNano[row];
  }
}
