import { limits, serviceName } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import { type QuerySources, sourcesInRange, startsInside } from './query-sources.ts';
import type { SourceMemo } from './source-memo.ts';
import type { Operation, OperationsRequest } from './trace-store.ts';
import { TurnTaker } from './turn-taker.ts';
import { forEachBlock } from './used-rows.ts';
import { orderOfTexts } from './value.ts';
import { WordTupleSet } from './word-tuple-set.ts';

/** Distinct (service, span name, kind) of the spans in the range, sorted by name, then kind, then service. */
export async function listOperations(
  qs: QuerySources,
  request: OperationsRequest,
  signal?: AbortSignal,
): Promise<readonly Operation[]> {
  const turns = new TurnTaker(signal);
  const operations = new Map<string, Operation>();
  for (const source of sourcesInRange(qs, request)) {
    for (const operation of await operationsIn(source, request, turns, qs.memo)) {
      operations.set(`${operation.kind} ${operation.service.length} ${operation.service}${operation.name}`, operation);
    }
  }
  return [...operations.values()].sort(compareOperations).slice(0, limits.namesMax);
}

function compareOperations(a: Operation, b: Operation): number {
  return orderOfTexts(a.name, b.name) || a.kind - b.kind || orderOfTexts(a.service, b.service);
}

/** Those of a source that lies in the range are listed once, for all services and kinds. */
async function operationsIn(
  source: ColumnSource,
  request: OperationsRequest,
  turns: TurnTaker,
  memo: SourceMemo | undefined,
): Promise<readonly Operation[]> {
  if (memo === undefined || !startsInside(source, request)) return findOperations(source, request, turns);
  const everything = await memo.of(
    source,
    'operations',
    () => findOperations(source, {}, turns),
    ({ length }) => length <= OPERATIONS_KEPT_MAX,
  );
  return everything.filter(
    ({ service, kind }) =>
      (request.service === undefined || service === request.service) &&
      (request.kind === undefined || kind === request.kind),
  );
}

/** Of one source: span names that are made up anew for each span are not worth remembering. */
const OPERATIONS_KEPT_MAX = 16 * 1024;

async function findOperations(
  source: ColumnSource,
  request: OperationsRequest,
  turns: TurnTaker,
): Promise<readonly Operation[]> {
  const services = (await source.resources()).map(serviceName);
  const numbers = new Map<string, number>();
  const serviceNumber = Int32Array.from(services, (service) => {
    if (request.service !== undefined && service !== request.service) return -1;
    return numbers.get(service) ?? (numbers.set(service, numbers.size), numbers.size - 1);
  });
  if (numbers.size === 0) return [];
  const tuples = new WordTupleSet();
  await forEachBlock(source, request, turns, async (scan, rows) => {
    const resource = await scan.words('resource');
    const name = await scan.words('name');
    const kind = await scan.words('kind');
    for (let i = 0; i < rows.length; i++) {
      const service = serviceNumber[resource[i]];
      if (rows[i] === 0 || service < 0 || (request.kind !== undefined && kind[i] !== request.kind)) continue;
      tuples.add(service, name[i], kind[i]);
    }
  });
  return decode(source, tuples, [...numbers.keys()]);
}

async function decode(
  source: ColumnSource,
  tuples: WordTupleSet,
  services: readonly string[],
): Promise<readonly Operation[]> {
  const entries = Array.from({ length: tuples.size }, (_, i) => tuples.get(i));
  const dictionary = await source.dictionary('name');
  const codes = Uint32Array.from(entries, ([, code]) => (dictionary === undefined ? code : dictionary[code]));
  const names = await source.strings(codes);
  return entries.map(([service, , kind], i) => ({ service: services[service], name: names[i], kind }));
}
