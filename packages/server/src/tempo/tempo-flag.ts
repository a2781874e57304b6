import type { CommandLine } from '../command-line.ts';
import type { OptionFlag } from '../config-option.ts';
import { checkBackend } from './tempo-backend.ts';
import { tempoKeys } from './tempo-key.ts';

/** Tempo's flags for what is an option here. Most of its deployments have a file instead. */
const options: Readonly<Record<string, OptionFlag>> = Object.freeze({
  'server.http-listen-port': 'tempo-http-port',
  'server.grpc-listen-port': 'tempo-grpc-port',
  'http-api-prefix': 'tempo-api-prefix',
  'storage.trace.local.path': 'data-dir',
  'compactor.compaction.block-retention': 'retention-age',
  'log.level': 'log-level',
});

/** Flags without a dot that Tempo has, or had. */
const undotted = ['http-api-prefix', 'use-otel-tracer', 'mem-ballast-size-mbs'];

export function isTempoFlag(flag: string): boolean {
  return undotted.includes(flag) || Object.hasOwn(options, flag);
}

/**
 * Takes Tempo's flags out of those that are not ours. Where the same is said in our words, that counts.
 *
 * @throws {ConfigError} for a backend that is not there
 */
export function takeTempoFlags({ values, foreign }: CommandLine): Pick<CommandLine, 'values' | 'foreign'> {
  const taken = new Map(values);
  const rest = foreign.filter(({ flag, text }) => {
    if (flag === 'storage.trace.backend') {
      checkBackend(`--${flag}`, text ?? '');
      return false;
    }
    if (!Object.hasOwn(options, flag) || text === undefined) return true;
    if (!taken.has(options[flag])) taken.set(options[flag], text);
    return false;
  });
  return { values: taken, foreign: rest };
}

/** As its key in Tempo's file would say: `--memberlist.join` is needless as `memberlist` is. */
export function whyTempoFlag(flag: string): string | undefined {
  if (flag === 'mem-ballast-size-mbs') return 'memory needs no ballast';
  const parts = flag.replaceAll('-', '_').split('.');
  for (let length = parts.length; length > 0; length--) {
    const key = parts.slice(0, length).join('.');
    const meaning = Object.hasOwn(tempoKeys, key) ? tempoKeys[key] : undefined;
    if (meaning === undefined) continue;
    if ('isNeedless' in meaning) return 'Spoor does without it';
    if ('ignored' in meaning) return meaning.ignored;
    return 'it is read from the configuration file only';
  }
  return undefined;
}
