import { userInfo } from 'node:os';
import { join } from 'node:path';
import { jaegerOptions } from './jaeger/jaeger-option.ts';
import { portOptions, receiverOptions } from './port-option.ts';
import { samplingOptions } from './sampling/sampling-option.ts';

/** One thing that can be set: on the command line, in the environment, or left at its default. */
export interface ConfigOption {
  /** without the leading `--` */
  readonly flag: string;
  readonly env: string;
  /** a former name of the variable, still read */
  readonly olderEnv?: string;
  /** its name alone, without a value, means true */
  readonly isSwitch?: boolean;
  readonly placeholder: string;
  readonly group: OptionGroup;
  readonly help: string;
  /** as help shows it; `undefined` when the help text says it */
  readonly defaultText: string | undefined;
}

export const optionGroups = Object.freeze([
  'Data',
  'Addresses',
  'Other clients',
  'Page',
  'Sampling',
  'Resources',
  'Output',
  'Configuration file',
] as const);
export type OptionGroup = (typeof optionGroups)[number];

/** Every option once; `config.ts` reads it, `--help` prints it, and a test holds the documentation equal to it. */
export const configOptions = Object.freeze([
  {
    flag: 'config.file',
    env: 'SPOOR_CONFIG_FILE',
    placeholder: 'FILE',
    group: 'Configuration file',
    help: "Tempo's configuration, YAML of Tempo 2 or 3; listens on all interfaces, at the receivers it lists",
    defaultText: 'none',
  },
  {
    flag: 'config.expand-env',
    env: 'SPOOR_CONFIG_EXPAND_ENV',
    placeholder: 'BOOL',
    isSwitch: true,
    group: 'Configuration file',
    help: 'replace ${VAR} and ${VAR:-default} in that file',
    defaultText: 'false',
  },
  {
    flag: 'config.verify',
    env: 'SPOOR_CONFIG_VERIFY',
    placeholder: 'BOOL',
    isSwitch: true,
    group: 'Configuration file',
    help: 'check file, options and variables, say what is wrong, and exit with 0 or 1',
    defaultText: 'false',
  },
  {
    flag: 'target',
    env: 'SPOOR_TARGET',
    placeholder: 'TARGET',
    group: 'Configuration file',
    help: "as Tempo's: all, since Spoor is one process",
    defaultText: 'all',
  },
  {
    flag: 'data-dir',
    env: 'SPOOR_DATA_DIR',
    placeholder: 'DIR',
    group: 'Data',
    help: 'where traces are kept; created when absent',
    defaultText: '~/.local/share/spoor',
  },
  {
    flag: 'retention-age',
    env: 'SPOOR_RETENTION_AGE',
    placeholder: 'TIME',
    group: 'Data',
    help: 'forget traces older than this (36h, 7d, 4w)',
    defaultText: '14d',
  },
  {
    flag: 'retention-bytes',
    env: 'SPOOR_RETENTION_BYTES',
    placeholder: 'SIZE',
    group: 'Data',
    help: 'forget the oldest traces past this size on disk (500MiB, 50GiB)',
    defaultText: '50GB or 80 % of the disk',
  },
  {
    flag: 'host',
    env: 'SPOOR_HOST',
    placeholder: 'ADDRESS',
    group: 'Addresses',
    help: 'address to listen on, 0.0.0.0 or :: for all; there is no login, so by default only this machine can connect (in a container: everyone)',
    defaultText: 'localhost',
  },
  ...portOptions,
  {
    flag: 'base-path',
    env: 'SPOOR_BASE_PATH',
    placeholder: 'PATH',
    group: 'Addresses',
    help: 'prefix of all paths on the Jaeger port, when a proxy puts one there',
    defaultText: '/',
  },
  {
    flag: 'tempo-api-prefix',
    env: 'SPOOR_TEMPO_API_PREFIX',
    placeholder: 'PATH',
    group: 'Addresses',
    help: "prefix of the /api paths on Tempo's port, as its http_api_prefix",
    defaultText: '/',
  },
  {
    flag: 'cors-origins',
    env: 'SPOOR_CORS_ORIGINS',
    placeholder: 'LIST',
    group: 'Addresses',
    help: 'web origins that may send OTLP over HTTP, comma-separated; * is all, none switches it off',
    defaultText: '*',
  },
  ...receiverOptions,
  {
    flag: 'query.static-files',
    env: 'QUERY_STATIC_FILES',
    placeholder: 'DIR',
    group: 'Page',
    help: "serve the page in this directory, such as a build of Jaeger's, in place of Spoor's own",
    defaultText: "Spoor's own",
  },
  {
    flag: 'query.ui-config',
    env: 'QUERY_UI_CONFIG',
    placeholder: 'FILE',
    group: 'Page',
    help: "configuration of Jaeger's page, .json or .js, for --query.static-files",
    defaultText: 'none',
  },
  {
    flag: 'query.base-path',
    env: 'QUERY_BASE_PATH',
    placeholder: 'PATH',
    group: 'Page',
    help: "Jaeger's name for --base-path",
    defaultText: '/',
  },
  ...jaegerOptions,
  ...samplingOptions,
  {
    flag: 'memory',
    env: 'SPOOR_MEMORY',
    placeholder: 'SIZE',
    group: 'Resources',
    help: 'budget for spans not yet sealed; past it new ones are refused for a while, never lost',
    defaultText: '512MiB',
  },
  {
    flag: 'span-metrics',
    env: 'SPOOR_SPAN_METRICS',
    placeholder: 'SWITCH',
    group: 'Resources',
    help: 'count spans and calls between services at /metrics: auto (while somebody scrapes), on, off; PromQL needs it not',
    defaultText: 'auto',
  },
  {
    flag: 'query-cache',
    env: 'SPOOR_QUERY_CACHE',
    placeholder: 'SIZE',
    group: 'Resources',
    help: 'memory for decoded blocks that queries keep; past it the longest unused are read again',
    defaultText: '1/16 of the memory, 128MiB to 1GiB',
  },
  {
    flag: 'query-workers',
    env: 'SPOOR_QUERY_WORKERS',
    placeholder: 'N',
    group: 'Resources',
    help: 'threads that answer questions',
    defaultText: 'cores - 1, at least 1',
  },
  {
    flag: 'log-level',
    env: 'SPOOR_LOG_LEVEL',
    olderEnv: 'LOG_LEVEL',
    placeholder: 'LEVEL',
    group: 'Output',
    help: 'write debug, info, warn or error and what is worse',
    defaultText: 'info',
  },
  {
    flag: 'log-format',
    env: 'SPOOR_LOG_FORMAT',
    placeholder: 'FORMAT',
    group: 'Output',
    help: 'text or json, one line per event on standard error',
    defaultText: 'text',
  },
] as const satisfies readonly ConfigOption[]);

export type OptionFlag = (typeof configOptions)[number]['flag'];

/** `$XDG_DATA_HOME/spoor`, else `~/.local/share/spoor`. */
export function defaultDataDir(env: Readonly<Record<string, string | undefined>>): string {
  const base = env['XDG_DATA_HOME'] || join(env['HOME'] || userInfo().homedir, '.local', 'share');
  return join(base, 'spoor');
}
