import { parseQuery } from './parse-query.ts';
import { TraceqlError } from './traceql-error.ts';
import type { Field, Query, Static } from './tree.ts';

/** One field as a query names it: `span.foo`, `duration`; `undefined` for any other text. */
export function parseFieldName(text: string): Field | undefined {
  const fields = parseFieldNames(text);
  return fields?.length === 1 ? fields[0] : undefined;
}

/** Fields between commas; `undefined` for any other text. */
export function parseFieldNames(text: string): readonly Field[] | undefined {
  const query = parsed(`{ } | select(${text})`);
  const stage = query?.kind === 'search' && query.pipeline.length === 2 ? query.pipeline[1] : undefined;
  return stage?.kind === 'select' ? stage.fields : undefined;
}

/** One constant as a query writes it: `"text"`, `-1.5`, `20ms`, `error`; `undefined` for any other text. */
export function parseConstant(text: string): Static | undefined {
  const query = parsed(`{ .x = ${text} }`);
  const stage = query?.kind === 'search' && query.pipeline.length === 1 ? query.pipeline[0] : undefined;
  const condition = stage?.kind === 'filter' ? stage.condition : undefined;
  if (condition?.kind !== 'binary' || condition.op !== '=' || condition.left.kind !== 'attribute') return undefined;
  return condition.right.kind === 'static' ? condition.right.value : undefined;
}

function parsed(text: string): Query | undefined {
  try {
    return parseQuery(text);
  } catch (error) {
    if (error instanceof TraceqlError) return undefined;
    throw error;
  }
}
