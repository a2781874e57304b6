import { constantOfWord } from './intrinsics.ts';
import { checkExpression } from './check-expression.ts';
import { checkQuery } from './check-query.ts';
import { parsePipeline } from './parse-pipeline.ts';
import { negated, parseField as fieldAt } from './parse-field-expression.ts';
import { queryLimits } from './query-limits.ts';
import { TokenCursor } from './token-cursor.ts';
import { TraceqlError } from './traceql-error.ts';
import type { Field, Hints, Query, Static } from './tree.ts';

/**
 * Reads and checks a query. Time and memory are linear in the text; no text overflows the stack.
 * Regular expressions are not compiled here: that is for whoever evaluates them.
 * @throws {TraceqlError} `QUERY_INVALID` with the place, what was expected and what was likely meant;
 *   `QUERY_LIMIT` past one of `queryLimits`
 */
export function parseQuery(text: string): Query {
  if (text.length > queryLimits.textUnitsMax) {
    throw TraceqlError.limit(text, queryLimits.textUnitsMax, 'the query is too long');
  }
  const { query, cursor } = parseTree(text);
  checkQuery(query, cursor);
  return query;
}

/** Reads what TraceQL names a value by: `resource.service.name`, `.foo`, `duration`. @throws {TraceqlError} */
export function parseField(text: string): Field {
  const cursor = new TokenCursor(text);
  const field = fieldAt(cursor);
  if (cursor.token.kind !== 'end') cursor.fail();
  checkExpression(field, (_node, complaint) => {
    throw TraceqlError.meaning(complaint);
  });
  return field;
}

/** What an editor shows: nothing for a good query, else what is wrong with it first. */
export function diagnose(text: string): readonly TraceqlError[] {
  try {
    parseQuery(text);
    return [];
  } catch (error) {
    if (error instanceof TraceqlError) return [error];
    throw error;
  }
}

/** Reads twice when it fails: what could have stood at a place is only recorded once the place is known. */
function parseTree(text: string): { query: Query; cursor: TokenCursor } {
  try {
    return parseRoot(new TokenCursor(text));
  } catch (error) {
    if (!(error instanceof TraceqlError)) throw error;
    return parseRoot(new TokenCursor(text, { recordAt: error.position?.offset }));
  }
}

/** Reads a whole query from the cursor to its end. */
export function parseRoot(cursor: TokenCursor): { query: Query; cursor: TokenCursor } {
  const { start } = cursor.token;
  const parsed = parsePipeline(cursor);
  if (parsed.kind === 'scalar') {
    if (cursor.token.kind === 'end') cursor.fail({ message: 'syntax error: the aggregate is compared with nothing' });
    cursor.fail();
  }
  const hints = parseHints(cursor);
  cursor.expecting({ kind: 'end' });
  if (cursor.token.kind !== 'end') cursor.fail();
  const query: Query =
    parsed.kind === 'metrics'
      ? { kind: 'metrics', metrics: parsed.metrics, hints }
      : { kind: 'search', pipeline: parsed.stages, hints };
  return { query: cursor.place(query, start), cursor };
}

/** `with (name = constant, …)`, any number of times. */
function parseHints(cursor: TokenCursor): Hints {
  const hints: { name: string; value: Static }[] = [];
  while (cursor.takeWord('with', 'keyword')) {
    cursor.require('(');
    do {
      cursor.expecting({ kind: 'hint' });
      const name = cursor.word;
      if (name === undefined) return cursor.fail();
      cursor.advance();
      cursor.require('=');
      hints.push({ name, value: parseHintValue(cursor) });
    } while (cursor.take(','));
    cursor.require(')');
  }
  return hints;
}

function parseHintValue(cursor: TokenCursor): Static {
  const isNegative = cursor.symbol === '-';
  if (isNegative) cursor.advance();
  cursor.expecting({ kind: 'value', of: undefined });
  const { token, word } = cursor;
  const value = token.kind === 'literal' ? token.value : word === undefined ? undefined : constantOfWord.get(word);
  const signed = value !== undefined && isNegative ? negated(value) : value;
  if (signed === undefined) return cursor.fail();
  cursor.advance();
  return signed;
}
