/*
 * Test only: writes Thrift values, in either protocol, from a tree that says their types.
 */

export type ThriftValue =
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'byte' | 'i16' | 'i32'; readonly value: number }
  | { readonly type: 'i64'; readonly value: bigint }
  | { readonly type: 'double'; readonly value: number }
  | { readonly type: 'binary'; readonly value: Uint8Array }
  | { readonly type: 'struct'; readonly fields: readonly (readonly [id: number, value: ThriftValue])[] }
  | { readonly type: 'list' | 'set'; readonly of: ThriftValue['type']; readonly values: readonly ThriftValue[] }
  | { readonly type: 'map'; readonly entries: readonly (readonly [key: ThriftValue, value: ThriftValue])[] };

export type ThriftProtocol = 'binary' | 'compact';

export const i32 = (value: number): ThriftValue => ({ type: 'i32', value });
export const i64 = (value: bigint | number): ThriftValue => ({ type: 'i64', value: BigInt.asIntN(64, BigInt(value)) });
export const bool = (value: boolean): ThriftValue => ({ type: 'bool', value });
export const double = (value: number): ThriftValue => ({ type: 'double', value });
export const text = (value: string): ThriftValue => ({ type: 'binary', value: new TextEncoder().encode(value) });
export const bytes = (...value: readonly number[]): ThriftValue => ({ type: 'binary', value: Uint8Array.from(value) });
export const struct = (fields: Readonly<Record<number, ThriftValue | undefined>>): ThriftValue => ({
  type: 'struct',
  fields: Object.entries(fields).flatMap(([id, value]) => (value === undefined ? [] : [[Number(id), value] as const])),
});
/** Fields in the order given, which an object does not keep. */
export const structInOrder = (...fields: readonly (readonly [number, ThriftValue])[]): ThriftValue => ({
  type: 'struct',
  fields,
});
export const structs = (...values: readonly ThriftValue[]): ThriftValue => ({ type: 'list', of: 'struct', values });

const binaryTypes = {
  bool: 2,
  byte: 3,
  double: 4,
  i16: 6,
  i32: 8,
  i64: 10,
  binary: 11,
  struct: 12,
  map: 13,
  set: 14,
  list: 15,
} as const;
const compactTypes = {
  bool: 1,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  map: 11,
  struct: 12,
} as const;

/** The bytes of a value without anything around it. */
export function encodeThrift(protocol: ThriftProtocol, value: ThriftValue): Uint8Array {
  const out: number[] = [];
  if (protocol === 'binary') writeBinary(out, value);
  else writeCompact(out, value);
  return Uint8Array.from(out);
}

export interface MessageOptions {
  /** 1 is CALL, 4 is ONEWAY */
  readonly type?: number;
  /** the binary envelope without a version */
  readonly isOld?: boolean;
}

/** A message with one struct of arguments. */
export function encodeMessage(
  protocol: ThriftProtocol,
  name: string,
  args: ThriftValue,
  { type = 4, isOld = false }: MessageOptions = {},
): Uint8Array {
  const out: number[] = [];
  const nameBytes = new TextEncoder().encode(name);
  if (protocol === 'compact') {
    out.push(0x82, (type << 5) | 1);
    varint(out, 300n);
    varint(out, BigInt(nameBytes.length));
    out.push(...nameBytes);
  } else if (isOld) {
    bigEndian(out, BigInt(nameBytes.length), 4);
    out.push(...nameBytes, type, 0, 0, 0, 7);
  } else {
    out.push(0x80, 1, 0, type);
    bigEndian(out, BigInt(nameBytes.length), 4);
    out.push(...nameBytes, 0, 0, 0, 7);
  }
  return Uint8Array.from([...out, ...encodeThrift(protocol, args)]);
}

function writeBinary(out: number[], value: ThriftValue): void {
  switch (value.type) {
    case 'bool':
      out.push(value.value ? 1 : 0);
      return;
    case 'byte':
      return bigEndian(out, BigInt(value.value), 1);
    case 'i16':
      return bigEndian(out, BigInt(value.value), 2);
    case 'i32':
      return bigEndian(out, BigInt(value.value), 4);
    case 'i64':
      return bigEndian(out, value.value, 8);
    case 'double':
      out.push(...doubleBytes(value.value).toReversed());
      return;
    case 'binary':
      bigEndian(out, BigInt(value.value.length), 4);
      out.push(...value.value);
      return;
    case 'struct':
      for (const [id, field] of value.fields) {
        out.push(binaryTypes[field.type]);
        bigEndian(out, BigInt(id), 2);
        writeBinary(out, field);
      }
      out.push(0);
      return;
    case 'list':
    case 'set':
      out.push(binaryTypes[value.of]);
      bigEndian(out, BigInt(value.values.length), 4);
      for (const element of value.values) writeBinary(out, element);
      return;
    case 'map':
      out.push(binaryTypes[value.entries[0]?.[0].type ?? 'bool'], binaryTypes[value.entries[0]?.[1].type ?? 'bool']);
      bigEndian(out, BigInt(value.entries.length), 4);
      for (const entry of value.entries) for (const one of entry) writeBinary(out, one);
  }
}

function writeCompact(out: number[], value: ThriftValue): void {
  switch (value.type) {
    case 'bool':
      out.push(value.value ? 1 : 2);
      return;
    case 'byte':
      out.push(value.value & 0xff);
      return;
    case 'i16':
    case 'i32':
    case 'i64':
      return varint(out, zigzag(BigInt(value.value)));
    case 'double':
      out.push(...doubleBytes(value.value));
      return;
    case 'binary':
      varint(out, BigInt(value.value.length));
      out.push(...value.value);
      return;
    case 'struct':
      return writeCompactStruct(out, value.fields);
    case 'list':
    case 'set': {
      const { length } = value.values;
      out.push((Math.min(length, 15) << 4) | compactTypes[value.of]);
      if (length >= 15) varint(out, BigInt(length));
      for (const element of value.values) writeCompact(out, element);
      return;
    }
    case 'map':
      varint(out, BigInt(value.entries.length));
      if (value.entries.length === 0) return;
      out.push((compactTypes[value.entries[0][0].type] << 4) | compactTypes[value.entries[0][1].type]);
      for (const entry of value.entries) for (const one of entry) writeCompact(out, one);
  }
}

function writeCompactStruct(out: number[], fields: readonly (readonly [number, ThriftValue])[]): void {
  let last = 0;
  for (const [id, field] of fields) {
    const type = field.type === 'bool' ? (field.value ? 1 : 2) : compactTypes[field.type];
    const delta = id - last;
    if (delta > 0 && delta < 16) out.push((delta << 4) | type);
    else {
      out.push(type);
      varint(out, zigzag(BigInt(id)));
    }
    last = id;
    if (field.type !== 'bool') writeCompact(out, field);
  }
  out.push(0);
}

function zigzag(value: bigint): bigint {
  return BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
}

function varint(out: number[], value: bigint): void {
  let rest = value;
  while (rest >= 128n) {
    out.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  out.push(Number(rest));
}

function bigEndian(out: number[], value: bigint, count: number): void {
  for (let i = count - 1; i >= 0; i--) out.push(Number((value >> BigInt(8 * i)) & 0xffn));
}

/** Little-endian. */
function doubleBytes(value: number): number[] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value, true);
  return [...new Uint8Array(view.buffer)];
}
