import { availableParallelism, totalmem } from 'node:os';
import { resolve } from 'node:path';
import process from 'node:process';
import { parseCommandLine } from './command-line.ts';
import { readConfigFiles } from './config-file.ts';
import { ConfigError, strongest, time, truth, type ConfigNote, type Setting } from './config-setting.ts';
import { configOptions, defaultDataDir, type OptionFlag } from './config-option.ts';
import { checkSpanStorage, readCollectorTags } from './jaeger/jaeger-option.ts';
import type { LogFormat, LogLevel } from './log.ts';
import { flagNotes, isForeignFlag, variableNotes } from './option-notes.ts';
import { readPorts, readReceivers, type PortAddresses, type ReceiverAddresses } from './port-option.ts';
import { parseBytes } from './quantity.ts';
import type { ResourceTag } from './receivers/resource-tags.ts';
import { readSamplingConfig, type SamplingConfig } from './sampling/sampling-config.ts';
import { settingOf, type Environment } from './setting-source.ts';
import type { SpanMetricsSwitch } from './span-metrics/span-metrics-feed.ts';
import { takeTempoFlags } from './tempo/tempo-flag.ts';
import { checkTarget } from './tempo/tempo-target.ts';

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
  /** as `basePath`, of Tempo's API */
  readonly tempoApiPrefix: string;
  /** of a foreign page, absolute; `undefined`: Spoor's own */
  readonly staticFiles: string | undefined;
  /** of the foreign page, absolute */
  readonly uiConfig: string | undefined;
  /** ports of Jaeger's and Zipkin's clients */
  readonly receivers: ReceiverAddresses;
  readonly corsOrigins: readonly string[];
  /** for the resource of every span */
  readonly resourceTags: readonly ResourceTag[];
  readonly memoryBytes: number;
  /** decoded blocks that queries keep, of all workers together */
  readonly queryCacheBytes: number;
  readonly queryWorkerCount: number;
  /** whether `/metrics` counts spans; `auto`: while somebody scrapes it */
  readonly spanMetrics: SpanMetricsSwitch;
  readonly logFormat: LogFormat;
  /** nothing that matters less is written */
  readonly logLevel: LogLevel;
}

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'serve'; readonly config: Config; readonly notes: readonly ConfigNote[] }
  /** `problem`: why it would not start */
  | { readonly kind: 'verify'; readonly problem: string | undefined; readonly notes: readonly ConfigNote[] };

/**
 * Reads the command line, then the environment, then the file that they name, then defaults. An empty environment
 * variable counts as unset.
 *
 * @throws {ConfigError}
 */
export function readConfig(args: readonly string[], env: Environment): Command {
  const line = parseCommandLine(args, configOptions, isForeignFlag);
  if (line.isHelp) return { kind: 'help' };
  if (line.isVersion) return { kind: 'version' };
  const variables = variableNotes(env);
  const given = { flags: line.values, env, file: new Map<OptionFlag, Setting>() };
  const serve = (): Extract<Command, { kind: 'serve' }> => {
    const { values: flags, foreign } = takeTempoFlags(line);
    const file = readConfigFiles((flag) => settingOf(given, flag), env);
    const config = configOf((flag) => settingOf({ flags, env, file: file.settings }, flag), env);
    return { kind: 'serve', config, notes: [...flagNotes(foreign), ...variables, ...file.notes] };
  };
  if (!truth(settingOf(given, 'config.verify'), false)) return serve();
  try {
    return { ...serve(), kind: 'verify', problem: undefined };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { kind: 'verify', problem: error.message, notes: variables };
  }
}

type SettingOf = (flag: OptionFlag) => Setting;

/** @throws {ConfigError} */
function configOf(setting: SettingOf, env: Environment): Config {
  const target = setting('target');
  checkTarget(target.name, target.text ?? 'all');
  checkSpanStorage(setting('span-storage.type'));
  return {
    dataDir: resolve(strongest(setting('data-dir'), setting('badger.directory-value')).text ?? defaultDataDir(env)),
    retentionAgeMilli: time(strongest(setting('retention-age'), setting('badger.span-store-ttl')), '14d'),
    retentionBytesMax: optionalBytes(setting('retention-bytes')),
    host: host(setting('host')),
    ports: readPorts(setting, setting('collector.otlp.enabled')),
    sampling: readSamplingConfig(setting),
    basePath: basePath(strongest(setting('base-path'), setting('query.base-path'))),
    tempoApiPrefix: basePath(setting('tempo-api-prefix')),
    staticFiles: path(setting('query.static-files')),
    uiConfig: path(setting('query.ui-config')),
    receivers: readReceivers(setting),
    corsOrigins: origins(setting('cors-origins')),
    resourceTags: readCollectorTags(setting('collector.tags'), env),
    memoryBytes: bytes(setting('memory'), '512MiB'),
    queryCacheBytes: optionalBytes(setting('query-cache')) ?? defaultQueryCacheBytes(machineMemoryBytes()),
    queryWorkerCount: count(setting('query-workers'), Math.max(1, availableParallelism() - 1)),
    spanMetrics: spanMetricsSwitch(setting('span-metrics')),
    logFormat: logFormat(setting('log-format')),
    logLevel: logLevel(setting('log-level')),
  };
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

/** A sixteenth of the memory: 10 million spans, as they are asked for most often, take half a gigabyte decoded. */
export function defaultQueryCacheBytes(memoryBytes: number): number {
  return Math.min(2 ** 30, Math.max(128 * 2 ** 20, Math.floor(memoryBytes / 16)));
}

/** What the machine has, or what the container may use of it. */
function machineMemoryBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
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

function spanMetricsSwitch({ name, text = 'auto' }: Setting): SpanMetricsSwitch {
  if (text !== 'on' && text !== 'auto' && text !== 'off')
    throw new ConfigError(`${name} must be on, auto or off, not '${text}'`);
  return text;
}

function logFormat({ name, text }: Setting): LogFormat {
  if (text !== undefined && text !== 'text' && text !== 'json')
    throw new ConfigError(`${name} must be text or json, not '${text}'`);
  return text ?? 'text';
}

/** Levels of Jaeger and Tempo; what we have no line of is the next that we have. @throws {ConfigError} */
function logLevel({ name, text = 'info' }: Setting): LogLevel {
  const level = text.toLowerCase();
  if (level === 'debug' || level === 'info') return 'info';
  if (level === 'warn' || level === 'warning') return 'warn';
  if (['error', 'dpanic', 'panic', 'fatal'].includes(level)) return 'error';
  // A name that many programs share: what it says may be for another one.
  if (name === 'LOG_LEVEL') return 'info';
  throw new ConfigError(`${name} must be debug, info, warn or error, not '${text}'`);
}
