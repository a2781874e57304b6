import { parseGoDuration } from './jaeger/go-duration.ts';
import { parseTime } from './quantity.ts';

/** A setting that cannot be understood. The message is one line and says what would be right. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigError';
  }
}

export interface Setting {
  /** as the user knows it: `--host` or `SPOOR_HOST` */
  readonly name: string;
  readonly text: string | undefined;
  readonly origin: SettingOrigin;
}

/** Where a setting comes from, the strongest first. */
const settingOrigins = Object.freeze(['flag', 'variable', 'file', 'default'] as const);
export type SettingOrigin = (typeof settingOrigins)[number];

/** Something the user should hear of, that keeps nothing from running. */
export interface ConfigNote {
  readonly level: 'info' | 'warn';
  /** about a name that nobody knows, and that may be misspelt */
  readonly isUnknown: boolean;
  readonly message: string;
}

/** Of several names for one thing the one that counts: a flag wins over a variable, whatever their names. */
export function strongest(...settings: readonly [Setting, ...Setting[]]): Setting {
  return settings.reduce((best, one) => (isStronger(one, best) ? one : best));
}

/** Comes from a stronger place: two of one place are equals. */
export function isStronger(one: Setting, other: Setting): boolean {
  return settingOrigins.indexOf(one.origin) < settingOrigins.indexOf(other.origin);
}

/** A time in our words or, as Jaeger and Tempo have them, in Go's. @returns milliseconds @throws {ConfigError} */
export function time({ name, text }: Setting, otherwise: string): number {
  const value = parseTime(text ?? otherwise) ?? goDurationMilli(text ?? otherwise);
  if (value === undefined || value <= 0)
    throw new ConfigError(`${name} must be a time such as 36h or 14d, not '${text}'`);
  return value;
}

/** A number within bounds, both included. @throws {ConfigError} */
export function decimal({ name, text }: Setting, otherwise: number, min: number, max: number): number {
  if (text === undefined) return otherwise;
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw new ConfigError(`${name} must be a number from ${min} to ${max}, not '${text}'`);
  }
  return value;
}

/** `1m30s`, `336h0m0s`, `0`; `undefined` for anything else. */
export function goDurationMilli(text: string): number | undefined {
  try {
    return parseGoDuration(text) / 1e6;
  } catch {
    return undefined;
  }
}

/** `true` and `false` in Go's spellings. @throws {ConfigError} */
export function truth({ name, text }: Setting, otherwise: boolean): boolean {
  if (text === undefined) return otherwise;
  if (/^(1|t|true)$/i.test(text)) return true;
  if (/^(0|f|false)$/i.test(text)) return false;
  throw new ConfigError(`${name} must be true or false, not '${text}'`);
}
