/**
 * What protobuf says of a message's fields, as data: the same table writes a plain object as protobuf and as JSON, and
 * reads it from protobuf, so the forms cannot come apart and no field gets out that is not in a table.
 */
export type Schema = Readonly<Record<string, Field>>;

export interface Field {
  readonly number: number;
  readonly type: FieldType | Schema;
  /** `map`: keys are strings, values of `type`; absent: one value */
  readonly form: 'one' | 'repeated' | 'map';
}

/**
 * Values are a `number` for `uint32` and `double`, `bigint` for 64-bit integers, an `Attribute` for `keyValue`, the name
 * for `partialStatus`.
 */
export type FieldType = 'string' | 'bool' | 'uint32' | 'uint64' | 'int64' | 'double' | 'keyValue' | 'partialStatus';

/** A table that has exactly the fields of `T`. */
export type SchemaOf<T> = { readonly [K in keyof T]-?: Field };

export function one(number: number, type: FieldType | Schema): Field {
  return { number, type, form: 'one' };
}
export function repeated(number: number, type: FieldType | Schema): Field {
  return { number, type, form: 'repeated' };
}
export function map(number: number, type: FieldType | Schema): Field {
  return { number, type, form: 'map' };
}

/** The field's value in a message; `undefined` when it is left out. */
export function fieldValue(message: object, name: string): unknown {
  return (message as Readonly<Record<string, unknown>>)[name];
}

/** A value that protobuf and its JSON leave out of a field that is not repeated. */
export function isDefault(type: FieldType | Schema, value: unknown): boolean {
  if (typeof type !== 'string') return value === undefined;
  return value === undefined || value === '' || value === 0 || value === 0n || value === false || value === 'COMPLETE';
}
