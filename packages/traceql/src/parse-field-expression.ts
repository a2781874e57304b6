import { constantOfWord, fieldType, intrinsicOfSpelling, isField } from './intrinsics.ts';
import { nearSpelling } from './near-spelling.ts';
import {
  arithmeticOps,
  comparisonOps,
  logicalOps,
  MINUS_LEVEL,
  NOT_LEVEL,
  oneOf,
  operatorLevel,
  regexOps,
  rightLevel,
} from './operator-levels.ts';
import { quote } from './string-literal.ts';
import type { Expectation, TokenCursor } from './token-cursor.ts';
import type { Complaint } from './traceql-error.ts';
import type { BinaryOp, Field, FieldExpression, Static } from './tree.ts';
import { takesType, typeOfOperation, type ValueType } from './value-type.ts';

const fieldOps = [...comparisonOps, ...regexOps, ...logicalOps, ...arithmeticOps] as const;

/** Operators that the expression can be the left operand of. */
function operatorsAfter(left: FieldExpression, minLevel: number): Expectation[] {
  const type = likelyType(left);
  const ops = fieldOps.filter((op) => operatorLevel(op) >= minLevel && takesType(op, type));
  return ops.map((symbol) => ({ kind: 'symbol', symbol }));
}

function likelyType(expression: FieldExpression): ValueType {
  switch (expression.kind) {
    case 'static':
      return expression.value.type;
    case 'unary':
      return expression.op === '-' ? 'float' : 'bool';
    case 'binary':
      return typeOfOperation(expression.op, 'attribute', 'attribute');
    default:
      return fieldType(expression);
  }
}

/** Reads an expression over one span. @throws {TraceqlError} */
export function parseFieldExpression(cursor: TokenCursor): FieldExpression {
  return parseOperation(cursor, 0, undefined);
}

/** @param comparedWith the field that the value read is compared with, for completion and suggestions */
function parseOperation(cursor: TokenCursor, minLevel: number, comparedWith: Field | undefined): FieldExpression {
  cursor.enter();
  const { start } = cursor.token;
  let left = parsePrefixed(cursor, comparedWith);
  for (;;) {
    if (cursor.isRecording) cursor.expectingFirst(...operatorsAfter(left, minLevel));
    const op = oneOf(fieldOps, cursor.symbol);
    if (op === undefined || operatorLevel(op) < minLevel) break;
    cursor.advance();
    if (op === '=' && cursor.symbol === '=') {
      cursor.fail({ message: 'syntax error: unexpected ==, equality is one =', suggestion: '=' });
    }
    const right = parseOperation(cursor, rightLevel(op), isField(left) && isComparing(op) ? left : undefined);
    left = placeBinary(cursor, start, op, left, right);
  }
  cursor.leave();
  return left;
}

function isComparing(op: BinaryOp): boolean {
  return oneOf(comparisonOps, op) !== undefined || oneOf(regexOps, op) !== undefined;
}

function placeBinary(
  cursor: TokenCursor,
  start: number,
  op: BinaryOp,
  left: FieldExpression,
  right: FieldExpression,
): FieldExpression {
  const node: FieldExpression = { kind: 'binary', op, left, right };
  const isChain = operatorLevel(op) === 1 && left.kind === 'binary' && left.op === op;
  return isChain ? cursor.place(node, start, [right], left) : cursor.place(node, start, [left, right]);
}

function parsePrefixed(cursor: TokenCursor, comparedWith: Field | undefined): FieldExpression {
  const { start } = cursor.token;
  if (cursor.take('!')) {
    const operand = parseOperation(cursor, NOT_LEVEL + 1, undefined);
    return cursor.place({ kind: 'unary', op: '!', operand }, start, [operand]);
  }
  if (cursor.take('-')) {
    const isLiteral = cursor.token.kind === 'literal';
    const operand = parseOperation(cursor, MINUS_LEVEL + 1, undefined);
    const negative = isLiteral && operand.kind === 'static' ? negated(operand.value) : undefined;
    if (negative !== undefined) return cursor.place({ kind: 'static', value: negative }, start);
    return cursor.place({ kind: 'unary', op: '-', operand }, start, [operand]);
  }
  return parsePrimary(cursor, comparedWith);
}

/** The number with its sign changed; `undefined` for what is no number. Zero keeps its sign but for floats. */
export function negated(value: Static): Static | undefined {
  switch (value.type) {
    case 'float':
      return { type: 'float', value: -value.value };
    case 'int':
      return { type: 'int', value: typeof value.value === 'bigint' ? -value.value : 0 - value.value };
    case 'duration':
      return { type: 'duration', value: 0 - value.value };
    default:
      return undefined;
  }
}

function parsePrimary(cursor: TokenCursor, comparedWith: Field | undefined): FieldExpression {
  const { token } = cursor;
  if (cursor.take('(')) {
    const inner = parseOperation(cursor, 0, undefined);
    cursor.require(')');
    // From here on the brackets are part of it, for messages that show where it stands.
    cursor.places.set(inner, { start: token.start, end: cursor.lastEnd });
    return inner;
  }
  cursor.expecting({ kind: 'value', of: comparedWith });
  if (token.kind === 'literal') return placeToken(cursor, { kind: 'static', value: token.value });
  const constant = cursor.word === undefined ? undefined : constantOfWord.get(cursor.word);
  if (constant !== undefined) return placeToken(cursor, { kind: 'static', value: constant });
  return parseField(cursor, comparedWith);
}

/** Reads an attribute or an intrinsic. @throws {TraceqlError} */
export function parseField(cursor: TokenCursor, comparedWith?: Field): Field {
  const { token } = cursor;
  cursor.expecting({ kind: 'field' });
  switch (token.kind) {
    case 'attribute':
      return placeToken(cursor, token.field);
    case 'word':
    case 'scopedWord': {
      const name = intrinsicOfSpelling.get(token.word);
      if (name === undefined) return cursor.fail(unknownWord(token.word, comparedWith));
      return placeToken(cursor, { kind: 'intrinsic', name });
    }
    default:
      return cursor.fail();
  }
}

function placeToken<T extends object>(cursor: TokenCursor, node: T): T {
  const { start } = cursor.token;
  cursor.advance();
  return cursor.place(node, start);
}

const unsupported: ReadonlyMap<string, Complaint> = new Map([
  ['childCount', { message: 'intrinsic not yet supported: childCount', suggestion: 'span:childCount' }],
  ['parent', { message: 'intrinsic not yet supported: parent', suggestion: 'span:parentID' }],
]);

function unknownWord(word: string, comparedWith: Field | undefined): Complaint {
  const known = unsupported.get(word);
  if (known !== undefined) return known;
  const candidates = [...intrinsicOfSpelling.keys(), ...constantOfWord.keys()];
  const likely = comparedWith === undefined ? `.${word.replace(':', '.')}` : quote(word);
  const suggestion = nearSpelling(word, candidates) ?? likely;
  return { message: `syntax error: unexpected ${word}, neither an intrinsic nor a constant`, suggestion };
}
