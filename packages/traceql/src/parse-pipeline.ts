import { intrinsicOfSpelling } from './intrinsics.ts';
import { nearSpelling } from './near-spelling.ts';
import { arithmeticOps, comparisonOps, oneOf, operatorLevel, rightLevel, spansetOps } from './operator-levels.ts';
import { combine, type Operand } from './parse-combine.ts';
import { parseField, parseFieldExpression } from './parse-field-expression.ts';
import { isMetricsWord, metricsWords, parseMetricsStage, parseSecondStages } from './parse-metrics.ts';
import { parseScalarOperand, scalarWords } from './parse-scalar.ts';
import type { Expectation, TokenCursor } from './token-cursor.ts';
import type { Complaint } from './traceql-error.ts';
import type { Field, MetricsExpression, ScalarExpression, SpansetExpression, Stage } from './tree.ts';

/** What stands in the whole text, or in a pair of brackets. */
export type ParsedPipeline =
  | { readonly kind: 'pipeline'; readonly stages: readonly Stage[] }
  /** ends in an aggregate that is not compared */
  | { readonly kind: 'scalar'; readonly scalar: ScalarExpression }
  | { readonly kind: 'metrics'; readonly metrics: MetricsExpression };

/** Reads stages up to what is no stage. @throws {TraceqlError} */
export function parsePipeline(cursor: TokenCursor): ParsedPipeline {
  const { start } = cursor.token;
  const stages: Stage[] = [];
  for (;;) {
    if (stages.length > 0) {
      cursor.expecting(...metricsExpectations);
      if (isMetricsWord(cursor.word))
        return { kind: 'metrics', metrics: parseMetricsStage(cursor, start, stages, parseSelection) };
    }
    const stageStart = cursor.token.start;
    const operand = parseOperation(cursor, 0);
    switch (operand.sort) {
      case 'spanset':
      case 'stage':
        if (stages.length === 0 && operand.tree.kind === 'coalesce') {
          cursor.failSince(stageStart, { message: 'coalesce() cannot be the first stage: there is nothing to join' });
        }
        stages.push(operand.tree);
        break;
      case 'scalar':
        return { kind: 'scalar', scalar: scalarOf(cursor, start, stages, operand.tree) };
      case 'metrics':
        if (stages.length > 0) {
          cursor.failSince(stageStart, {
            message: 'metrics cannot follow a stage; write both sides of the operator in brackets',
          });
        }
        return { kind: 'metrics', metrics: parseSecondStages(cursor, start, operand.tree) };
    }
    if (!cursor.take('|')) return { kind: 'pipeline', stages };
  }
}

const metricsExpectations: readonly Expectation[] = metricsWords.map((word) => ({
  kind: 'word',
  word,
  role: 'function',
}));

function scalarOf(
  cursor: TokenCursor,
  start: number,
  pipeline: readonly Stage[],
  result: ScalarExpression,
): ScalarExpression {
  if (pipeline.length === 0) return result;
  return cursor.place({ kind: 'scalarPipeline', pipeline, result }, start, [...pipeline, result]);
}

const stageOps = [...new Set([...spansetOps, ...comparisonOps, ...arithmeticOps])];
const stageOpExpectations: readonly Expectation[] = stageOps.map((symbol) => ({ kind: 'symbol', symbol }));

/** Spansets, scalars and metrics have the same levels of operators; which of them it is, the operands say. */
function parseOperation(cursor: TokenCursor, minLevel: number): Operand {
  cursor.enter();
  const { start } = cursor.token;
  let left = parseOperand(cursor);
  for (;;) {
    expectOperators(cursor, left);
    const op = oneOf(stageOps, cursor.symbol);
    if (op === undefined || operatorLevel(op) < minLevel) break;
    const at = cursor.token;
    cursor.advance();
    const right = parseOperation(cursor, rightLevel(op));
    left = combine(cursor, { start, left, op, at, right });
  }
  cursor.leave();
  return left;
}

function expectOperators(cursor: TokenCursor, left: Operand): void {
  if (!cursor.isRecording || left.sort === 'stage') return;
  const ops: readonly string[] = left.sort === 'spanset' ? spansetOps : [...comparisonOps, ...arithmeticOps];
  cursor.expecting(...stageOpExpectations.filter((wanted) => wanted.kind === 'symbol' && ops.includes(wanted.symbol)));
}

