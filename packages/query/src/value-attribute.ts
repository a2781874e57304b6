import type { AttributeValue } from '@spoor/model';
import { labelOf } from './metric-label.ts';
import type { Value } from './value.ts';

/** A value as span sets show it: as a label does, and arrays as they are. */
export function attributeValueOf(value: Value | undefined): AttributeValue {
  return value?.type === 'array' ? value : labelOf(value);
}
