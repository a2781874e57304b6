/**
 * An attribute's value, as OTLP's `AnyValue` has it. `int` is a `number` when it is a safe integer and a
 * `bigint` otherwise, so that nothing is rounded. `empty` is an `AnyValue` with no field set.
 */
export type AttributeValue =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int'; readonly value: number | bigint }
  | { readonly type: 'double'; readonly value: number }
  | { readonly type: 'bytes'; readonly value: Uint8Array }
  | { readonly type: 'array'; readonly value: readonly AttributeValue[] }
  | { readonly type: 'kvlist'; readonly value: readonly Attribute[] }
  | { readonly type: 'empty' };

/** One key and its value. A list of attributes keeps the order, and any repeated key, as received. */
export interface Attribute {
  readonly key: string;
  readonly value: AttributeValue;
}

/**
 * How a value is held in columns. The numbers are written to disk and never reused.
 * `code` columns hold string-table codes, the others the number itself.
 */
export const ValueType = Object.freeze({
  /** `AnyValue` with no field set; the column holds 0. */
  empty: 0,
  /** code of the UTF-8 bytes, as received */
  string: 1,
  /** 0 or 1 */
  bool: 2,
  /** an integer within ±(2^53−1) */
  int: 3,
  /** IEEE 754 */
  double: 4,
  /** code of the bytes */
  bytes: 5,
  /** code of a protobuf `ArrayValue` body, as received */
  array: 6,
  /** code of a protobuf `KeyValueList` body, as received */
  kvlist: 7,
  /** code of 8 little-endian two's complement bytes: an integer outside ±(2^53−1) */
  bigInt: 8,
});
export type ValueType = (typeof ValueType)[keyof typeof ValueType];

/** True when a column of this type holds string-table codes. */
export function isCoded(type: ValueType): boolean {
  return type === ValueType.string || type >= ValueType.bytes;
}
