import { closeSync, openSync, readSync } from 'node:fs';
import { limits } from '@spoor/model';
import { ConfigError, truth, type ConfigNote, type Setting } from './config-setting.ts';
import type { OptionFlag } from './config-option.ts';
import type { FileConfig } from './file-reading.ts';
import { readJaegerConfigFile } from './jaeger/jaeger-config-file.ts';
import type { Environment } from './setting-source.ts';
import { expandEnv } from './tempo/expand-env.ts';
import { readTempoConfig } from './tempo/tempo-config.ts';

/**
 * What files say: Tempo's that `--config.file` names, and Jaeger's that `--config-file` names. Should there be both, and
 * both say something of one option, Jaeger's counts.
 *
 * @throws {ConfigError} when one cannot be read, is too large, or is not what it should be
 */
export function readConfigFiles(setting: (flag: OptionFlag) => Setting, env: Environment): FileConfig {
  const files: FileConfig[] = [];
  const { name, text: path } = setting('config.file');
  if (path) files.push(readTempoFile(path, readText(name, path), truth(setting('config.expand-env'), false), env));
  const { name: jaegerName, text: jaegerPath } = setting('config-file');
  if (jaegerPath) files.push(readJaegerConfigFile(jaegerPath, readText(jaegerName, jaegerPath)));
  return {
    settings: new Map(files.flatMap(({ settings }) => [...settings])),
    notes: files.flatMap(({ notes }) => notes),
  };
}

function readTempoFile(path: string, text: string, isExpanded: boolean, env: Environment): FileConfig {
  if (!isExpanded) return readTempoConfig(path, text);
  const expanded = expandEnv(path, text, env);
  checkSize(path, Buffer.byteLength(expanded.text));
  const missing = expanded.missing.map((variable): ConfigNote => {
    return { level: 'warn', isUnknown: false, message: `${path}: ${variable} is not set, and nothing is in its place` };
  });
  const { settings, notes } = readTempoConfig(path, expanded.text);
  return { settings, notes: [...missing, ...notes] };
}

/** Reads no more than is allowed, whatever the path leads to. */
function readText(name: string, path: string): string {
  const bytes = Buffer.alloc(limits.configFileBytesMax + 1);
  let sizeBytes = 0;
  try {
    const file = openSync(path, 'r');
    try {
      for (let read = -1; read !== 0 && sizeBytes < bytes.length; sizeBytes += read)
        read = readSync(file, bytes, sizeBytes, bytes.length - sizeBytes, null);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new ConfigError(`${name}: ${(error as Error).message}`);
  }
  checkSize(path, sizeBytes);
  return bytes.toString('utf8', 0, sizeBytes);
}

function checkSize(path: string, sizeBytes: number): void {
  if (sizeBytes > limits.configFileBytesMax)
    throw new ConfigError(`${path}: a configuration has at most ${limits.configFileBytesMax} bytes`);
}
