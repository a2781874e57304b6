import { attribute, type Field, intrinsic, type Static } from '@spoor/traceql';
import { type FilterLevel, type FilterTerm, type FilterValueType, invalid } from './filter-term.ts';
import { parseGoDuration } from './go-duration.ts';
import { parseGoBool, parseGoFloat, parseGoInteger } from './go-number.ts';
import { valueReadings } from './tag-condition.ts';

/** What a reference can hold; `any` when only the spans know. */
export type FilterDomain = 'any' | 'text' | 'duration' | 'kind' | 'status' | 'number' | 'bool';

/** Where a reference is looked for: an unqualified attribute in two places. */
export interface FilterReference {
  readonly fields: readonly Field[];
  readonly domain: FilterDomain;
  readonly level: FilterLevel;
}

/** Fields that are there to be searched, as TraceQL has them. */
const builtIn: Readonly<Record<string, readonly [Field, FilterDomain]>> = {
  'span.traceID': [intrinsic('trace:id'), 'text'],
  'span.spanID': [intrinsic('span:id'), 'text'],
  'span.parentSpanID': [intrinsic('span:parentID'), 'text'],
  'span.traceState': [intrinsic('span:traceState'), 'text'],
  'span.name': [intrinsic('span:name'), 'text'],
  'span.kind': [intrinsic('span:kind'), 'kind'],
  'span.status': [intrinsic('span:status'), 'status'],
  'span.statusMessage': [intrinsic('span:statusMessage'), 'text'],
  'span.duration': [intrinsic('span:duration'), 'duration'],
  'resource.service': [attribute('resource', 'service.name'), 'text'],
  'scope.name': [intrinsic('instrumentation:name'), 'text'],
  'scope.version': [intrinsic('instrumentation:version'), 'text'],
  'event.name': [intrinsic('event:name'), 'text'],
  'event.timeSinceStart': [intrinsic('event:timeSinceStart'), 'duration'],
  'link.traceID': [intrinsic('link:traceID'), 'text'],
  'link.spanID': [intrinsic('link:spanID'), 'text'],
};

/** Fields that Jaeger names and that no query can ask for here. */
const notSearched: readonly string[] = [
  'span.startTime',
  'span.endTime',
  'resource.schemaURL',
  'scope.schemaURL',
  'event.time',
  'link.traceState',
];

const scopes = { span: 'span', resource: 'resource', scope: 'instrumentation', event: 'event', link: 'link' } as const;

/** @throws {QueryError} `QUERY_INVALID` when the term is no reference, or one that cannot be searched */
export function referenceOf(op: string, term: FilterTerm): FilterReference {
  if (term.kind === 'attribute') {
    if (term.level === '')
      return { fields: [attribute('span', term.key), attribute('resource', term.key)], domain: 'any', level: 'span' };
    return { fields: [attribute(scopes[term.level], term.key)], domain: 'any', level: term.level };
  }
  if (term.kind !== 'field') throw invalid(`operator "${op}" takes a reference, got ${term.kind}`);
  const name = `${term.level}.${term.name}`;
  const known = Object.hasOwn(builtIn, name) ? builtIn[name] : undefined;
  if (known !== undefined) return { fields: [known[0]], domain: known[1], level: term.level };
  if (notSearched.includes(name)) throw invalid(`${name} cannot be searched here`);
  throw invalid(`unknown built-in field "${term.name}" at the "${term.level}" level`);
}

const words = {
  kind: ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'],
  status: ['unset', 'ok', 'error'],
} as const;

export function wordsOf(domain: FilterDomain): readonly Static[] | undefined {
  if (domain !== 'kind' && domain !== 'status') return undefined;
  return words[domain].map((value) => ({ type: domain, value }) as Static);
}

/**
 * The constants that a text may mean beside a reference: of an attribute, without a declared type, all that read like it.
 * @throws {QueryError} `QUERY_INVALID` when the reference cannot hold it
 */
export function constantsOf(text: string, type: FilterValueType | '', domain: FilterDomain): readonly Static[] {
  switch (domain) {
    case 'any':
      return type === '' ? valueReadings(text) : [typedConstant(text, type)];
    case 'text':
      if (type !== '' && type !== 'string') throw invalid(`a text is compared with a value of type ${type}`);
      return [{ type: 'string', value: text }];
    case 'duration':
      if (type !== '') throw invalid(`a duration is compared with a value of type ${type}`);
      return [{ type: 'duration', value: read(text, parseGoDuration) }];
    default: {
      const word = wordsOf(domain)?.find((one) => 'value' in one && one.value === text);
      if (word === undefined) throw invalid(`"${text}" is not one of ${words[domain as 'kind' | 'status'].join(', ')}`);
      return [word];
    }
  }
}

function typedConstant(text: string, type: FilterValueType): Static {
  switch (type) {
    case 'string':
      return { type: 'string', value: text };
    case 'int': {
      const value = read(text, (one) => parseGoInteger(one));
      const short = Number(value);
      return { type: 'int', value: Number.isSafeInteger(short) ? short : value };
    }
    case 'double':
      return { type: 'float', value: read(text, parseGoFloat) };
    case 'bool':
      return { type: 'bool', value: read(text, parseGoBool) };
  }
}

function read<T>(text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    throw invalid((error as Error).message);
  }
}
