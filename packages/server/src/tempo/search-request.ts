import type { TempoSearchRequest } from '@spoor/wire';
import { parseLogfmt } from './logfmt.ts';
import type { TempoSearch } from './search-answer.ts';
import { countParameter, invalid, parseTempoDuration } from './tempo-parameter.ts';

/** What is not a tag when parameters are taken for tags. `order` and `cursor` are ours. */
const parameterNames = ['limit', 'minDuration', 'maxDuration', 'spss', 'order', 'cursor'];

/**
 * Reads the parameters of `GET /api/search`.
 *
 * @throws {QueryError} `QUERY_INVALID` in Tempo's words
 */
export function readSearchParameters(parameters: URLSearchParams): TempoSearch {
  const limit = countOf(parameters, 'limit');
  if (limit === 0) throw invalid('invalid limit: must be a positive number');
  const minDurationNano = duration(parameters, 'minDuration');
  const maxDurationNano = duration(parameters, 'maxDuration');
  if (minDurationNano !== undefined && maxDurationNano !== undefined && maxDurationNano <= minDurationNano) {
    throw invalid('invalid maxDuration: must be greater than minDuration');
  }
  return {
    query: parameters.get('q') ?? '',
    tags: tagsOf(parameters),
    minDurationNano,
    maxDurationNano,
    limit: limit ?? 0,
    spansPerSet: countOf(parameters, 'spss') ?? 0,
    start: countParameter(parameters, 'start') ?? 0,
    end: countParameter(parameters, 'end') ?? 0,
    order: orderOf(parameters),
    cursor: parameters.get('cursor') || undefined,
  };
}

/** The same of a gRPC request. */
export function searchOfMessage(message: TempoSearchRequest): TempoSearch {
  const { MinDurationMs: min, MaxDurationMs: max } = message;
  return {
    query: message.Query,
    tags: new Map(Object.entries(message.Tags)),
    minDurationNano: min === 0 ? undefined : min * 1e6,
    maxDurationNano: max === 0 ? undefined : max * 1e6,
    limit: message.Limit,
    spansPerSet: message.SpansPerSpanSet,
    start: message.start,
    end: message.end,
    order: 'newest',
    cursor: undefined,
  };
}

function countOf(parameters: URLSearchParams, name: string): number | undefined {
  if (parameters.get(name)?.startsWith('-')) throw invalid(`invalid ${name}: must be a positive number`);
  return countParameter(parameters, name);
}

/** Without any of the names that a search has, every parameter is a tag. */
function tagsOf(parameters: URLSearchParams): Map<string, string> {
  const tags = parameters.get('tags');
  if (tags !== null) return parseLogfmt(tags);
  if (['q', 'start', 'end'].some((name) => parameters.has(name))) return new Map();
  return new Map([...parameters].filter(([name]) => !parameterNames.includes(name)));
}

/** Nanoseconds. */
function duration(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name);
  if (!text) return undefined;
  try {
    return Number(parseTempoDuration(text));
  } catch (error) {
    throw invalid(`invalid ${name}: ${(error as Error).message}`);
  }
}

function orderOf(parameters: URLSearchParams): 'newest' | 'longest' {
  const text = parameters.get('order') ?? 'newest';
  if (text !== 'newest' && text !== 'longest') throw invalid(`invalid order: must be newest or longest, not ${text}`);
  return text;
}
