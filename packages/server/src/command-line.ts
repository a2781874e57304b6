import { ConfigError } from './config-setting.ts';
import { nearestWord } from './nearest-word.ts';

/** An option that this program may know: `--name VALUE`, or `--name` alone when it is a switch. */
interface KnownOption {
  readonly flag: string;
  readonly isSwitch?: boolean;
}

export interface CommandLine {
  readonly isHelp: boolean;
  readonly isVersion: boolean;
  /** by name, without dashes; the last of several counts */
  readonly values: ReadonlyMap<string, string>;
  /** what others' programs take, and this one does not */
  readonly foreign: readonly { readonly flag: string; readonly text: string | undefined }[];
}

/**
 * Reads options as Go's programs write them, which Jaeger and Tempo are, and as everybody else does: `--name value`,
 * `--name=value`, `-name=value`; a switch may be alone, `-config.verify`, or have `=true` or `=false`.
 *
 * A name that is not known is an error, unless it is a foreign one: a deployment of Jaeger or Tempo that sets more than
 * we know should start all the same, and be told.
 *
 * @throws {ConfigError}
 */
export function parseCommandLine(
  args: readonly string[],
  options: readonly KnownOption[],
  isForeign: (flag: string) => boolean,
): CommandLine {
  const known = new Map(options.map((option) => [option.flag, option]));
  const values = new Map<string, string>();
  const foreign: { flag: string; text: string | undefined }[] = [];
  for (let i = 0; i < args.length; i++) {
    const { name, inline } = splitOption(args[i]);
    if (name === 'help' || name === 'version') {
      values.set(name, 'true');
      continue;
    }
    const option = known.get(name);
    if (option === undefined && !isForeign(name)) throw unknownOption(name, [...known.keys(), 'help', 'version']);
    const next = args[i + 1];
    const isValueNext = inline === undefined && next !== undefined && !next.startsWith('-');
    if (option === undefined) {
      foreign.push({ flag: name, text: isValueNext ? args[++i] : inline });
    } else if (inline !== undefined) values.set(name, inline);
    else if (option.isSwitch) values.set(name, 'true');
    else if (isValueNext) values.set(name, args[++i]);
    else throw new ConfigError(`--${name} needs a value; see spoor --help`);
  }
  return { isHelp: values.has('help'), isVersion: values.has('version'), values, foreign };
}

function splitOption(arg: string): { name: string; inline: string | undefined } {
  if (arg === '-h') return { name: 'help', inline: undefined };
  if (arg === '-v') return { name: 'version', inline: undefined };
  const match = /^--?([A-Za-z][^=]*)(?:=([^]*))?$/.exec(arg);
  if (match === null) throw new ConfigError(`'${arg}' is not an option; spoor takes options only, see spoor --help`);
  return { name: match[1], inline: match[2] };
}

function unknownOption(name: string, known: readonly string[]): ConfigError {
  const nearest = nearestWord(name, known);
  const hint = nearest === undefined ? 'see spoor --help' : `did you mean --${nearest}?`;
  return new ConfigError(`unknown option --${name}; ${hint}`);
}
