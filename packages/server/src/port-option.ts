import { isStronger, strongest, truth, type Setting } from './config-setting.ts';
import { listenAddress, type ListenAddress } from './listen-address.ts';
import { jaegerEnv, portEntries, type PortEntry, type PortName } from './port-entry.ts';
import { receiverEntries, type ReceiverName } from './receivers/receiver-entry.ts';

export type PortAddresses = Readonly<Record<PortName, ListenAddress>>;
export type ReceiverAddresses = Readonly<Record<ReceiverName, ListenAddress>>;

type Entry = (typeof portEntries)[number] | (typeof receiverEntries)[number];
export type OptionFlagOfPort = Entry['flag'] | NonNullable<Entry['jaegerFlag']>;
type PortGroup = 'Addresses' | 'Other clients';

/** As `ConfigOption`, whose list these are part of. */
export interface PortOption {
  readonly flag: OptionFlagOfPort;
  readonly env: string;
  readonly placeholder: string;
  readonly group: PortGroup;
  readonly help: string;
  readonly defaultText: string;
}

/** Options for each port: Spoor's and, where it has one, Jaeger's. */
export const portOptions: readonly PortOption[] = optionsOf(portEntries, 'Addresses');
export const receiverOptions: readonly PortOption[] = optionsOf(receiverEntries, 'Other clients');

function optionsOf(entries: readonly Entry[], group: PortGroup): readonly PortOption[] {
  return Object.freeze(
    entries.flatMap((entry): readonly PortOption[] => [
      {
        flag: entry.flag,
        env: entry.env,
        placeholder: 'PORT',
        group,
        help: `${entry.title}; off switches it off`,
        defaultText: `${entry.port}`,
      },
      ...(entry.jaegerFlag === undefined ? [] : [jaegerOption(entry, entry.jaegerFlag, group)]),
    ]),
  );
}

function jaegerOption({ flag, port }: PortEntry, jaegerFlag: OptionFlagOfPort, group: PortGroup): PortOption {
  return {
    flag: jaegerFlag,
    env: jaegerEnv(jaegerFlag),
    placeholder: 'ADDRESS',
    group,
    help: `Jaeger's name for --${flag}, as :${port} or host:${port}`,
    defaultText: `:${port}`,
  };
}

type SettingOf = (flag: OptionFlagOfPort) => Setting;

/**
 * @param otlpSwitch  Jaeger's for both OTLP ports: where it is off, a port is open only if it was asked for in a place as
 *   strong
 * @throws {ConfigError}
 */
export function readPorts(setting: SettingOf, otlpSwitch: Setting): PortAddresses {
  const ports = addressesOf(portEntries, setting);
  if (truth(otlpSwitch, true)) return ports;
  const otlp = (name: 'otlp-grpc' | 'otlp-http'): ListenAddress => {
    const { flag, jaegerFlag } = portEntries.find((entry) => entry.name === name)!;
    const port = strongest(setting(flag), setting(jaegerFlag!));
    return isStronger(otlpSwitch, port) ? { port: undefined, host: undefined, isAskedFor: true } : ports[name];
  };
  return { ...ports, 'otlp-grpc': otlp('otlp-grpc'), 'otlp-http': otlp('otlp-http') };
}

/** @throws {ConfigError} */
export function readReceivers(setting: SettingOf): ReceiverAddresses {
  return addressesOf(receiverEntries, setting);
}

function addressesOf<E extends Entry>(entries: readonly E[], setting: SettingOf): Record<E['name'], ListenAddress> {
  const addresses = entries.map(({ name, flag, jaegerFlag, port }) => {
    const own = setting(flag);
    return [name, listenAddress(jaegerFlag === undefined ? [own] : [own, setting(jaegerFlag)], port)] as const;
  });
  return Object.fromEntries(addresses) as Record<E['name'], ListenAddress>;
}
