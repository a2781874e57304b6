import { parseTraceId } from '@spoor/model';
import {
  type BinaryOp,
  type ComparisonOp,
  type Field,
  type FieldExpression,
  fieldLevel,
  fieldsOf,
} from '@spoor/traceql';
import { compileExpression, type Evaluator, isNil, regexOperand } from './expression.ts';
import { isTrue, type Value } from './value.ts';
import { comparisonTest, presenceTest, regexTest, truthTest, type ValueTest } from './value-test.ts';

/**
 * A filter's condition in the form that is run over columns: tests of single fields joined by and, or, not; what cannot
 * be put so (arithmetic, field against field) is computed row by row. Independent of any source.
 *
 * `exists` turns a condition over (span, event, link) into one over spans: it holds for a span when its part holds
 * for some of the span's events and some of its links. A span without events takes part once, with the event's fields
 * missing; so for links.
 */
export type Condition =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | { readonly kind: 'test'; readonly field: Field; readonly test: ValueTest }
  | { readonly kind: 'compute'; readonly fields: readonly Field[]; readonly evaluate: Evaluator }
  | { readonly kind: 'exists'; readonly part: Condition; readonly levels: Levels };

export interface Levels {
  readonly event: boolean;
  readonly link: boolean;
}

/** @throws {QueryError} `QUERY_INVALID` when the expression cannot be evaluated */
export function compileCondition(expression: FieldExpression | undefined): Condition {
  if (expression === undefined) return { kind: 'constant', value: true };
  return overSpans(compile(expression));
}

function compile(expression: FieldExpression): Condition {
  switch (expression.kind) {
    case 'attribute':
    case 'intrinsic':
      return { kind: 'test', field: expression, test: truthTest };
    case 'unary':
      return compileUnary(expression);
    case 'binary':
      return compileBinary(expression);
    case 'static':
      return compute(expression);
  }
}

function compileUnary(expression: Extract<FieldExpression, { kind: 'unary' }>): Condition {
  if (expression.op === '-') return compute(expression);
  const part = compile(expression.operand);
  if (expression.op === '!') return { kind: 'not', part };
  const levels = levelsOf(part);
  return levels.event || levels.link ? { kind: 'exists', part, levels } : part;
}

type Binary = Extract<FieldExpression, { kind: 'binary' }>;

function compileBinary(expression: Binary): Condition {
  const { op, left, right } = expression;
  switch (op) {
    case '&&':
    case '||': {
      const parts = operandsOf(op, expression).map(compile);
      return { kind: op === '&&' ? 'and' : 'or', parts };
    }
    case '=~':
    case '!~':
      if (!isField(left)) return compute(expression);
      return { kind: 'test', field: left, test: regexTest(regexOperand(op, right), op === '!~') };
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '^':
      return compute(expression);
    default:
      if (isField(left) && isConstant(right)) return compareField(expression, left, op, right);
      if (isField(right) && isConstant(left)) return compareField(expression, right, flipped[op], left);
      return compute(expression);
  }
}

const flipped = Object.freeze({ '=': '=', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const);

function compareField(whole: Binary, field: Field, op: ComparisonOp, operand: FieldExpression): Condition {
  if (isNil(operand)) {
    const present: Condition = { kind: 'test', field, test: presenceTest };
    if (op === '!=') return present;
    return op === '=' ? { kind: 'not', part: present } : { kind: 'constant', value: false };
  }
  const value = compileExpression(operand)(() => undefined);
  if (value === undefined) return compute(whole);
  return { kind: 'test', field, test: comparisonTest(op, normalized(field, value)) };
}

/** Trace ids are compared whatever leading zeros are written. */
function normalized(field: Field, value: Value): Value {
  if (field.kind !== 'intrinsic' || field.name !== 'trace:id' || value.type !== 'string') return value;
  return { type: 'string', value: parseTraceId(value.value) ?? value.value };
}

function compute(expression: FieldExpression): Condition {
  const evaluate = compileExpression(expression);
  const fields = fieldsOf(expression);
  if (fields.length === 0) return { kind: 'constant', value: isTrue(evaluate(() => undefined)) };
  return { kind: 'compute', fields, evaluate };
}

function isField(expression: FieldExpression): expression is Field {
  return expression.kind === 'attribute' || expression.kind === 'intrinsic';
}

function isConstant(expression: FieldExpression): boolean {
  return fieldsOf(expression).length === 0;
}

/** `a op b op c` as a list: chains are long when a dialect builds them, and a loop has no stack to run out of. */
function operandsOf(op: BinaryOp, expression: FieldExpression): readonly FieldExpression[] {
  const operands: FieldExpression[] = [];
  const pending: FieldExpression[] = [expression];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.kind === 'binary' && next.op === op) pending.push(next.right, next.left);
    else operands.push(next);
  }
  return operands;
}

/**
 * Places the `exists` as deep as they may go: over each alternative of an `or`; over each group of an `and`'s parts
 * that share no event and no link with the other groups; nowhere above conditions of the span alone.
 */
function overSpans(condition: Condition): Condition {
  const levels = levelsOf(condition);
  if (!levels.event && !levels.link) return condition;
  if (condition.kind === 'or') return { kind: 'or', parts: condition.parts.map(overSpans) };
  if (condition.kind !== 'and') return { kind: 'exists', part: condition, levels };
  const groups = {
    span: [] as Condition[],
    event: [] as Condition[],
    link: [] as Condition[],
    both: [] as Condition[],
  };
  for (const part of condition.parts) {
    const { event, link } = levelsOf(part);
    groups[event && link ? 'both' : event ? 'event' : link ? 'link' : 'span'].push(part);
  }
  const joined =
    groups.both.length > 0 ? [[...groups.event, ...groups.link, ...groups.both]] : [groups.event, groups.link];
  const existing = joined.filter((group) => group.length > 0).map(existsAll);
  return { kind: 'and', parts: [...groups.span, ...existing] };
}

function existsAll(parts: readonly Condition[]): Condition {
  if (parts.length === 1) return overSpans(parts[0]);
  const part: Condition = { kind: 'and', parts };
  return { kind: 'exists', part, levels: levelsOf(part) };
}

function levelsOf(condition: Condition): Levels {
  const fields = freeFields(condition);
  return {
    event: fields.some((field) => fieldLevel(field) === 'event'),
    link: fields.some((field) => fieldLevel(field) === 'link'),
  };
}

/** Fields of events and links that no `exists` within the condition is over. */
function freeFields(condition: Condition): readonly Field[] {
  switch (condition.kind) {
    case 'exists':
      return [];
    case 'and':
    case 'or':
      return condition.parts.flatMap(freeFields);
    case 'not':
      return freeFields(condition.part);
    default:
      return conditionFields(condition);
  }
}

export function conditionFields(condition: Condition): readonly Field[] {
  switch (condition.kind) {
    case 'constant':
      return [];
    case 'and':
    case 'or':
      return condition.parts.flatMap(conditionFields);
    case 'not':
    case 'exists':
      return conditionFields(condition.part);
    case 'test':
      return [condition.field];
    case 'compute':
      return condition.fields;
  }
}
