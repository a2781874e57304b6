import {
  anyOf,
  attribute,
  compare,
  constant,
  intrinsic,
  type Field,
  type FieldExpression,
  type Query,
  type SpansetExpression,
} from '@spoor/traceql';
import { invalid } from './tempo-parameter.ts';

/** The part of a search that is by tags. */
export interface TagSearch {
  readonly tags: ReadonlyMap<string, string>;
  /** of the whole trace, nanoseconds; `undefined` when it does not matter */
  readonly minDurationNano: number | undefined;
  readonly maxDurationNano: number | undefined;
}

/**
 * Compiles Tempo's older search: each tag is somewhere in the trace, its text containing what was asked for, and the
 * trace is as long as was asked for.
 */
export function compileTagSearch({ tags, minDurationNano, maxDurationNano }: TagSearch): Query {
  const filters = [...tags].map(([key, value]) => filter(tagCondition(key, value)));
  const duration = intrinsic('trace:duration');
  if (minDurationNano !== undefined) filters.push(filter(compare(duration, '>=', nano(minDurationNano))));
  if (maxDurationNano !== undefined) filters.push(filter(compare(duration, '<=', nano(maxDurationNano))));
  const first = filters.shift() ?? filter(undefined);
  const spanset = filters.reduce<SpansetExpression>(
    (left, right) => ({ kind: 'spansetOperation', op: '&&', left, right }),
    first,
  );
  return { kind: 'search', pipeline: [spanset], hints: [] };
}

function filter(condition: FieldExpression | undefined): SpansetExpression {
  return { kind: 'filter', condition };
}

function nano(value: number): FieldExpression {
  return constant({ type: 'duration', value });
}

function tagCondition(key: string, value: string): FieldExpression {
  switch (key) {
    case 'name':
      return contains(intrinsic('span:name'), value);
    case 'root.name':
      return contains(intrinsic('trace:rootName'), value);
    case 'root.service.name':
      return contains(intrinsic('trace:rootService'), value);
    case 'status.code':
      return statusIs(value);
    case 'error':
      // Nobody's span has such an attribute; who asks for it means the status.
      return anyOf([attributeIs(key, value), ...(value === 'true' ? [statusIs('error')] : [])])!;
    default:
      return attributeIs(key, value);
  }
}

function statusIs(value: string): FieldExpression {
  if (value !== 'unset' && value !== 'ok' && value !== 'error') {
    throw invalid(`invalid tags: status.code is unset, ok or error, not ${JSON.stringify(value)}`);
  }
  return compare(intrinsic('span:status'), '=', constant({ type: 'status', value }));
}

/** Texts contain the value, numbers and truths are it. */
function attributeIs(key: string, value: string): FieldExpression {
  const field = attribute('any', key);
  const conditions = [contains(field, value)];
  if (/^-?\d{1,15}(\.\d+)?$/.test(value)) {
    conditions.push(compare(field, '=', constant({ type: 'float', value: Number(value) })));
  }
  if (value === 'true' || value === 'false') {
    conditions.push(compare(field, '=', constant({ type: 'bool', value: value === 'true' })));
  }
  return anyOf(conditions)!;
}

function contains(field: Field, text: string): FieldExpression {
  const value = `.*${text.replaceAll(/[\\.+*?()|[\]{}^$]/g, String.raw`\$&`)}.*`;
  return compare(field, '=~', constant({ type: 'string', value }));
}
