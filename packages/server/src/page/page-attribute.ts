import type { Attribute, AttributeValue } from '@spoor/model';
import { printStatic } from '@spoor/traceql';

/** A value of a group, an aggregate, a label or a selected attribute as the page shows it. */
export interface PageAttribute {
  readonly name: string;
  readonly text: string;
  /** as TraceQL compares with it; absent for what it cannot compare with */
  readonly literal?: string;
}

export function pageAttribute({ key, value }: Attribute): PageAttribute {
  const literal = literalOf(key, value);
  return { name: key, text: textOf(value), ...(literal !== undefined && { literal }) };
}

function textOf(value: AttributeValue): string {
  switch (value.type) {
    case 'empty':
      return 'nil';
    case 'bytes':
      return Buffer.from(value.value).toString('base64');
    case 'array':
      return `[${value.value.map(textOf).join(', ')}]`;
    case 'kvlist':
      return `{${value.value.map(({ key, value: inner }) => `${key}: ${textOf(inner)}`).join(', ')}}`;
    default:
      return String(value.value);
  }
}

/** Answers carry statuses, kinds and durations as text; the field says what they are. */
const wordFields: ReadonlySet<string> = new Set(['status', 'kind']);
const durationFields: ReadonlySet<string> = new Set(['duration', 'traceDuration', 'event:timeSinceStart']);

function literalOf(name: string, value: AttributeValue): string | undefined {
  switch (value.type) {
    case 'empty':
      return 'nil';
    case 'string':
      if (wordFields.has(name) || durationFields.has(name)) return value.value;
      return printStatic({ type: 'string', value: value.value });
    case 'double':
      return Number.isFinite(value.value) ? printStatic({ type: 'float', value: value.value }) : undefined;
    case 'int':
    case 'bool':
      return String(value.value);
    default:
      return undefined;
  }
}
