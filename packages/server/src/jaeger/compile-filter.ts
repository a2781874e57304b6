import { matcherTest } from '@spoor/query';
import {
  allOf,
  anyOf,
  type BinaryOp,
  compare,
  constant,
  exists,
  type Field,
  type FieldExpression,
  intrinsic,
  not,
  some,
  type Static,
} from '@spoor/traceql';
import { constantsOf, type FilterReference, referenceOf, wordsOf } from './filter-operand.ts';
import { type FilterCall, type FilterTerm, invalid } from './filter-term.ts';

/** The level whose event or link a predicate is about; `undefined` outside of `some`. */
type Bound = 'event' | 'link' | undefined;

/**
 * Compiles Jaeger's structured filter to the condition that one span must meet. An absent value meets no comparison, and
 * only `not` turns that round. Outside of `some` a reference to events or links means any of them, each time another.
 *
 * @throws {QueryError} `QUERY_INVALID`, naming what is unknown or cannot be searched
 */
export function compileFilter(filter: FilterCall): FieldExpression {
  return predicate(filter, undefined);
}

function predicate(call: FilterCall, bound: Bound): FieldExpression {
  const { op, args } = call;
  switch (op) {
    case 'and':
      return allOf(predicates(call, bound))!;
    case 'or':
      return anyOf(predicates(call, bound))!;
    case 'not':
      return not(predicates(call, bound)[0]);
    case 'some':
      return someOf(call, bound);
    case 'exists': {
      const reference = referenceOf(op, args[0]);
      return anyWhere(reference, bound, exists);
    }
    case 'in':
    case 'not_in':
      return membership(call, bound);
    case 'regex':
      return matching(referenceOf(op, args[0]), scalarOf(op, args[1]), bound);
    case 'phrase':
    case 'fulltext':
      return textSearch(call, bound);
    default:
      return comparison(call, bound);
  }
}

function predicates({ op, args }: FilterCall, bound: Bound): FieldExpression[] {
  return args.map((arg) => {
    if (arg.kind !== 'call') throw invalid(`operator "${op}" takes predicates as arguments, got ${arg.kind}`);
    return predicate(arg, bound);
  });
}

/** One event, or link, meets the predicate; a span without any has none. */
function someOf({ op, args: [collection, condition] }: FilterCall, bound: Bound): FieldExpression {
  if (collection.kind !== 'nested') throw invalid(`operator "${op}" takes a collection as its first argument`);
  if (condition.kind !== 'call') throw invalid(`operator "${op}" takes a predicate as its second argument`);
  if (bound !== undefined) throw invalid('some inside of some is not supported');
  const item = intrinsic(collection.level === 'event' ? 'event:name' : 'link:traceID');
  return some(compare(exists(item), '&&', predicate(condition, collection.level)));
}

const comparisons = { eq: '=', ne: '!=', gt: '>', lt: '<', gte: '>=', lte: '<=' } as const;
const turned = { '=': '=', '!=': '!=', '>': '<', '<': '>', '>=': '<=', '<=': '>=' } as const;

function comparison({ op: name, args }: FilterCall, bound: Bound): FieldExpression {
  const [left, right] = args;
  const op = comparisons[name as keyof typeof comparisons];
  if (left.kind === 'scalar' && right.kind === 'scalar') throw invalid(`operator "${name}" compares two constants`);
  if (left.kind === 'scalar') return withConstant(referenceOf(name, right), turned[op], left, bound, name);
  if (right.kind === 'scalar') return withConstant(referenceOf(name, left), op, right, bound, name);
  return withReference(referenceOf(name, left), op, referenceOf(name, right), bound, name);
}

function withConstant(
  reference: FilterReference,
  op: BinaryOp,
  scalar: Extract<FilterTerm, { kind: 'scalar' }>,
  bound: Bound,
  name: string,
): FieldExpression {
  const constants = constantsOf(scalar.value, scalar.type, reference.domain);
  if (op === '=') return anyWhere(reference, bound, (field) => equalsAny(field, constants));
  if (op === '!=') return noneWhere(reference, bound, (field) => equalsAny(field, constants));
  if (wordsOf(reference.domain) !== undefined)
    throw invalid(`operator "${name}" has no ordering for a ${reference.domain}`);
  // What reads like a number is compared as one.
  const value = constants.find(({ type }) => type !== 'string') ?? constants[0];
  if (value.type === 'bool') throw invalid(`operator "${name}" has no ordering for a bool`);
  return anyWhere(reference, bound, (field) => compare(field, op, constant(value)));
}

