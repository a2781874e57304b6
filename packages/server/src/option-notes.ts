import type { CommandLine } from './command-line.ts';
import type { ConfigNote } from './config-setting.ts';
import { configOptions, type ConfigOption } from './config-option.ts';
import { needlessNames, whyNeedless, whyNeedlessVariable } from './jaeger/needless-option.ts';
import { editDistance, nearestWord } from './nearest-word.ts';
import { jaegerEnv } from './port-entry.ts';
import { isServiceLink, type Environment } from './setting-source.ts';
import { isTempoFlag, whyTempoFlag } from './tempo/tempo-flag.ts';

const options: readonly ConfigOption[] = configOptions;
const flags: readonly string[] = [...options.map(({ flag }) => flag), ...needlessNames];
const variables: readonly string[] = [
  ...options.flatMap(({ env, olderEnv }) => (olderEnv === undefined ? [env] : [env, olderEnv])),
  ...needlessNames.map(jaegerEnv),
];
const readVariables = new Set<string>(options.flatMap(({ env, olderEnv = '' }) => [env, olderEnv]));

/** Our own options have no dots, so one that has is Jaeger's or Tempo's, known or not. They have few without. */
export function isForeignFlag(flag: string): boolean {
  return flag.includes('.') || isTempoFlag(flag) || whyNeedless(flag) !== undefined;
}

/** Notes about options that nothing came of, with the reason, or with the nearest name that there is. */
export function flagNotes(foreign: CommandLine['foreign']): readonly ConfigNote[] {
  return foreign.flatMap(({ flag, text }) => flagNote(flag, text) ?? []);
}

/** A note about one; `undefined` where it asks for nothing. */
export function flagNote(flag: string, text: string | undefined): ConfigNote | undefined {
  const why = whyNeedless(flag) ?? whyTempoFlag(flag);
  return why !== undefined && asksForNothing(text) ? undefined : note(`--${flag}`, why, nearest(flag, flags, '--'));
}

/** `--multi-tenancy.enabled=false` and the like. */
function asksForNothing(text: string | undefined): boolean {
  return text !== undefined && /^(false|)$/i.test(text);
}

/**
 * As {@link flagNotes}, for variables. Those that are neither ours nor Jaeger's are none of our business, so one that is
 * not known is mentioned only when its beginning says whose it is.
 */
export function variableNotes(env: Environment): readonly ConfigNote[] {
  const notes: ConfigNote[] = [];
  for (const [name, text = ''] of Object.entries(env)) {
    if (text === '' || readVariables.has(name) || isServiceLink(name, text)) continue;
    const why = whyNeedlessVariable(name);
    if (why !== undefined && asksForNothing(text)) continue;
    const hint = nearest(name, variables, '');
    if (why !== undefined || isOurs(name) || (isPerhapsOurs(name) && isMisspelt(name)))
      notes.push(note(name, why, hint));
  }
  return notes;
}

function note(name: string, why: string | undefined, hint: string): ConfigNote {
  const message = why === undefined ? `there is no ${name}${hint}` : `${name} has no effect: ${why}`;
  return { level: 'warn', isUnknown: why === undefined, message };
}

function nearest(name: string, known: readonly string[], dashes: string): string {
  const word = nearestWord(name, known);
  return word === undefined ? '' : `; did you mean ${dashes}${word}?`;
}

/** Nobody else has variables that begin so. */
function isOurs(name: string): boolean {
  return /^(SPOOR|COLLECTOR_(ZIPKIN|OTLP|GRPC|HTTP)|SAMPLING_STRATEGIES|SPAN_STORAGE|PROCESSOR_(JAEGER|ZIPKIN))_/.test(
    name,
  );
}

/** So near to one of Jaeger's that it can hardly be anything else. */
function isMisspelt(name: string): boolean {
  const word = nearestWord(name, variables);
  return word !== undefined && editDistance(name, word) <= 2;
}

function isPerhapsOurs(name: string): boolean {
  return /^(COLLECTOR|QUERY|SAMPLING|PROCESSOR|ES|BADGER|MULTI_TENANCY|ADMIN_HTTP|HTTP_SERVER|METRICS_STORAGE)_/.test(
    name,
  );
}
