import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import { ConfigError } from './config-setting.ts';

/**
 * A place in a YAML file that people wrote by hand: what is there, as text, and on which line. Nothing is unfolded that
 * is not asked for, so aliases of aliases cost nothing. Keys come in the file's order, `<<` merged in.
 */
export class YamlNode {
  /** from 1 */
  readonly line: number;
  readonly #file: YamlFile;
  readonly #node: unknown;

  constructor(file: YamlFile, node: unknown, line: number) {
    this.#file = file;
    this.#node = isAlias(node) ? node.resolve(file.document) : node;
    this.line = line;
  }

  get kind(): 'map' | 'list' | 'text' | 'empty' {
    if (isMap(this.#node)) return 'map';
    if (isSeq(this.#node)) return 'list';
    return this.text === undefined ? 'empty' : 'text';
  }

  /** a scalar as it is written, without its quotes; `undefined` for anything else, and for nothing: ``, `~`, `null` */
  get text(): string | undefined {
    if (!isScalar(this.#node)) return undefined;
    const { value } = this.#node;
    const text = typeof value === 'string' ? value : '';
    const isPlain = this.#node.type === 'PLAIN' || this.#node.type === undefined;
    return isPlain && /^(|~|null)$/i.test(text) ? undefined : text;
  }

  /** @throws {ConfigError} when a key is there twice, or is not a text */
  entries(): ReadonlyMap<string, YamlNode> {
    const entries = new Map<string, YamlNode>();
    if (!isMap(this.#node)) return entries;
    const merged: YamlNode[] = [];
    for (const { key, value } of this.#node.items) {
      const line = this.#file.lineOf(key, this.line);
      if (!isScalar(key)) throw new ConfigError(`${this.#file.name}:${line}: a key has to be a name`);
      const name = String(key.value);
      const node = new YamlNode(this.#file, value, line);
      if (name === '<<') merged.push(node);
      else if (entries.has(name)) throw new ConfigError(`${this.#file.name}:${line}: ${name} is there twice`);
      else entries.set(name, node);
    }
    for (const node of merged) node.#mergeInto(entries, this.#node);
    return entries;
  }

  /** What is merged in gives way to what is there. One level: a merge within a merge is not how people write. */
  #mergeInto(entries: Map<string, YamlNode>, into: unknown): void {
    const maps = isSeq(this.#node) ? this.#node.items.map((item) => new YamlNode(this.#file, item, this.line)) : [this];
    for (const map of maps) {
      if (!isMap(map.#node) || map.#node === into) continue;
      for (const { key, value } of map.#node.items) {
        if (!isScalar(key) || key.value === '<<' || entries.has(String(key.value))) continue;
        entries.set(String(key.value), new YamlNode(this.#file, value, this.#file.lineOf(key, this.line)));
      }
    }
  }
}

interface YamlFile {
  readonly name: string;
  readonly document: Document;
  lineOf(node: unknown, otherwise: number): number;
}

/**
 * Reads a YAML file of one document. All scalars stay text: `3200`, `true` and `1h` are what they are written as.
 *
 * @param name  for messages, which begin with `name:line:`
 * @throws {ConfigError} for what is not YAML
 */
export function parseYaml(name: string, text: string): YamlNode {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: 'failsafe',
    // Our own check is linear, and only looks where somebody reads.
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const isTooDeep = error.code === 'RESOURCE_EXHAUSTION' || /call stack/.test(error.message);
    const reason = isTooDeep ? 'it is nested too deeply' : error.message.split('\n', 1)[0];
    throw new ConfigError(`${name}:${lines.linePos(error.pos[0]).line}: ${reason}`);
  }
  const lineOf = (node: unknown, otherwise: number): number => {
    const start = (node as { range?: readonly number[] } | undefined)?.range?.[0];
    return start === undefined ? otherwise : lines.linePos(start).line;
  };
  return new YamlNode({ name, document, lineOf }, document.contents, 1);
}