function parseOperand(cursor: TokenCursor): Operand {
  const { start } = cursor.token;
  if (cursor.take('{')) return { sort: 'spanset', tree: parseFilter(cursor, start) };
  if (cursor.take('(')) return parseBrackets(cursor, start);
  if (cursor.takeWord('by', 'function')) return { sort: 'stage', tree: parseGroup(cursor, start) };
  if (cursor.takeWord('coalesce', 'function')) {
    cursor.require('(');
    cursor.require(')');
    return { sort: 'stage', tree: cursor.place({ kind: 'coalesce' }, start) };
  }
  if (cursor.takeWord('select', 'function')) return { sort: 'stage', tree: parseSelect(cursor, start) };
  const scalar = parseScalarOperand(cursor);
  if (scalar !== undefined) return { sort: 'scalar', tree: scalar };
  return cursor.fail(misplaced(cursor));
}

function parseFilter(cursor: TokenCursor, start: number): SpansetExpression {
  if (cursor.take('}')) return cursor.place({ kind: 'filter', condition: undefined }, start);
  const condition = parseFieldExpression(cursor);
  cursor.require('}');
  return cursor.place({ kind: 'filter', condition }, start, [condition]);
}

/** Brackets around a pipeline of one spanset expression only group; around several stages they make a subpipeline. */
function parseBrackets(cursor: TokenCursor, start: number): Operand {
  const inner = parsePipeline(cursor);
  cursor.require(')');
  switch (inner.kind) {
    case 'scalar':
      return { sort: 'scalar', tree: inner.scalar };
    case 'metrics':
      return { sort: 'metrics', tree: inner.metrics };
    case 'pipeline': {
      const [only, ...more] = inner.stages;
      if (only !== undefined && more.length === 0 && isSpanset(only)) return { sort: 'spanset', tree: only };
      const subpipeline: SpansetExpression = { kind: 'subpipeline', pipeline: inner.stages };
      return { sort: 'spanset', tree: cursor.place(subpipeline, start, inner.stages) };
    }
  }
}

function isSpanset(stage: Stage): stage is SpansetExpression {
  return stage.kind === 'filter' || stage.kind === 'spansetOperation' || stage.kind === 'subpipeline';
}

function parseGroup(cursor: TokenCursor, start: number): PlainStage {
  cursor.require('(');
  const by = parseFieldExpression(cursor);
  cursor.require(')');
  return cursor.place<PlainStage>({ kind: 'group', by }, start, [by]);
}

type PlainStage = Exclude<Stage, SpansetExpression>;

function parseSelect(cursor: TokenCursor, start: number): PlainStage {
  cursor.require('(');
  const fields: Field[] = [];
  do fields.push(parseField(cursor));
  while (cursor.take(','));
  cursor.require(')');
  return cursor.place<PlainStage>({ kind: 'select', fields }, start, fields);
}

/** The spans that `compare` compares with the rest. */
function parseSelection(cursor: TokenCursor): SpansetExpression {
  const { start } = cursor.token;
  const operand = parseOperation(cursor, 0);
  if (operand.sort === 'spanset') return operand.tree;
  return cursor.failSince(start, { message: 'syntax error: compare() takes a filter', expected: ['{'] });
}

/** Why the token at hand cannot begin a stage, when there is a likely reason. */
function misplaced(cursor: TokenCursor): Partial<Complaint> {
  const { token, word } = cursor;
  if (
    token.kind === 'attribute' ||
    token.kind === 'scopedWord' ||
    (word !== undefined && intrinsicOfSpelling.has(word))
  ) {
    const field = cursor.text.slice(token.start, token.end);
    return { message: `syntax error: unexpected ${field}: conditions stand in braces`, suggestion: `{ ${field} … }` };
  }
  if (isMetricsWord(word)) {
    return { message: `syntax error: ${word}() needs spans to count`, suggestion: `{ } | ${word}(…)` };
  }
  if (word === 'topk' || word === 'bottomk') return { message: `syntax error: ${word}() follows a metrics function` };
  if (word === undefined) return {};
  const words = ['by', 'coalesce', 'select', 'with', 'topk', 'bottomk', ...scalarWords, ...metricsWords];
  return { message: `syntax error: unexpected ${word}`, suggestion: nearSpelling(word, words) };
}
