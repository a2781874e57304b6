import { ProtobufWriter } from '@spoor/model';
import type { ProtoEnum, ProtoField, ProtoFile, ProtoMessage, ProtoService } from './proto-text.ts';

/** Full names of the messages and enums of some files, with a dot in front: `.jaeger.api_v2.Span`. */
export type TypeKinds = ReadonlyMap<string, 'message' | 'enum'>;

export function typeKinds(files: readonly ProtoFile[]): TypeKinds {
  const kinds = new Map<string, 'message' | 'enum'>();
  const add = (scope: string, { name, messages, enums }: ProtoMessage): void => {
    kinds.set(`${scope}.${name}`, 'message');
    for (const inner of messages) add(`${scope}.${name}`, inner);
    for (const inner of enums) kinds.set(`${scope}.${name}.${inner.name}`, 'enum');
  };
  for (const { packageName, messages, enums } of files) {
    for (const message of messages) add(`.${packageName}`, message);
    for (const each of enums) kinds.set(`.${packageName}.${each.name}`, 'enum');
  }
  return kinds;
}

/**
 * A `FileDescriptorProto`.
 *
 *    1 name  string   2 package  string   3 dependency  string[]   4 message_type[]   5 enum_type[]   6 service[]   12 syntax
 *
 * Source: google/protobuf/descriptor.proto.
 */
export function encodeFileDescriptor(file: ProtoFile, kinds: TypeKinds): Uint8Array {
  const writer = new ProtobufWriter(4096);
  const scope = `.${file.packageName}`;
  writer.stringField(1, file.path);
  writer.stringField(2, file.packageName);
  for (const path of file.imports) writer.stringField(3, path);
  for (const message of file.messages) writeMessage(writer, 4, message, scope, kinds);
  for (const each of file.enums) writeEnum(writer, 5, each);
  for (const service of file.services) writeService(writer, service, scope, kinds);
  writer.stringField(12, 'proto3');
  return writer.finish();
}

/**
 *    DescriptorProto:  1 name   2 field[]   3 nested_type[]   4 enum_type[]   7 options   8 oneof_decl[]:  1 name
 */
function writeMessage(
  writer: ProtobufWriter,
  place: number,
  { name, fields, messages, enums, oneofs }: ProtoMessage,
  outer: string,
  kinds: TypeKinds,
): void {
  const scope = `${outer}.${name}`;
  const start = writer.begin(place);
  writer.stringField(1, name);
  for (const field of fields) writeField(writer, field, scope, kinds);
  for (const message of messages) writeMessage(writer, 3, message, scope, kinds);
  for (const field of fields) if (field.keyType !== undefined) writeMapEntry(writer, field, scope, kinds);
  for (const each of enums) writeEnum(writer, 4, each);
  for (const oneof of oneofs) {
    const declaration = writer.begin(8);
    writer.stringField(1, oneof);
    writer.end(declaration);
  }
  writer.end(start);
}

/** A map is a list of a nested message of this name, whose options say so:  7 map_entry  bool. */
function writeMapEntry(writer: ProtobufWriter, field: ProtoField, scope: string, kinds: TypeKinds): void {
  const start = writer.begin(3);
  const plain = { isRepeated: false, keyType: undefined, oneof: undefined };
  writer.stringField(1, entryName(field));
  writeField(writer, { ...plain, name: 'key', number: 1, type: field.keyType! }, scope, kinds);
  writeField(writer, { ...plain, name: 'value', number: 2, type: field.type }, scope, kinds);
  const options = writer.begin(7);
  writer.varintField(7, 1);
  writer.end(options);
  writer.end(start);
}

function entryName({ name }: ProtoField): string {
  return `${name.replaceAll(/(?:^|_)(\w)/g, (_match, letter: string) => letter.toUpperCase())}Entry`;
}

const label = Object.freeze({ optional: 1, repeated: 3 });

/** `FieldDescriptorProto.Type`. */
const fieldTypes: Readonly<Record<string, number>> = {
  double: 1,
  float: 2,
  int64: 3,
  uint64: 4,
  int32: 5,
  fixed64: 6,
  fixed32: 7,
  bool: 8,
  string: 9,
  message: 11,
  bytes: 12,
  uint32: 13,
  enum: 14,
  sfixed32: 15,
  sfixed64: 16,
  sint32: 17,
  sint64: 18,
};

/**
 *    FieldDescriptorProto:  1 name   3 number  int32   4 label  enum   5 type  enum   6 type_name   9 oneof_index   10 json_name
 */
function writeField(writer: ProtobufWriter, field: ProtoField, scope: string, kinds: TypeKinds): void {
  const start = writer.begin(2);
  writer.stringField(1, field.name);
  writer.varintField(3, field.number);
  writer.varintField(4, field.isRepeated ? label.repeated : label.optional);
  const scalar = field.keyType === undefined ? fieldTypes[field.type] : undefined;
  if (scalar === undefined) {
    const name = field.keyType === undefined ? resolve(field.type, scope, kinds) : `${scope}.${entryName(field)}`;
    writer.varintField(5, fieldTypes[kinds.get(name) ?? 'message']);
    writer.stringField(6, name);
  } else writer.varintField(5, scalar);
  if (field.oneof !== undefined) writer.varintField(9, field.oneof);
  writer.stringField(
    10,
    field.name.replaceAll(/_(\w)/g, (_match, letter: string) => letter.toUpperCase()),
  );
  writer.end(start);
}

/** A name means what is nearest: looked for in its own scope first, then in those around it. */
function resolve(type: string, scope: string, kinds: TypeKinds): string {
  for (let outer = scope; ; outer = outer.slice(0, outer.lastIndexOf('.'))) {
    const name = `${outer}.${type}`;
    if (kinds.has(name)) return name;
    if (outer === '') throw new Error(`${scope} names a type that is in no file: ${type}`);
  }
}

/** `EnumDescriptorProto`:  1 name   2 value[]:  1 name   2 number */
function writeEnum(writer: ProtobufWriter, place: number, { name, values }: ProtoEnum): void {
  const start = writer.begin(place);
  writer.stringField(1, name);
  for (const [text, number] of values) {
    const value = writer.begin(2);
    writer.stringField(1, text);
    writer.varintField(2, number);
    writer.end(value);
  }
  writer.end(start);
}

/**
 *    ServiceDescriptorProto:  1 name   2 method[]:  1 name   2 input_type    5 client_streaming  bool
 *                                                            3 output_type   6 server_streaming  bool
 */
function writeService(writer: ProtobufWriter, { name, methods }: ProtoService, scope: string, kinds: TypeKinds): void {
  const start = writer.begin(6);
  writer.stringField(1, name);
  for (const { name: own, input, output, isClientStream, isServerStream } of methods) {
    const method = writer.begin(2);
    writer.stringField(1, own);
    writer.stringField(2, resolve(input, scope, kinds));
    writer.stringField(3, resolve(output, scope, kinds));
    if (isClientStream) writer.varintField(5, 1);
    if (isServerStream) writer.varintField(6, 1);
    writer.end(method);
  }
  writer.end(start);
}
