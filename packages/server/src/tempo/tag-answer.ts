import { limits } from '@spoor/model';
import type { AttributeName, AttributeValuesAnswer, TimeRange, TraceStore } from '@spoor/query';
import { parseField, type Field } from '@spoor/traceql';
import type { TempoTagScope, TempoTagValue } from '@spoor/wire';
import { invalid, secondsRange } from './tempo-parameter.ts';
import { narrowingQuery } from './tempo-query.ts';

/** A question for the names of tags, over HTTP or gRPC. */
export interface TagsAsk {
  /** empty: all */
  readonly scope: string;
  /** only of spans that this finds; what is no query finds all */
  readonly query: string;
  /** seconds, 0 for an open side */
  readonly start: number;
  readonly end: number;
  /** names of each scope; 0 is as many as there are */
  readonly limit: number;
}

const attributeScopes = ['resource', 'span', 'event', 'link', 'instrumentation'] as const;
type AttributeScopeName = (typeof attributeScopes)[number];

/** What editors offer to complete, as Tempo lists it. */
const intrinsicTags: readonly string[] = Object.freeze([
  'duration',
  'event:name',
  'event:timeSinceStart',
  'instrumentation:name',
  'instrumentation:version',
  'kind',
  'name',
  'rootName',
  'rootServiceName',
  'span:duration',
  'span:kind',
  'span:name',
  'span:status',
  'span:statusMessage',
  'status',
  'statusMessage',
  'trace:duration',
  'trace:rootName',
  'trace:rootService',
  'traceDuration',
]);

/**
 * Names of attributes, scope by scope, sorted; the intrinsics last.
 *
 * @throws {QueryError} `QUERY_INVALID` in Tempo's words
 */
export async function listTagScopes(
  traces: TraceStore,
  tenant: string,
  { scope, query, start, end, limit }: TagsAsk,
  signal: AbortSignal,
): Promise<readonly TempoTagScope[]> {
  const range = secondsRange(start, end);
  if (scope === 'intrinsic') return [{ name: 'intrinsic', tags: cut(intrinsicTags, limit) }];
  const wanted = scopeOf(scope);
  const request = { ...range, scope: wanted, query: narrowingQuery(query) };
  const found = await traces.attributeNames(tenant, request, signal);
  const scopes = (wanted === undefined ? attributeScopes : [wanted]).map((name) => ({
    name,
    tags: cut(namesOf(found, name), limit),
  }));
  const filled = scopes.filter(({ tags }) => tags.length > 0);
  return wanted === undefined ? [...filled, { name: 'intrinsic', tags: cut(intrinsicTags, limit) }] : filled;
}

/** `undefined` is all of them. */
function scopeOf(text: string): AttributeScopeName | undefined {
  if (text === '' || text === 'none') return undefined;
  const scope = attributeScopes.find((one) => one === text);
  if (scope === undefined) throw invalid(`invalid scope: ${text}`);
  return scope;
}

function namesOf(found: readonly AttributeName[], wanted: AttributeScopeName): string[] {
  return found.flatMap(({ scope, name }) => (scope === wanted ? [name] : [])).sort();
}

function cut(names: readonly string[], limit: number): readonly string[] {
  return limit === 0 ? names : names.slice(0, limit);
}

/** The older form: names without their scopes, each once; intrinsics when they were asked for only. */
export function flatTags(scopes: readonly TempoTagScope[], scope: string): readonly string[] {
  const kept = scopes.filter(({ name }) => name !== 'intrinsic' || scope === 'intrinsic');
  return [...new Set(kept.flatMap(({ tags }) => tags))].sort();
}

/** A question for the values of a tag, over HTTP or gRPC. */
export interface TagValuesAsk {
  readonly tagName: string;
  readonly query: string;
  /** seconds, 0 for an open side */
  readonly start: number;
  readonly end: number;
  /** 0 is as many as one answer has */
  readonly limit: number;
}

/** Values of a tag that is named as TraceQL names it. @throws {QueryError} `QUERY_INVALID` in Tempo's words */
export async function listTagValues(
  traces: TraceStore,
  tenant: string,
  ask: TagValuesAsk,
  signal: AbortSignal,
): Promise<readonly TempoTagValue[]> {
  const answer = await valuesOf(traces, tenant, tagField(ask.tagName), ask, signal);
  return answer.values.map(({ type, value }) => ({ type: type === 'double' ? 'float' : type, value }));
}

/** What a search by `tags` calls intrinsics, as in `tag-search.ts`. */
const olderNames: ReadonlyMap<string, string> = new Map([
  ['root.name', 'rootName'],
  ['root.service.name', 'rootServiceName'],
  ['status.code', 'status'],
]);

/** The older form: the name of an attribute of whatever scope, or of an intrinsic. */
export async function listPlainTagValues(
  traces: TraceStore,
  tenant: string,
  ask: TagValuesAsk,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const name = olderNames.get(ask.tagName) ?? ask.tagName;
  const field: Field = intrinsicTags.includes(name) ? parseField(name) : { kind: 'attribute', scope: 'any', name };
  const { values } = await valuesOf(traces, tenant, field, ask, signal);
  return [...new Set(values.map(({ value }) => value))];
}

function valuesOf(
  traces: TraceStore,
  tenant: string,
  field: Field,
  { query, start, end, limit: asked }: TagValuesAsk,
  signal: AbortSignal,
): Promise<AttributeValuesAnswer> {
  const range: TimeRange = secondsRange(start, end);
  const limit = asked === 0 ? limits.namesMax : Math.min(asked, limits.namesMax);
  const shared = { ...range, limit, query: narrowingQuery(query) };
  return field.kind === 'attribute'
    ? traces.attributeValues(tenant, { ...shared, scope: field.scope, name: field.name }, signal)
    : traces.intrinsicValues(tenant, { ...shared, name: field.name }, signal);
}

function tagField(tagName: string): Field {
  try {
    return parseField(tagName);
  } catch (error) {
    throw invalid(`please provide a valid tagName: ${(error as Error).message}`);
  }
}
