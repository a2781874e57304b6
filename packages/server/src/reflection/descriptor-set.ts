import { readdir, readFile } from 'node:fs/promises';
import { encodeFileDescriptor, typeKinds } from './file-descriptor.ts';
import { parseProto, type ProtoFile, type ProtoMessage } from './proto-text.ts';

const protosUrl = new URL('../../protos/', import.meta.url);

/** Definitions of the services that the program serves, as descriptors. */
export class DescriptorSet {
  readonly #descriptors = new Map<string, Uint8Array>();
  readonly #imports = new Map<string, readonly string[]>();
  readonly #pathOfSymbol = new Map<string, string>();

  constructor(files: readonly ProtoFile[]) {
    const kinds = typeKinds(files);
    for (const file of files) {
      this.#descriptors.set(file.path, encodeFileDescriptor(file, kinds));
      this.#imports.set(file.path, file.imports);
      for (const symbol of symbolsOf(file)) this.#pathOfSymbol.set(symbol, file.path);
    }
  }

  /** Reads the files in `protos`: some 20 small ones. */
  static async load(): Promise<DescriptorSet> {
    const names = await readdir(protosUrl, { recursive: true });
    const paths = names.filter((name) => name.endsWith('.proto')).map((name) => name.replaceAll('\\', '/'));
    const texts = await Promise.all(paths.map((path) => readFile(new URL(path, protosUrl), 'utf8')));
    return new DescriptorSet(paths.map((path, i) => parseProto(path, texts[i])));
  }

  /** The file that defines a service, method, message or enum. */
  pathOf(symbol: string): string | undefined {
    return this.#pathOfSymbol.get(symbol);
  }

  /** `FileDescriptorProto`s of a file and of all it needs, itself first; `undefined` when there is no such file. */
  withImports(path: string): readonly Uint8Array[] | undefined {
    if (!this.#descriptors.has(path)) return undefined;
    const paths = new Set([path]);
    for (const each of paths) for (const needed of this.#imports.get(each)!) paths.add(needed);
    return [...paths].map((each) => this.#descriptors.get(each)!);
  }
}

function symbolsOf({ packageName, messages, enums, services }: ProtoFile): readonly string[] {
  const symbols = messages.flatMap((message) => messageSymbols(packageName, message));
  for (const each of enums) symbols.push(`${packageName}.${each.name}`);
  for (const { name, methods } of services) {
    symbols.push(`${packageName}.${name}`);
    for (const method of methods) symbols.push(`${packageName}.${name}.${method.name}`);
  }
  return symbols;
}

function messageSymbols(scope: string, { name, messages, enums }: ProtoMessage): readonly string[] {
  const own = `${scope}.${name}`;
  return [
    own,
    ...messages.flatMap((message) => messageSymbols(own, message)),
    ...enums.map((each) => `${own}.${each.name}`),
  ];
}
