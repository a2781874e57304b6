import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError, strongest, time, type Setting } from './config-setting.ts';
import { configOptions, defaultDataDir, type OptionFlag } from './config-option.ts';
import type { LogFormat } from './log.ts';
import { nearestWord } from './nearest-word.ts';
import { readPorts, readReceivers, type PortAddresses, type ReceiverAddresses } from './port-option.ts';
import { parseBytes } from './quantity.ts';
import { readSamplingConfig, type SamplingConfig } from './sampling/sampling-config.ts';

export { ConfigError } from './config-setting.ts';

/** What the program was told, checked and with defaults filled in. */
export interface Config {
  /** absolute */
  readonly dataDir: string;
  readonly retentionAgeMilli: number;
  /** `undefined`: the store's own measure, from what the disk has */
  readonly retentionBytesMax: number | undefined;
  /** `undefined`: loopback, or everywhere inside a container */
  readonly host: string | undefined;
  readonly ports: PortAddresses;
  readonly sampling: SamplingConfig;
  /** empty, or begins with a slash and does not end with one */
  readonly basePath: string;
  /** of a foreign page, absolute; `undefined`: Spoor's own */
  readonly staticFiles: string | undefined;
  /** of the foreign page, absolute */
  readonly uiConfig: string | undefined;
  /** ports of Jaeger's and Zipkin's clients */
  readonly receivers: ReceiverAddresses;
  readonly corsOrigins: readonly string[];
  readonly memoryBytes: number;
  readonly queryWorkerCount: number;
  readonly logFormat: LogFormat;
}

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'serve'; readonly config: Config };

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the command line, then the environment, then defaults. An empty environment variable counts as unset.
 *
 * @throws {ConfigError}
 */
export function readConfig(args: readonly string[], env: Environment): Command {
  const { values, positionals } = parseFlags(args);
  if (values['help'] === true) return { kind: 'help' };
  if (values['version'] === true) return { kind: 'version' };
  if (positionals.length > 0) {
    throw new ConfigError(`'${positionals[0]}' is not an option; spoor takes options only, see spoor --help`);
  }
  const setting = (flag: OptionFlag): Setting => settingOf(flag, values, env);
  return {
    kind: 'serve',
    config: {
      dataDir: resolve(setting('data-dir').text ?? defaultDataDir(env)),
      retentionAgeMilli: time(setting('retention-age'), '14d'),
      retentionBytesMax: optionalBytes(setting('retention-bytes')),
      host: host(setting('host')),
      ports: readPorts(setting),
      sampling: readSamplingConfig(setting),
      basePath: basePath(strongest(setting('base-path'), setting('query.base-path'))),
      staticFiles: path(setting('query.static-files')),
      uiConfig: path(setting('query.ui-config')),
      receivers: readReceivers(setting),
      corsOrigins: origins(setting('cors-origins')),
      memoryBytes: bytes(setting('memory'), '512MiB'),
      queryWorkerCount: count(setting('query-workers'), Math.max(1, availableParallelism() - 1)),
      logFormat: logFormat(setting('log-format')),
    },
  };
}

function parseFlags(args: readonly string[]): {
  values: Record<string, string | boolean | undefined>;
  positionals: string[];
} {
  const options: Record<string, { type: 'string' | 'boolean'; short?: string }> = {
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean', short: 'v' },
  };
  for (const { flag } of configOptions) options[flag] = { type: 'string' };
  refuseUnknownFlags(args, Object.keys(options));
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    return { values: values, positionals };
  } catch (error) {
    // parseArgs explains in several sentences; the first one is the reason.
    throw new ConfigError(`${(error as Error).message.split(/[.\n] ?/, 1)[0]}; see spoor --help`);
  }
}

function refuseUnknownFlags(args: readonly string[], known: readonly string[]): void {
  for (const arg of args) {
    if (arg === '--') return;
    const name = /^--([^=]+)/.exec(arg)?.[1];
    if (name === undefined || known.includes(name)) continue;
    const nearest = nearestWord(name, known);
    const hint = nearest === undefined ? 'see spoor --help' : `did you mean --${nearest}?`;
    throw new ConfigError(`unknown option --${name}; ${hint}`);
  }
}

function settingOf(
  flag: OptionFlag,
  values: Readonly<Record<string, string | boolean | undefined>>,
  env: Environment,
): Setting {
  const given = values[flag];
  if (typeof given === 'string') return { name: `--${flag}`, text: given, origin: 'flag' };
  const option = configOptions.find((one) => one.flag === flag)!;
  if ('olderEnv' in option && !env[option.env] && env[option.olderEnv])
    return { name: option.olderEnv, text: env[option.olderEnv], origin: 'variable' };
  const text = env[option.env] || undefined;
  return { name: option.env, text, origin: text === undefined ? 'default' : 'variable' };
}

function bytes({ name, text }: Setting, otherwise: string): number {
  const value = parseBytes(text ?? otherwise);
  if (value === undefined || value <= 0)
    throw new ConfigError(`${name} must be a size such as 512MiB or 20GiB, not '${text}'`);
  return value;
}

function optionalBytes(setting: Setting): number | undefined {
  return setting.text === undefined ? undefined : bytes(setting, setting.text);
}

function count({ name, text }: Setting, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > 1024) throw new ConfigError(`${name} must be a number from 1 to 1024, not '${text}'`);
  return value;
}

function host({ name, text }: Setting): string | undefined {
  if (text !== undefined && /[\s/]/.test(text))
    throw new ConfigError(`${name} must be an address or a host name, not '${text}'`);
  return text;
}

function path({ text }: Setting): string | undefined {
  return text === undefined ? undefined : resolve(text);
}

function basePath({ name, text }: Setting): string {
  const path = (text ?? '').replace(/\/+$/, '');
  if (path !== '' && !/^(\/[\w.~-]+)+$/.test(path))
    throw new ConfigError(`${name} must be a path such as /spoor, not '${text}'`);
  return path;
}

function origins({ name, text }: Setting): readonly string[] {
  const list = (text ?? '*')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  if (list.length === 1 && list[0] === 'none') return [];
  for (const one of list) {
    if (one !== '*' && !/^[a-z][a-z0-9+.-]*:\/\/[^/\s]+$/i.test(one)) {
      throw new ConfigError(`${name} must list origins such as https://shop.example, *, or none; not '${one}'`);
    }
  }
  return list;
}

function logFormat({ name, text }: Setting): LogFormat {
  if (text !== undefined && text !== 'text' && text !== 'json')
    throw new ConfigError(`${name} must be text or json, not '${text}'`);
  return text ?? 'text';
}
