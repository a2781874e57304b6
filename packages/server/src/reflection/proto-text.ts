import assert from 'node:assert';

/*
 * The part of the .proto language that the files in `protos` are written in: proto3 messages, enums, oneofs, maps and
 * services, without options. The files are ours: what is not understood is a bug.
 * Source: protobuf.dev, Protocol Buffers Language Specification (proto3).
 */

export interface ProtoField {
  readonly name: string;
  readonly number: number;
  /** as written, `string` or `TraceQueryParameters` */
  readonly type: string;
  readonly isRepeated: boolean;
  /** of a map: the type of its keys; `type` is that of its values */
  readonly keyType: string | undefined;
  /** index into the message's oneofs */
  readonly oneof: number | undefined;
}

export interface ProtoMessage {
  readonly name: string;
  readonly fields: readonly ProtoField[];
  readonly messages: readonly ProtoMessage[];
  readonly enums: readonly ProtoEnum[];
  readonly oneofs: readonly string[];
}

export interface ProtoEnum {
  readonly name: string;
  readonly values: readonly (readonly [name: string, number: number])[];
}

export interface ProtoMethod {
  readonly name: string;
  readonly input: string;
  readonly output: string;
  readonly isClientStream: boolean;
  readonly isServerStream: boolean;
}

export interface ProtoService {
  readonly name: string;
  readonly methods: readonly ProtoMethod[];
}

export interface ProtoFile {
  /** as imports have it */
  readonly path: string;
  readonly packageName: string;
  readonly imports: readonly string[];
  readonly messages: readonly ProtoMessage[];
  readonly enums: readonly ProtoEnum[];
  readonly services: readonly ProtoService[];
}

export function parseProto(path: string, text: string): ProtoFile {
  const words = new Words(path, text);
  const imports: string[] = [];
  const messages: ProtoMessage[] = [];
  const enums: ProtoEnum[] = [];
  const services: ProtoService[] = [];
  let packageName = '';
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word === 'syntax') words.expect('=', '"proto3"', ';');
    else if (word === 'package') packageName = words.statement();
    else if (word === 'import') imports.push(words.statement().slice(1, -1));
    else if (word === 'message') messages.push(parseMessage(words));
    else if (word === 'enum') enums.push(parseEnum(words));
    else if (word === 'service') services.push(parseService(words));
    else words.fail(word);
  }
  return { path, packageName, imports, messages, enums, services };
}

function parseMessage(words: Words): ProtoMessage {
  const name = words.take();
  const fields: ProtoField[] = [];
  const messages: ProtoMessage[] = [];
  const enums: ProtoEnum[] = [];
  const oneofs: string[] = [];
  let oneof: number | undefined;
  words.expect('{');
  for (let word = words.take(); word !== '}' || oneof !== undefined; word = words.take()) {
    if (word === '}') oneof = undefined;
    else if (word === 'message') messages.push(parseMessage(words));
    else if (word === 'enum') enums.push(parseEnum(words));
    else if (word === 'oneof') {
      oneof = oneofs.push(words.take()) - 1;
      words.expect('{');
    } else fields.push(parseField(words, word, oneof));
  }
  return { name, fields, messages, enums, oneofs };
}

function parseField(words: Words, first: string, oneof: number | undefined): ProtoField {
  const isRepeated = first === 'repeated' || first === 'map';
  let type = first === 'repeated' ? words.take() : first;
  let keyType: string | undefined;
  if (first === 'map') {
    words.expect('<');
    keyType = words.take();
    words.expect(',');
    type = words.take();
    words.expect('>');
  }
  const name = words.take();
  words.expect('=');
  return { name, number: Number(words.statement()), type, isRepeated, keyType, oneof };
}

function parseEnum(words: Words): ProtoEnum {
  const name = words.take();
  const values: [string, number][] = [];
  words.expect('{');
  for (let word = words.take(); word !== '}'; word = words.take()) {
    words.expect('=');
    values.push([word, Number(words.statement())]);
  }
  return { name, values };
}

function parseService(words: Words): ProtoService {
  const name = words.take();
  const methods: ProtoMethod[] = [];
  words.expect('{');
  for (let word = words.take(); word !== '}'; word = words.take()) {
    if (word !== 'rpc') words.fail(word);
    const method = words.take();
    const [input, isClientStream] = parseMethodType(words);
    words.expect('returns');
    const [output, isServerStream] = parseMethodType(words);
    if (words.take() === '{') words.expect('}');
    methods.push({ name: method, input, output, isClientStream, isServerStream });
  }
  return { name, methods };
}

function parseMethodType(words: Words): [type: string, isStream: boolean] {
  words.expect('(');
  const first = words.take();
  const type = first === 'stream' ? words.take() : first;
  words.expect(')');
  return [type, first === 'stream'];
}

class Words {
  readonly #path: string;
  readonly #words: IterableIterator<RegExpExecArray>;

  constructor(path: string, text: string) {
    this.#path = path;
    this.#words = text.replaceAll(/\/\/.*/g, '').matchAll(/"[^"]*"|[\w.]+|\S/g);
  }

  /** `undefined` at the end of the file */
  next(): string | undefined {
    return (this.#words.next().value as RegExpExecArray | undefined)?.[0];
  }

  take(): string {
    return this.next() ?? this.fail('its end');
  }

  /** One word and the semicolon after it. */
  statement(): string {
    const word = this.take();
    this.expect(';');
    return word;
  }

  expect(...words: readonly string[]): void {
    for (const word of words) {
      const found = this.take();
      if (found !== word) this.fail(found);
    }
  }

  fail(found: string): never {
    assert.fail(`${this.#path} cannot be understood at ${found}`);
  }
}
