import { ConfigError, type ConfigNote, type Setting } from './config-setting.ts';
import type { OptionFlag } from './config-option.ts';
import type { YamlNode } from './yaml-node.ts';

/** What a file says, in the words of our own options. */
export interface FileConfig {
  readonly settings: ReadonlyMap<OptionFlag, Setting>;
  readonly notes: readonly ConfigNote[];
}

/** Collects what a file says while it is read. */
export class FileReading {
  readonly name: string;
  readonly settings = new Map<OptionFlag, Setting>();
  readonly notes: ConfigNote[] = [];
  /** keys that have no part here */
  readonly needless: string[] = [];
  unknownCount = 0;
  keyCount = 0;
  readonly #ignored = new Set<string>();

  constructor(name: string) {
    this.name = name;
  }

  /** @param key  as the file has it, for messages about the value */
  set(flag: OptionFlag, text: string, line: number, key: string): void {
    this.settings.set(flag, { name: `${this.name}:${line}: ${key}`, text, origin: 'file' });
  }

  warn(line: number, message: string, isUnknown = false): void {
    this.notes.push({ level: 'warn', isUnknown, message: `${this.name}:${line}: ${message}` });
  }

  /** Takes over what is noted of an option, whatever it was given by. */
  note(line: number, note: ConfigNote | undefined): void {
    if (note !== undefined) this.notes.push({ ...note, message: `${this.name}:${line}: ${note.message}` });
  }

  /** Says that nothing comes of a key and of those below it. */
  warnOnce(line: number, key: string, why: string): void {
    if (this.#ignored.has(key)) return;
    this.#ignored.add(key);
    this.warn(line, `${key} has no effect: ${why}`);
  }

  /** @throws {ConfigError} unless there is a word, or nothing at all */
  text(node: YamlNode, key: string): string | undefined {
    if (node.kind !== 'map' && node.kind !== 'list') return node.text;
    throw new ConfigError(`${this.name}:${node.line}: ${key} must be a word or a number`);
  }
}
