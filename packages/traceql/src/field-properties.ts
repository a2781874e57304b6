import type { Field, FieldExpression } from './tree.ts';

/** What a field has one value for: each span, each event of a span, or each link. */
export type FieldLevel = 'span' | 'event' | 'link';

export function fieldLevel(field: Field): FieldLevel {
  const prefix = field.kind === 'attribute' ? field.scope : field.name;
  if (prefix === 'event' || prefix.startsWith('event:')) return 'event';
  if (prefix === 'link' || prefix.startsWith('link:')) return 'link';
  return 'span';
}

/** True when the field's value depends on other spans of the trace than the one it is asked of. */
export function dependsOnTrace(field: Field): boolean {
  if (field.kind === 'attribute') return false;
  switch (field.name) {
    case 'span:childCount':
    case 'trace:duration':
    case 'trace:rootName':
    case 'trace:rootService':
    case 'nestedSetLeft':
    case 'nestedSetRight':
    case 'nestedSetParent':
      return true;
    default:
      return false;
  }
}

/** The fields an expression reads, in order of appearance, repeated ones too. */
export function fieldsOf(expression: FieldExpression): readonly Field[] {
  const fields: Field[] = [];
  const pending: FieldExpression[] = [expression];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    switch (next.kind) {
      case 'unary':
        pending.push(next.operand);
        break;
      case 'binary':
        pending.push(next.right, next.left);
        break;
      case 'static':
        break;
      default:
        fields.push(next);
    }
  }
  return fields;
}
