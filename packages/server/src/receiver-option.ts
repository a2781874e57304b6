import { ConfigError, type Setting } from './config-setting.ts';
import {
  jaegerEnv,
  receiverEntries,
  type OptionFlagOfReceiver,
  type ReceiverEntry,
  type ReceiverName,
} from './receivers/receiver-entry.ts';

/** Where a receiver listens. */
export interface ReceiverAddress {
  /** `undefined`: it is switched off; 0 is any free port */
  readonly port: number | undefined;
  /** `undefined`: where the other ports are */
  readonly host: string | undefined;
  /** somebody asked for this port, so doing without it would not be what they want */
  readonly isAskedFor: boolean;
}

export type ReceiverAddresses = Readonly<Record<ReceiverName, ReceiverAddress>>;

/** As `ConfigOption`, whose list these are part of. */
export interface ReceiverOption {
  readonly flag: OptionFlagOfReceiver;
  readonly env: string;
  readonly placeholder: string;
  readonly group: 'Other clients';
  readonly help: string;
  readonly defaultText: string;
}

/** Options for each receiver: Spoor's with a port, and, where it has one, Jaeger's with host and port. */
export const receiverOptions: readonly ReceiverOption[] = Object.freeze(
  receiverEntries.flatMap((entry): readonly ReceiverOption[] => [
    {
      flag: entry.flag,
      env: entry.env,
      placeholder: 'PORT',
      group: 'Other clients',
      help: `${entry.title}; off switches it off`,
      defaultText: `${entry.port}`,
    },
    ...(entry.jaegerFlag === undefined ? [] : [jaegerOption(entry, entry.jaegerFlag)]),
  ]),
);

function jaegerOption({ flag, port }: ReceiverEntry, jaegerFlag: OptionFlagOfReceiver): ReceiverOption {
  return {
    flag: jaegerFlag,
    env: jaegerEnv(jaegerFlag),
    placeholder: 'ADDRESS',
    group: 'Other clients',
    help: `Jaeger's name for --${flag}, as :${port} or host:${port}`,
    defaultText: `:${port}`,
  };
}

/** @throws {ConfigError} */
export function readReceivers(setting: (flag: OptionFlagOfReceiver) => Setting): ReceiverAddresses {
  const addresses = receiverEntries.map(({ name, flag, jaegerFlag, port }) => {
    const own = setting(flag);
    const jaegers = jaegerFlag === undefined ? { ...own, text: undefined } : setting(jaegerFlag);
    const address = own.text === undefined ? parseHostPort(jaegers, port) : parsePort(own);
    return [name, address] as const;
  });
  return Object.fromEntries(addresses) as Record<ReceiverName, ReceiverAddress>;
}

function parsePort({ name, text = '' }: Setting): ReceiverAddress {
  if (text === 'off') return { port: undefined, host: undefined, isAskedFor: true };
  return { port: portNumber(name, text), host: undefined, isAskedFor: true };
}

/** Jaeger's spellings: `:9411`, `9411`, `host:9411`, `[::1]:9411`. */
function parseHostPort({ name, text }: Setting, otherwise: number): ReceiverAddress {
  if (text === undefined) return { port: otherwise, host: undefined, isAskedFor: false };
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$|^(\d+)$/.exec(text);
  if (match === null) throw new ConfigError(`${name} must be an address such as :9411 or 0.0.0.0:9411, not '${text}'`);
  const host = match[1] || match[2] || undefined;
  return {
    port: portNumber(name, match[3] ?? match[4]),
    host: host === 'localhost' ? undefined : host,
    isAskedFor: true,
  };
}

function portNumber(name: string, text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : -1;
  if (value < 0 || value > 65_535) throw new ConfigError(`${name} must be a port, 0 to 65535, or off; not '${text}'`);
  return value;
}
