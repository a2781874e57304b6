import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { ConfigError } from './config.ts';

/** What `--query.ui-config` puts into the page: `json` the value of a variable, `js` a function that makes it. */
export interface UiConfig {
  readonly kind: 'json' | 'js';
  readonly text: string;
}

/** Changes of the file show after this long at the latest. */
const reloadMilli = 10_000;

/**
 * Reads a configuration file of Jaeger's page.
 *
 * @throws {ConfigError} when it cannot be read, or is neither a JSON object nor a script that defines `UIConfig`
 */
export function readUiConfig(path: string): UiConfig {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`cannot read UI config file ${path}: ${(error as Error).message}`);
  }
  switch (extname(path).toLowerCase()) {
    case '.json':
      return { kind: 'json', text: inlineJson(parseObject(path, text)) };
    case '.js':
      if (!/function\s+UIConfig\s?\(\s?\)\s?\{/.test(text)) {
        throw new ConfigError(`UI config file must define function UIConfig(): ${path}`);
      }
      return { kind: 'js', text: text.trim() };
    default:
      throw new ConfigError(`unrecognized UI config file format, expecting .js or .json file: ${path}`);
  }
}

/** JSON that may stand inside a script of a page: nothing in it can end the script. */
export function inlineJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A configuration file that is read again now and then. What it was stays in force while it cannot be read. */
export class ReloadedUiConfig {
  readonly #path: string;
  readonly #now: () => number;
  readonly #onError: (error: Error) => void;
  #config: UiConfig;
  #readMilli: number;

  /** @throws {ConfigError} as {@link readUiConfig} */
  constructor(path: string, onError: (error: Error) => void, now: () => number = Date.now) {
    this.#path = path;
    this.#onError = onError;
    this.#now = now;
    this.#config = readUiConfig(path);
    this.#readMilli = now();
  }

  get current(): UiConfig {
    if (this.#now() - this.#readMilli >= reloadMilli) {
      this.#readMilli = this.#now();
      try {
        this.#config = readUiConfig(this.#path);
      } catch (error) {
        this.#onError(error as Error);
      }
    }
    return this.#config;
  }
}

function parseObject(path: string, text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ConfigError(`cannot parse UI config file ${path}: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigError(`cannot parse UI config file ${path}: an object is expected`);
  }
  return value;
}
