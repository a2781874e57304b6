import { extname } from 'node:path';
import { ConfigError } from '../config-setting.ts';
import { configOptions, type OptionFlag } from '../config-option.ts';
import { FileReading, type FileConfig } from '../file-reading.ts';
import { flagNote } from '../option-notes.ts';
import { parseYaml, type YamlNode } from '../yaml-node.ts';

/** Names of options have some five parts. */
const depthMax = 8;

/** With aliases of aliases, a short file can have any number of them. */
const optionsMax = 1_000;

const flags = new Map<string, OptionFlag>(configOptions.map(({ flag }) => [flag, flag]));

/**
 * Reads the file of Jaeger 1's `--config-file`: its options, nested or dotted, in YAML or JSON.
 *
 *     collector: { zipkin: { host-port: ":9411" } }
 *     query.base-path: /jaeger
 *
 * @param name  for messages
 * @throws {ConfigError} when it is neither, or cannot be right
 */
export function readJaegerConfigFile(name: string, text: string): FileConfig {
  if (['.toml', '.properties', '.hcl', '.ini', '.env'].includes(extname(name)))
    throw new ConfigError(
      `${name}: this file may be YAML or JSON; each line of it can be an option or a variable, too`,
    );
  const reading = new FileReading(name);
  const root = parseYaml(name, text);
  if (root.kind !== 'map' && root.kind !== 'empty') throw new ConfigError(`${name}: there are no options in it`);
  readOptions(reading, root, '', depthMax);
  return reading;
}

function readOptions(reading: FileReading, node: YamlNode, prefix: string, depth: number): void {
  for (const [name, child] of node.entries()) {
    if (++reading.keyCount > optionsMax) throw new ConfigError(`${reading.name}: there are too many options in it`);
    const key = `${prefix}${name.toLowerCase()}`;
    if (child.kind === 'map' && depth > 0) {
      readOptions(reading, child, `${key}.`, depth - 1);
      continue;
    }
    const flag = flags.get(key);
    const text = reading.text(child, key);
    if (text === undefined) continue;
    if (flag !== undefined) reading.set(flag, text, child.line, key);
    else reading.note(child.line, flagNote(key, text));
  }
}
