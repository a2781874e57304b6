import { QueryError } from '@spoor/model';

/** One node of Jaeger's structured filter, as it is sent. */
export type FilterTerm =
  | { readonly kind: 'attribute'; readonly key: string; readonly level: FilterLevel | '' }
  | { readonly kind: 'field'; readonly name: string; readonly level: FilterLevel }
  /** the events or links of a span, for `some` */
  | { readonly kind: 'nested'; readonly level: 'event' | 'link' }
  | { readonly kind: 'scalar'; readonly value: string; readonly type: FilterValueType | '' }
  | { readonly kind: 'list'; readonly values: readonly string[]; readonly type: FilterValueType | '' }
  | FilterCall;

export interface FilterCall {
  readonly kind: 'call';
  readonly op: FilterOp;
  readonly args: readonly FilterTerm[];
}

export const filterLevels = ['span', 'resource', 'scope', 'event', 'link'] as const;
export type FilterLevel = (typeof filterLevels)[number];
const valueTypes = ['string', 'int', 'double', 'bool'] as const;
export type FilterValueType = (typeof valueTypes)[number];

/** How many arguments each takes; none is a limit upwards. */
const arities = {
  and: [2, Infinity],
  or: [2, Infinity],
  not: [1, 1],
  eq: [2, 2],
  ne: [2, 2],
  gt: [2, 2],
  lt: [2, 2],
  gte: [2, 2],
  lte: [2, 2],
  regex: [2, 2],
  exists: [1, 1],
  in: [2, 2],
  not_in: [2, 2],
  some: [2, 2],
  phrase: [2, 2],
  fulltext: [2, 2],
} as const satisfies Readonly<Record<string, readonly [least: number, most: number]>>;
export type FilterOp = keyof typeof arities;
export const filterOps = Object.freeze(Object.keys(arities));

/** Of calls within each other; people's have three. */
export const filterDepthMax = 32;

/**
 * Reads the JSON of `query.filter`:
 *
 *     Call = { "op": …, "args": [Term …] }
 *     Term = { "attr": { "key", "level"? } } | { "field": { "name", "level" } } | { "nested": { "level" } }
 *          | { "scalar": { "value", "type"? } } | { "list": { "values", "type"? } } | { "call": Call } | Call
 *
 * @throws {QueryError} `QUERY_INVALID`, naming what is unknown
 * Source: Jaeger, RFC 0005, "Structured Query Filters for Trace Search".
 */
export function parseFilter(text: string): FilterCall {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw invalid(`it is not JSON: ${(error as Error).message}`);
  }
  return readFilter(json);
}

/** As {@link parseFilter}, of what the text says. */
export function readFilter(json: unknown): FilterCall {
  const term = readTerm(json, 1);
  if (term.kind !== 'call') throw invalid('the whole must be an operator with its arguments');
  return term;
}

/** A complaint about the filter. */
export function invalid(why: string): QueryError {
  return new QueryError('QUERY_INVALID', `malformed parameter query.filter: ${why}`);
}

function readTerm(json: unknown, depth: number): FilterTerm {
  const term = objectOf(json, 'a term');
  if ('op' in term) return readCall(term, depth);
  const kinds = Object.keys(term);
  if (kinds.length !== 1) throw invalid('a term must be exactly one of attr, field, nested, scalar, list, call');
  const [kind] = kinds;
  const body = objectOf(term[kind], kind);
  switch (kind) {
    case 'attr': {
      refuseOthers(body, kind, ['key', 'level']);
      const key = textOf(body, 'key');
      if (key === '') throw invalid('an attribute has no key');
      return { kind: 'attribute', key, level: levelOf(textOf(body, 'level'), true) };
    }
    case 'field':
      refuseOthers(body, kind, ['name', 'level']);
      return { kind: 'field', name: textOf(body, 'name'), level: levelOf(textOf(body, 'level'), false) as FilterLevel };
    case 'nested': {
      refuseOthers(body, kind, ['level']);
      const level = levelOf(textOf(body, 'level'), false);
      if (level !== 'event' && level !== 'link') throw invalid(`a span has no collection of level "${level}"`);
      return { kind: 'nested', level };
    }
    case 'scalar':
      refuseOthers(body, kind, ['value', 'type']);
      return { kind: 'scalar', value: textOf(body, 'value'), type: valueTypeOf(body) };
    case 'list':
      refuseOthers(body, kind, ['values', 'type']);
      return { kind: 'list', values: textsOf(body, 'values'), type: valueTypeOf(body) };
    case 'call':
      return readCall(body, depth);
    default:
      throw invalid(`unknown term "${kind}"`);
  }
}

function readCall(call: Record<string, unknown>, depth: number): FilterCall {
  if (depth > filterDepthMax) throw invalid(`operators are more than ${filterDepthMax} deep`);
  refuseOthers(call, 'an operator', ['op', 'args']);
  const op = textOf(call, 'op');
  if (!Object.hasOwn(arities, op)) throw invalid(`unknown filter operator "${op}"`);
  const args = call['args'] ?? [];
  if (!Array.isArray(args)) throw invalid(`the arguments of "${op}" are not a list`);
  const [least, most] = arities[op as FilterOp];
  if (args.length < least || args.length > most) {
    const wanted = most === Infinity ? `at least ${least}` : String(least);
    throw invalid(`operator "${op}" takes ${wanted} argument(s), got ${args.length}`);
  }
  return { kind: 'call', op: op as FilterOp, args: args.map((arg) => readTerm(arg, depth + 1)) };
}

function objectOf(json: unknown, what: string): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw invalid(`${what} is not an object`);
  return json as Record<string, unknown>;
}

function refuseOthers(body: Record<string, unknown>, what: string, known: readonly string[]): void {
  const unknown = Object.keys(body).find((key) => !known.includes(key));
  if (unknown !== undefined) throw invalid(`${what} has an unknown member "${unknown}"`);
}

/** A text; absent is empty, as in protobuf. */
function textOf(body: Record<string, unknown>, key: string): string {
  const value = body[key] ?? '';
  if (typeof value !== 'string') throw invalid(`"${key}" is not a text`);
  return value;
}

function textsOf(body: Record<string, unknown>, key: string): readonly string[] {
  const values = body[key] ?? [];
  if (!Array.isArray(values) || values.some((value) => typeof value !== 'string')) {
    throw invalid(`"${key}" is not a list of texts`);
  }
  return values as string[];
}

function levelOf(text: string, mayBeEmpty: boolean): FilterLevel | '' {
  if (text === '' && mayBeEmpty) return '';
  const level = filterLevels.find((one) => one === text);
  if (level === undefined) throw invalid(text === '' ? 'a field has no level' : `unknown filter level "${text}"`);
  return level;
}

function valueTypeOf(body: Record<string, unknown>): FilterValueType | '' {
  const text = textOf(body, 'type');
  const type = valueTypes.find((one) => one === text);
  if (text !== '' && type === undefined) throw invalid(`unknown filter value type "${text}"`);
  return type ?? '';
}
