import type { Setting } from './config-setting.ts';
import { configOptions, type ConfigOption, type OptionFlag } from './config-option.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface SettingSources {
  /** by flag, without dashes */
  readonly flags: ReadonlyMap<string, string>;
  readonly env: Environment;
  readonly file: ReadonlyMap<OptionFlag, Setting>;
}

const options = new Map<string, ConfigOption>(configOptions.map((option) => [option.flag, option]));

/** What an option was given: on the command line, else in the environment, else in a file, else nothing. */
export function settingOf({ flags, env, file }: SettingSources, flag: OptionFlag): Setting {
  const given = flags.get(flag);
  if (given !== undefined) return { name: `--${flag}`, text: given, origin: 'flag' };
  const option = options.get(flag)!;
  for (const name of [option.env, option.olderEnv]) {
    const text = name === undefined ? undefined : variable(env, name);
    if (text !== undefined) return { name: name!, text, origin: 'variable' };
  }
  return file.get(flag) ?? { name: option.env, text: undefined, origin: 'default' };
}

/**
 * An empty variable counts as unset. So does what Kubernetes puts into every container for a service that happens to be
 * called `spoor-zipkin`: `SPOOR_ZIPKIN_PORT=tcp://10.0.0.7:9411`.
 */
function variable(env: Environment, name: string): string | undefined {
  const text = env[name];
  return text === '' || (text !== undefined && isServiceLink(name, text)) ? undefined : text;
}

/** Variables that Kubernetes makes of the services around a container. */
export function isServiceLink(name: string, text: string): boolean {
  return (
    (name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(text)) || /_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_/.test(name)
  );
}
