import { QueryError } from '@spoor/model';
import {
  anyOf,
  attribute,
  compare,
  constant,
  exists,
  intrinsic,
  not,
  some,
  type Field,
  type FieldExpression,
  type Intrinsic,
  type Static,
} from '@spoor/traceql';

/** A tag value as Jaeger's clients send it (plain: equality), or with a comparison in front (ours). */
export interface TagTest {
  readonly op: '=' | '!=' | '<' | '<=' | '>' | '>=' | '=~' | '!~';
  readonly text: string;
}

/**
 * Reads a tag value. `>=500`, `!=GET`, `=~5..`, `!~^/health` compare; anything else must be equal. `<`, `<=`, `>` and `>=`
 * compare only in front of a number, so that `<unknown>` still means itself; `==x` is the way to ask for a value
 * that begins like a comparison.
 */
export function parseTagTest(value: string): TagTest {
  if (value.startsWith('==')) return { op: '=', text: value.slice(2) };
  const pattern = /^(=~|!~|!=)(.*)$/s.exec(value);
  if (pattern) return { op: pattern[1] as TagTest['op'], text: pattern[2].trim() };
  const ordered = /^(<=|>=|<|>)\s*(.+)$/s.exec(value);
  if (ordered && numberOf(ordered[2]) !== undefined)
    return { op: ordered[1] as TagTest['op'], text: ordered[2].trim() };
  return { op: '=', text: value };
}

/** The condition that one span must meet for one `tag`. */
export function tagCondition(key: string, value: string): FieldExpression {
  const test = parseTagTest(value);
  switch (key) {
    case 'span.kind':
      return oneOf('span:kind', kinds, 'kind', test);
    case 'otel.status_code':
      return oneOf('span:status', statusCodes, 'status', test);
    case 'error':
      return errorCondition(test);
    case 'otel.scope.name':
    case 'otel.library.name':
      return fieldCondition(intrinsic('instrumentation:name'), test);
    case 'otel.scope.version':
    case 'otel.library.version':
      return fieldCondition(intrinsic('instrumentation:version'), test);
    case 'otel.status_description':
      return fieldCondition(intrinsic('span:statusMessage'), test);
    case 'event':
      return anyOf([some(fieldCondition(intrinsic('event:name'), test)), attributeCondition(key, test)])!;
    case 'w3c.tracestate':
      return fieldCondition(intrinsic('span:traceState'), test);
    default:
      return attributeCondition(key, test);
  }
}

/**
 * Jaeger looks a tag up in the span, in its process and in its logs, and one hit is enough; two tags may be in two of the
 * logs. A negated test is about the value the span has: its own attribute, else its resource's.
 */
function attributeCondition(key: string, test: TagTest): FieldExpression {
  if (test.op === '!=' || test.op === '!~') return fieldCondition(attribute('any', key), test);
  const [own, resource, event] = (['span', 'resource', 'event'] as const).map((scope) =>
    fieldCondition(attribute(scope, key), test),
  );
  return anyOf([own, resource, some(event)])!;
}

/**
 * `error` is not stored: Jaeger derives it from the status. An attribute of that name, as older instrumentation sets
 * it, counts too. `any` is ours: also spans that carry an `exception` event, whatever their status.
 */
function errorCondition(test: TagTest): FieldExpression {
  const failed = anyOf([
    compare(intrinsic('span:status'), '=', constant({ type: 'status', value: 'error' })),
    fieldCondition(attribute('span', 'error'), { op: '=', text: 'true' }),
  ])!;
  const text = test.text.toLowerCase();
  const negated = test.op === '!=';
  if (test.op === '=' || negated) {
    if (text === 'true') return negated ? not(failed) : failed;
    if (text === 'false') return negated ? failed : not(failed);
    if (text === 'any' && !negated) {
      const exception = compare(intrinsic('event:name'), '=', constant({ type: 'string', value: 'exception' }));
      return anyOf([failed, some(exception)])!;
    }
  }
  return attributeCondition('error', test);
}

type Spelling<V extends string> = readonly (readonly [spelling: string, value: V])[];
const kinds: Spelling<'internal' | 'server' | 'client' | 'producer' | 'consumer' | 'unspecified'> = [
  ['internal', 'internal'],
  ['server', 'server'],
  ['client', 'client'],
  ['producer', 'producer'],
  ['consumer', 'consumer'],
  ['unspecified', 'unspecified'],
];
const statusCodes: Spelling<'ok' | 'error' | 'unset'> = [
  ['OK', 'ok'],
  ['ERROR', 'error'],
  ['UNSET', 'unset'],
];

/** Kinds and statuses are a handful of words: the test is tried on each, and the span must have one that passes. */
function oneOf(name: Intrinsic, words: Spelling<string>, type: 'kind' | 'status', test: TagTest): FieldExpression {
  const passing = words.filter(([spelling]) => passes(spelling, test));
  const conditions = passing.map(([, value]) => compare(intrinsic(name), '=', constant({ type, value } as Static)));
  return anyOf(conditions) ?? constant({ type: 'bool', value: false });
}

function passes(spelling: string, { op, text }: TagTest): boolean {
  const same = spelling.toLowerCase() === text.toLowerCase();
  if (op === '=') return same;
  if (op === '!=') return !same;
  return (op === '=~' || op === '!~') && wordPattern(text).test(spelling) === (op === '=~');
}

function wordPattern(text: string): RegExp {
  try {
    return new RegExp(`^(?:${text})$`);
  } catch (error) {
    throw new QueryError('QUERY_INVALID', `not a regular expression: ${text}`, { cause: error });
  }
}

/** A tag's text means a value of any type that reads like it: `"500"` is the string, the integer and the float. */
function fieldCondition(field: Field, { op, text }: TagTest): FieldExpression {
  if (op === '=~' || op === '!~') return compare(field, op, constant({ type: 'string', value: text }));
  const number = numberOf(text);
  if (op === '<' || op === '<=' || op === '>' || op === '>=') return compare(field, op, constant(number!));
  const equals = readings(text, number).map((value) => compare(field, '=', constant(value)));
  if (op === '=') return anyOf(equals)!;
  return compare(exists(field), '&&', not(anyOf(equals)!));
}

/** The constants a text may mean, whose type is not known: the string, and the number or boolean it reads like. */
export function valueReadings(text: string): readonly Static[] {
  return readings(text, numberOf(text));
}

function readings(text: string, number: Static | undefined): Static[] {
  const values: Static[] = [{ type: 'string', value: text }];
  if (number !== undefined) values.push(number);
  if (text === 'true' || text === 'false') values.push({ type: 'bool', value: text === 'true' });
  return values;
}

function numberOf(text: string): Extract<Static, { type: 'int' | 'float' }> | undefined {
  const trimmed = text.trim();
  if (/^[+-]?\d+$/.test(trimmed)) {
    const value = Number(trimmed);
    return { type: 'int', value: Number.isSafeInteger(value) ? value : BigInt(trimmed) };
  }
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(trimmed)) return undefined;
  return { type: 'float', value: Number(trimmed) };
}
