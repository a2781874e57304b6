import { serviceName, ValueType } from '@spoor/model';
import type { AttributeColumn, ColumnSource } from '@spoor/store';
import type { BlockScan } from './block-scan.ts';
import { CodedTexts } from './coded-texts.ts';
import { type QuerySources, sourcesInRange } from './query-sources.ts';
import type { RootThroughput, TimeRange } from './trace-store.ts';
import { TurnTaker } from './turn-taker.ts';
import { forEachBlock } from './used-rows.ts';
import { orderOfTexts } from './value.ts';

/**
 * Root spans in the range, summed by service and span name. A root is a span without a parent id, whatever protocol it
 * came by; services without a name take no part. No trace has to be put together for it: each source is read for itself.
 */
export async function rootThroughput(
  qs: QuerySources,
  range: TimeRange,
  signal?: AbortSignal,
): Promise<readonly RootThroughput[]> {
  const turns = new TurnTaker(signal);
  const sums = new Map<string, Sum>();
  for (const source of sourcesInRange(qs, range)) await addSource(source, range, turns, sums);
  return [...sums.values()].sort((a, b) => orderOfTexts(a.service, b.service) || orderOfTexts(a.name, b.name));
}

interface Sum {
  readonly service: string;
  readonly name: string;
  spanCount: number;
  knownCount: number;
  unknownSpanCount: number;
}

/** What is known of how a root was sampled. */
const Evidence = Object.freeze({ none: 0, probability: 1, lowerBound: 2 });

async function addSource(
  source: ColumnSource,
  range: TimeRange,
  turns: TurnTaker,
  sums: Map<string, Sum>,
): Promise<void> {
  const services = (await source.resources()).map(serviceName);
  const samplerColumns = source.attributeColumns('span').filter(isSamplerType);
  const names = new CodedTexts(source, await source.dictionary('name'));
  const states = new CodedTexts(source, await source.dictionary('traceState'));
  await forEachBlock(source, range, turns, async (scan, rows) => {
    const parentHigh = await scan.words('parentSpanIdHigh');
    const parentLow = await scan.words('parentSpanIdLow');
    const resource = await scan.words('resource');
    const roots: number[] = [];
    for (let i = 0; i < rows.length; i++) {
      if (rows[i] === 1 && parentHigh[i] === 0 && parentLow[i] === 0 && services[resource[i]] !== '') roots.push(i);
    }
    if (roots.length === 0) return;
    const name = await scan.words('name');
    const traceState = await scan.words('traceState');
    const adjustedCount = await scan.numbers('adjustedCount');
    await names.fetch(roots.map((row) => name[row]));
    await states.fetch(roots.map((row) => traceState[row]));
    const evidence = await samplerEvidence(source, scan, samplerColumns);
    for (const row of roots) {
      const sum = sumOf(sums, services[resource[row]], names.of(name[row]));
      if (evidence[row] === Evidence.lowerBound) continue;
      sum.spanCount++;
      const count = adjustedCount[row];
      const isKnown = evidence[row] === Evidence.probability || count !== 1 || hasThreshold(states.of(traceState[row]));
      if (isKnown) sum.knownCount += count;
      else sum.unknownSpanCount++;
    }
  });
}

function sumOf(sums: Map<string, Sum>, service: string, name: string): Sum {
  const key = `${service.length} ${service}${name}`;
  let sum = sums.get(key);
  if (sum === undefined) sums.set(key, (sum = { service, name, spanCount: 0, knownCount: 0, unknownSpanCount: 0 }));
  return sum;
}

/** `ot=th:0` says that everything was sampled, which is not the same as saying nothing. */
function hasThreshold(traceState: string): boolean {
  return /(?:^|,)\s*ot=(?:[^,]*;)?th:0{1,14}(?=;|,|\s|$)/.test(traceState);
}

function isSamplerType({ key, type, valueCount }: AttributeColumn): boolean {
  return key === 'sampler.type' && type === ValueType.string && valueCount > 0;
}

/** One {@link Evidence} a row, from `sampler.type` as Jaeger's clients write it on roots. */
async function samplerEvidence(
  source: ColumnSource,
  scan: BlockScan,
  columns: readonly AttributeColumn[],
): Promise<Uint8Array> {
  const evidence = new Uint8Array(scan.rowCount);
  for (const column of columns) {
    const { rows, codes } = await scan.attribute(column);
    if (codes === undefined || rows.length === 0) continue;
    const types = new CodedTexts(source, await source.dictionary(column));
    await types.fetch(codes);
    for (let i = 0; i < rows.length; i++) {
      const type = types.of(codes[i]);
      if (type === 'probabilistic' || type === 'const') evidence[rows[i]] = Evidence.probability;
      else if (type === 'lowerbound') evidence[rows[i]] = Evidence.lowerBound;
    }
  }
  return evidence;
}
