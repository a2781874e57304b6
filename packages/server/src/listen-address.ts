import { ConfigError, strongest, type Setting } from './config-setting.ts';

/** Where something listens. */
export interface ListenAddress {
  /** `undefined`: it is switched off; 0 is any free port */
  readonly port: number | undefined;
  /** `undefined`: where the other ports are */
  readonly host: string | undefined;
  /** somebody asked for this port, so doing without it would not be what they want */
  readonly isAskedFor: boolean;
}

/**
 * The address that one of several names was given, in any of the spellings of Spoor and Jaeger: `9411`, `:9411`,
 * `host:9411`, `[::1]:9411`, `off`. An empty text is `off`, too: Jaeger's flags say it so.
 *
 * @param settings  those of one port; where two were given in the same place, the first counts
 * @throws {ConfigError}
 */
export function listenAddress(settings: readonly [Setting, ...Setting[]], defaultPort: number): ListenAddress {
  const { name, text } = strongest(...settings);
  if (text === undefined) return { port: defaultPort, host: undefined, isAskedFor: false };
  if (text === 'off' || text === '') return { port: undefined, host: undefined, isAskedFor: true };
  const match = /^(?:\[([^\]\s]*)\]|([^:\s/]*)):(\d+)$|^(\d+)$/.exec(text);
  const port = Number(match?.[3] ?? match?.[4] ?? -1);
  if (port < 0 || port > 65_535) {
    throw new ConfigError(`${name} must be a port, 0 to 65535, an address such as 0.0.0.0:4317, or off; not '${text}'`);
  }
  return { port, host: match?.[1] || match?.[2] || undefined, isAskedFor: true };
}