function withReference(
  left: FilterReference,
  op: BinaryOp,
  right: FilterReference,
  bound: Bound,
  name: string,
): FieldExpression {
  if (left.domain !== 'any' && right.domain !== 'any' && left.domain !== right.domain) {
    throw invalid(`operator "${name}" compares a ${left.domain} with a ${right.domain}`);
  }
  const isOrdered = op !== '=' && op !== '!=';
  if (isOrdered && [left, right].some(({ domain }) => wordsOf(domain) !== undefined)) {
    throw invalid(`operator "${name}" has no ordering for a ${left.domain}`);
  }
  return anyWhere(left, bound, (field) =>
    anyWhere(right, bound ?? boundBy(left), (other) => compare(field, op, other)),
  );
}

/** An event of one side of a comparison is the event of the other side too. */
function boundBy({ level }: FilterReference): Bound {
  return level === 'event' || level === 'link' ? level : undefined;
}

function membership({ op, args: [subject, list] }: FilterCall, bound: Bound): FieldExpression {
  const reference = referenceOf(op, subject);
  if (list.kind !== 'list') throw invalid(`operator "${op}" takes a list as its second argument, got ${list.kind}`);
  if (list.values.length === 0) throw invalid(`operator "${op}" takes a list with at least one element`);
  const constants = list.values.flatMap((text) => constantsOf(text, list.type, reference.domain));
  const test = (field: Field): FieldExpression => equalsAny(field, constants);
  return op === 'in' ? anyWhere(reference, bound, test) : noneWhere(reference, bound, test);
}

/** RE2, found anywhere in the value, with regard to case; `.` is no end of a line. */
function matching(reference: FilterReference, pattern: string, bound: Bound): FieldExpression {
  if (reference.domain === 'duration') throw invalid('operator "regex" matches texts, not a duration');
  // Tried on its own, since the group around it may close what the pattern left open.
  matcherTest({ name: '', op: '=~', value: pattern });
  const found = { type: 'string', value: `.*(?-s:${pattern}).*` } as const;
  const matches = matcherTest({ name: '', op: '=~', value: found.value });
  const words = wordsOf(reference.domain);
  if (words === undefined) return anyWhere(reference, bound, (field) => compare(field, '=~', constant(found)));
  const passing = words.filter((word) => 'value' in word && matches(String(word.value)));
  if (passing.length === 0) return constant({ type: 'bool', value: false });
  return anyWhere(reference, bound, (field) => equalsAny(field, passing));
}

/** Words are letters and digits; case does not count. */
function textSearch({ op, args: [subject, list] }: FilterCall, bound: Bound): FieldExpression {
  if (subject.kind !== 'attribute') throw invalid(`operator "${op}" searches attributes, got ${subject.kind}`);
  if (list.kind !== 'list' || (list.type !== '' && list.type !== 'string')) {
    throw invalid(`operator "${op}" takes a list of words as its second argument`);
  }
  if (list.values.length === 0) throw invalid(`operator "${op}" takes a list with at least one element`);
  const wrong = list.values.find((word) => !/^[\p{L}\p{N}]+$/u.test(word));
  if (wrong !== undefined) throw invalid(`"${wrong}" is not a word: letters and digits are`);
  const groups = op === 'phrase' ? [list.values.join(String.raw`[^\pL\pN]+`)] : list.values;
  const patterns = groups.map((words) => String.raw`(?is)(?:.*[^\pL\pN])?${words}(?:[^\pL\pN].*)?`);
  return anyWhere(referenceOf(op, subject), bound, (field) =>
    allOf(patterns.map((pattern) => compare(field, '=~', constant({ type: 'string', value: pattern }))))!,
  );
}

function scalarOf(op: string, term: FilterTerm): string {
  if (term.kind !== 'scalar' || (term.type !== '' && term.type !== 'string')) {
    throw invalid(`operator "${op}" takes a constant string as its pattern, got ${term.kind}`);
  }
  return term.value;
}

function equalsAny(field: Field, constants: readonly Static[]): FieldExpression {
  return anyOf(constants.map((value) => compare(field, '=', constant(value))))!;
}

/** The test holds in one of the places where the reference is looked for. */
function anyWhere(reference: FilterReference, bound: Bound, test: (field: Field) => FieldExpression): FieldExpression {
  return quantified(reference, bound, anyOf(reference.fields.map(test))!);
}

/** There is a value, and the test holds for none. */
function noneWhere(reference: FilterReference, bound: Bound, test: (field: Field) => FieldExpression): FieldExpression {
  return compare(anyWhere(reference, bound, exists), '&&', not(anyWhere(reference, bound, test)));
}

function quantified({ level }: FilterReference, bound: Bound, condition: FieldExpression): FieldExpression {
  if (level !== 'event' && level !== 'link') return condition;
  if (bound === undefined) return some(condition);
  if (bound !== level) throw invalid(`a ${level} inside of some over ${bound}s is not supported`);
  return condition;
}
