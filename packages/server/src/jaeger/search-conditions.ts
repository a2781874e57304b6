import { limits } from '@spoor/model';
import {
  allOf,
  anyOf,
  attribute,
  compare,
  constant,
  exists,
  intrinsic,
  not,
  searchFor,
  type FieldExpression,
  type Query,
} from '@spoor/traceql';
import { namelessService } from '@spoor/wire';
import { tagCondition } from './tag-condition.ts';

/** What a search of any of Jaeger's APIs asks of a span, besides its time. */
export interface JaegerPredicates {
  /** of any service when absent or empty */
  readonly service?: string | undefined;
  readonly operation?: string | undefined;
  readonly tags: Iterable<readonly [key: string, value: string]>;
  readonly durationMinNano?: number | undefined;
  readonly durationMaxNano?: number | undefined;
}

/**
 * The one plan of Jaeger's searches: all conditions hold on one span, the durations too, as in Jaeger's memory and
 * Elasticsearch stores.
 *
 * @throws {QueryError} `QUERY_INVALID` for a tag that is no condition
 */
export function jaegerQuery({ service, operation, tags, durationMinNano, durationMaxNano }: JaegerPredicates): Query {
  const conditions: FieldExpression[] = [];
  if (service) conditions.push(serviceCondition(service));
  if (operation) conditions.push(compare(intrinsic('span:name'), '=', constant({ type: 'string', value: operation })));
  for (const [key, value] of tags) conditions.push(tagCondition(key, value));
  if (durationMinNano !== undefined) conditions.push(durationCondition('>=', durationMinNano));
  if (durationMaxNano !== undefined) conditions.push(durationCondition('<=', durationMaxNano));
  return searchFor(allOf(conditions));
}

/** `resource.service.name = …`; for {@link namelessService}, spans whose resource has none. */
export function serviceCondition(service: string): FieldExpression {
  const name = attribute('resource', 'service.name');
  const equal = compare(name, '=', constant({ type: 'string', value: service }));
  if (service !== namelessService) return equal;
  return anyOf([equal, not(exists(name)), compare(name, '=', constant({ type: 'string', value: '' }))])!;
}

function durationCondition(op: '>=' | '<=', nano: number): FieldExpression {
  return compare(intrinsic('span:duration'), op, constant({ type: 'duration', value: nano }));
}

const searchTracesDefault = 100;

/** How many traces a search gives: what was asked for where that is sensible. */
export function searchLimit(asked: bigint | undefined): number {
  if (asked === undefined || asked <= 0n) return searchTracesDefault;
  return asked > BigInt(limits.searchTracesMax) ? limits.searchTracesMax : Number(asked);
}
