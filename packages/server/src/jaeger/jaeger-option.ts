import { ConfigError, type Setting } from '../config-setting.ts';

/** What of Jaeger 1's options means something here, beside ports, page and sampling. Names are Jaeger's. */
export const jaegerOptions = Object.freeze([
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
