import type { Attribute } from '@spoor/model';

/** `key=value`; `nil` for what is empty. */
export function attributeText({ key, value }: Attribute): string {
  if (value.type === 'empty') return `${key}=nil`;
  return `${key}=${typeof value.value === 'object' ? JSON.stringify(value.value) : String(value.value)}`;
}
