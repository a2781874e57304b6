import { ConfigError } from '../config-setting.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Expanded {
  readonly text: string;
  /** variables that are asked for, not set, and without a default, each once */
  readonly missing: readonly string[];
}

/**
 * What `-config.expand-env` does: `${VAR}` is the variable's value, `${VAR:-default}` the default when it is unset or
 * empty, `${VAR-default}` when it is unset, and `=` is as good as `-`; `$${` is `${` itself. Everything else stays. What a variable holds is not
 * expanded again.
 *
 * @throws {ConfigError} for `${` with anything else in it
 */
export function expandEnv(name: string, text: string, env: Environment): Expanded {
  const missing = new Set<string>();
  const expanded = text.replaceAll(/(\$?)\$\{([^{}\n]*)(\}?)/g, (whole, escape: string, body: string, end: string) => {
    if (escape !== '') return whole.slice(1);
    const match = /^([A-Za-z_]\w*)(?:(:?)[-=](.*))?$/.exec(body);
    if (match === null || end === '') {
      throw new ConfigError(
        `${name}: only \${VAR} and \${VAR:-default} can be expanded, not '\${${body.slice(0, 60)}'`,
      );
    }
    const [, variable, colon, otherwise] = match;
    const value = env[variable];
    if (value !== undefined && !(value === '' && colon === ':')) return value;
    if (otherwise === undefined && value === undefined) missing.add(variable);
    return otherwise ?? '';
  });
  return { text: expanded, missing: [...missing] };
}
