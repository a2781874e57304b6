import { type Field, fieldType, parseConstant, parsePlainDuration, printStatic, type Static } from '@spoor/traceql';

/** What the text of a value is read as, besides what its field says. */
export type ValueMode = 'plain' | 'regex';

const statuses: ReadonlySet<string> = new Set(['unset', 'ok', 'error']);
const kinds: ReadonlySet<string> = new Set(['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']);

/**
 * A value as people type it beside its field: text needs no quotes, unless it would be taken for something else (`"500"`,
 * `"true"`). `undefined` when the field can have no such value.
 */
export function valueOf(text: string, field: Field, mode: ValueMode): Static | undefined {
  const typed = text.trim();
  if (typed === '') return undefined;
  const constant = parseConstant(typed);
  if (constant?.type === 'string') return constant;
  const asText: Static = { type: 'string', value: typed };
  if (mode === 'regex') return asText;
  if (constant?.type === 'nil') return constant;
  switch (fieldType(field)) {
    case 'duration':
      return durationOf(typed, constant);
    case 'status':
      return statuses.has(typed) ? constant : undefined;
    case 'kind':
      return kinds.has(typed) ? constant : undefined;
    case 'int':
    case 'float':
      return isNumber(constant) ? constant : undefined;
    case 'attribute':
      return isNumber(constant) || constant?.type === 'bool' || constant?.type === 'duration' ? constant : asText;
    default:
      return asText;
  }
}

/** What is read back as this constant; `undefined` when nothing that can be typed is. */
export function valueText(value: Static, field: Field, mode: ValueMode): string | undefined {
  const texts = value.type === 'string' ? [value.value, printStatic(value)] : [printStatic(value)];
  return texts.find((text) => {
    const back = valueOf(text, field, mode);
    return back !== undefined && back.type === value.type && printStatic(back) === printStatic(value);
  });
}

function durationOf(typed: string, constant: Static | undefined): Static | undefined {
  if (constant?.type === 'duration') return constant;
  const nano = parsePlainDuration(typed);
  return nano === undefined ? undefined : { type: 'duration', value: nano };
}

function isNumber(constant: Static | undefined): boolean {
  return constant?.type === 'int' || constant?.type === 'float';
}
