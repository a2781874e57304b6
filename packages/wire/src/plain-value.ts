import type { AttributeValue } from '@spoor/model';

/**
 * An attribute's value as plain JSON: bytes as base64, numbers that JSON has not as text. Depth is bounded:
 * `limits.attributeDepthMax`.
 */
export function plainValue(value: AttributeValue): unknown {
  switch (value.type) {
    case 'array':
      return value.value.map(plainValue);
    case 'kvlist':
      return Object.fromEntries(value.value.map(({ key, value: inner }) => [key, plainValue(inner)]));
    case 'bytes':
      return base64(value.value);
    case 'empty':
      return null;
    case 'double':
      return Number.isFinite(value.value) ? value.value : String(value.value);
    case 'int':
      return typeof value.value === 'bigint' ? String(value.value) : value.value;
    default:
      return value.value;
  }
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}
