import { limits, parseTraceId, type TraceId } from '@spoor/model';
import type { TraceStore } from '@spoor/query';
import { allOf, compare, constant, intrinsic, searchFor, type FieldExpression } from '@spoor/traceql';
import { traceByIdJson, traceByIdProtobuf } from '@spoor/wire';
import { parseGoInteger } from '../jaeger/go-number.ts';
import { contentTypeOf, plainText, type TempoAnswer, type TempoAsk } from './tempo-ask.ts';
import { countParameter, invalid } from './tempo-parameter.ts';
import { parseTempoQuery } from './tempo-query.ts';

/** `GET /api/traces/{id}`: the trace alone; without it 404 and nothing more. */
export async function findTrace(traces: TraceStore, ask: TempoAsk, idText: string): Promise<TempoAnswer> {
  const id = readAsk(ask, idText);
  const format = { name: 'tempo-trace', options: { form: ask.wantsProtobuf ? 'protobuf' : 'batches' } };
  const answer = id && (await traces.traces(ask.tenant, { ids: [id], format }, ask.signal));
  if (answer === undefined || answer.found === 0) return { status: 404, contentType: plainText, body: '' };
  return { contentType: contentTypeOf(ask), body: answer.body };
}

/** `GET /api/v2/traces/{id}`: the trace and what is to say of it, of which a filter may leave a part; always 200. */
export async function findTraceV2(traces: TraceStore, ask: TempoAsk, idText: string): Promise<TempoAnswer> {
  const id = readAsk(ask, idText);
  const form = ask.wantsProtobuf ? 'protobuf' : 'resourceSpans';
  const filter = readFilter(ask.parameters);
  const options = { form, ...(filter && id && (await filterOptions(traces, ask, id, filter))) };
  const answer =
    id && (await traces.traces(ask.tenant, { ids: [id], format: { name: 'tempo-trace', options } }, ask.signal));
  const isFound = answer !== undefined && answer.found > 0;
  const remarks = isFound ? [...(filter ? [filtered] : []), ...answer.warnings] : [];
  const write = ask.wantsProtobuf ? traceByIdProtobuf : traceByIdJson;
  const body = write(isFound ? answer.body : undefined, { partial: remarks.join('; ') });
  return { contentType: contentTypeOf(ask), body };
}

const filtered = 'Trace filtered, only a subset of its spans is returned';

/** @returns `undefined` for the id of no trace, which is all zeros @throws {QueryError} in Tempo's words */
export function readTempoTraceId(text: string): TraceId | undefined {
  const at = text.search(/[^0-9a-fA-F]/);
  if (at >= 0) {
    const letter = String.fromCodePoint(text.codePointAt(at)!);
    throw invalid(`trace IDs can only contain hex characters: invalid character '${letter}' at position ${at + 1}`);
  }
  if (text.length > 32) throw invalid("trace IDs can't be larger than 128 bits");
  return parseTraceId(text);
}

/** Times and the mode are read for their errors only: a trace is found wherever it lies. */
function readAsk({ parameters }: TempoAsk, idText: string): TraceId | undefined {
  const id = readTempoTraceId(decoded(idText));
  const mode = parameters.get('mode');
  if (mode && !['all', 'ingesters', 'blocks', 'external'].includes(mode)) {
    throw invalid(`invalid value for mode ${JSON.stringify(mode)}`);
  }
  const start = countParameter(parameters, 'start') ?? 0;
  const end = countParameter(parameters, 'end') ?? 0;
  if (end !== 0 && start >= end) {
    throw invalid(`http parameter start must be before end. received start=${start} end=${end}`);
  }
  return id;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Which spans are kept, and which of their relatives. */
interface SpanFilter {
  readonly condition: FieldExpression | undefined;
  readonly keepHierarchy: boolean;
  /** levels below a match; −1 is all */
  readonly matchDepth: number;
  /** levels above it */
  readonly ancestorDepth: number;
}

function readFilter(parameters: URLSearchParams): SpanFilter | undefined {
  const text = parameters.get('q');
  if (!text) return undefined;
  const query = parseTempoQuery(text);
  const [only, ...others] = query.kind === 'search' ? query.pipeline : [];
  if (only?.kind !== 'filter' || others.length > 0) {
    throw invalid('invalid q: must be a single spanset filter, such as { status = error }');
  }
  return {
    condition: only.condition,
    keepHierarchy: parameters.get('keep_hierarchy') === 'true',
    matchDepth: depth(parameters, 'match_depth', 0),
    ancestorDepth: depth(parameters, 'ancestor_depth', -1),
  };
}

function depth(parameters: URLSearchParams, name: string, otherwise: number): number {
  const text = parameters.get(name);
  if (!text) return otherwise;
  const value = Number(parseGoInteger(text, 'Atoi'));
  if (value < -1) throw invalid(`invalid ${name}: must be -1 or more`);
  return value;
}

/** The engine says which spans match; the renderer, which has the trace whole, who their relatives are. */
async function filterOptions(
  traces: TraceStore,
  { tenant, signal }: TempoAsk,
  id: TraceId,
  { condition, ...relatives }: SpanFilter,
): Promise<Readonly<Record<string, string | number | boolean>>> {
  const ofTrace = compare(intrinsic('trace:id'), '=', constant({ type: 'string', value: id }));
  const query = searchFor(allOf(condition === undefined ? [ofTrace] : [ofTrace, condition]));
  const request = { query, range: {}, limit: 1, order: 'newest', spansPerSetMax: limits.spansPerTraceMax } as const;
  const { traces: found } = await traces.search(tenant, request, signal);
  const ids = found.flatMap(({ spanSets = [] }) => spanSets.flatMap(({ spans }) => spans.map(({ spanId }) => spanId)));
  return { matched: ids.join(','), ...relatives };
}
