import { type Field, type FieldExpression, fieldLevel, fieldsOf } from '@spoor/traceql';
import type { BlockScan } from './block-scan.ts';
import { compileExpression, type Evaluator } from './expression.ts';
import { type FieldReader, fieldReader } from './field-test.ts';
import { NONE } from './row-space.ts';
import type { Value } from './value.ts';

/**
 * An expression with one value for each span. Over events or links it is the value of the first of them, in the
 * span's order, that gives it one; as with conditions, a span without events takes part once, with their fields missing.
 */
export interface RowExpression {
  readonly evaluate: Evaluator;
  readonly fields: readonly Field[];
  /** when the expression is nothing but a field */
  readonly field: Field | undefined;
}

/** @throws {QueryError} `QUERY_INVALID` when the expression cannot be evaluated */
export function rowExpression(expression: FieldExpression): RowExpression {
  const field = expression.kind === 'attribute' || expression.kind === 'intrinsic' ? expression : undefined;
  return { evaluate: compileExpression(expression), fields: fieldsOf(expression), field };
}

/** The expression's value by row of the block: the general, slow way. */
export async function rowValues(
  scan: BlockScan,
  { evaluate, fields }: RowExpression,
): Promise<(index: number) => Value | undefined> {
  const readers = new Map<Field, Awaited<ReturnType<FieldReader>>>();
  for (const field of fields) readers.set(field, await (await fieldReader(scan.source, field))(scan));
  const levels = new Set(fields.map(fieldLevel));
  if (!levels.has('event') && !levels.has('link')) return (index) => evaluate((field) => readers.get(field)!(index));
  const eventStart = levels.has('event') ? await scan.words('eventStart') : undefined;
  const linkStart = levels.has('link') ? await scan.words('linkStart') : undefined;
  const at = { span: 0, event: NONE, link: NONE };
  const get = (field: Field): Value | undefined => {
    const index = at[fieldLevel(field)];
    return index === NONE ? undefined : readers.get(field)!(index);
  };
  return (index) => {
    const [firstEvent, endEvent] = itemsOf(eventStart, index);
    const [firstLink, endLink] = itemsOf(linkStart, index);
    at.span = index;
    for (at.event = firstEvent; at.event < endEvent; at.event++) {
      for (at.link = firstLink; at.link < endLink; at.link++) {
        const value = evaluate(get);
        if (value !== undefined) return value;
      }
    }
    return undefined;
  };
}

function itemsOf(start: ArrayLike<number> | undefined, row: number): readonly [first: number, end: number] {
  if (start === undefined || start[row] === start[row + 1]) return [NONE, NONE + 1];
  return [start[row], start[row + 1]];
}
