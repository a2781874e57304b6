import { ConfigError, type Setting } from '../config-setting.ts';
import type { ResourceTag } from '../receivers/resource-tags.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What of Jaeger 1's options means something here, beside ports, page and sampling. Names are Jaeger's. */
export const jaegerOptions = Object.freeze([
  {
    flag: 'config-file',
    env: 'SPOOR_JAEGER_CONFIG_FILE',
    placeholder: 'FILE',
    group: 'Configuration file',
    help: "Jaeger 1's options in YAML or JSON, nested or dotted; weaker than flags and variables",
    defaultText: 'none',
  },
  {
    flag: 'collector.otlp.enabled',
    env: 'COLLECTOR_OTLP_ENABLED',
    placeholder: 'BOOL',
    isSwitch: true,
    group: 'Other clients',
    help: 'false switches both OTLP ports off, unless their own options name one',
    defaultText: 'true',
  },
  {
    flag: 'collector.tags',
    env: 'COLLECTOR_TAGS',
    placeholder: 'LIST',
    group: 'Other clients',
    help: 'resource attributes for all spans that arrive: region=eu,cluster=${CLUSTER:none}',
    defaultText: 'none',
  },
  {
    flag: 'span-storage.type',
    env: 'SPAN_STORAGE_TYPE',
    placeholder: 'TYPE',
    group: 'Data',
    help: "memory or badger: both are Spoor's own store, on disk",
    defaultText: 'badger',
  },
  {
    flag: 'badger.directory-value',
    env: 'BADGER_DIRECTORY_VALUE',
    placeholder: 'DIR',
    group: 'Data',
    help: "Jaeger's name for --data-dir",
    defaultText: 'as --data-dir',
  },
  {
    flag: 'badger.span-store-ttl',
    env: 'BADGER_SPAN_STORE_TTL',
    placeholder: 'TIME',
    group: 'Data',
    help: "Jaeger's name for --retention-age (72h0m0s)",
    defaultText: '14d',
  },
] as const);

const laterTypes = ['elasticsearch', 'opensearch', 'cassandra', 'kafka', 'grpc', 'grpc-plugin', 'blackhole'];

/** @throws {ConfigError} when spans are to be kept where Spoor cannot keep them */
export function checkSpanStorage({ name, text = 'badger' }: Setting): void {
  for (const type of text.split(',').map((one) => one.trim())) {
    if (type === 'memory' || type === 'badger') continue;
    if (!laterTypes.includes(type)) throw new ConfigError(`${name} must be memory or badger, not '${type}'`);
    throw new ConfigError(
      `${name} is ${type}, and Spoor keeps traces in its own store on disk only so far: ` +
        `leave it out or set it to badger, and give --data-dir (or --badger.directory-value) a volume that stays`,
    );
  }
}

/**
 * Jaeger's tags for whatever a collector receives: `key=value,other=${VARIABLE:default}`.
 *
 * @throws {ConfigError}
 */
export function readCollectorTags({ name, text = '' }: Setting, env: Environment): readonly ResourceTag[] {
  const tags = text.split(',').filter((one) => one.trim() !== '');
  if (tags.length > tagsMax) throw new ConfigError(`${name} has ${tags.length} tags, and may have ${tagsMax}`);
  return tags.map((one) => {
    const [key, value] = one.split(/=(.*)/s).map((part) => part.trim());
    if (key === '' || value === undefined)
      throw new ConfigError(`${name} must list tags such as region=eu,zone=a, not '${one}'`);
    const variable = /^\$\{([^:}]+)(?::(.*))?\}$/.exec(value);
    return { key, value: variable === null ? value : env[variable[1]] || (variable[2] ?? '') };
  });
}

/** Each is looked for in every resource. */
const tagsMax = 32;
