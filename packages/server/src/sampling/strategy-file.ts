import { parseDocument } from 'yaml';
import { ConfigError } from '../config-setting.ts';
import { probabilistic, type OperationStrategy, type SamplingStrategy } from './sampling-strategy.ts';

/** What a strategies file says, merged and ready to be given out. */
export interface StrategyTable {
  readonly services: ReadonlyMap<string, SamplingStrategy>;
  /** for all others */
  readonly otherwise: SamplingStrategy;
  /** what was passed over, in words */
  readonly warnings: readonly string[];
}

/** A strategies file that cannot be used. The message says where and why. */
export class StrategyFileError extends ConfigError {
  constructor(message: string, cause?: unknown) {
    super(message);
    if (cause !== undefined) this.cause = cause;
    this.name = 'StrategyFileError';
  }
}

/** Of a file nothing needs to be longer; a mistyped path to something else must not fill the memory. */
export const strategyFileBytesMax = 16 * 1024 * 1024;

/**
 * Reads a strategies file: Jaeger's JSON, the same in YAML (of which JSON is a part), or
 *
 *     sampler: { type: probabilistic, param: 0.01 }      one strategy for all; also ratelimiting, const
 *
 * Merging is Jaeger's:
 * - a service that names no operations takes the default's, with its own probability for all that are not listed;
 * - a service that names some takes from the default's those it does not name;
 * - a rate-limited service that names operations keeps its rate, and its other operations get `defaultProbability`;
 * - operations have probabilities only: a rate limit on one is passed over, an unknown type is its service's default;
 * - an unknown type of a service is `defaultProbability`.
 *
 * @throws {StrategyFileError}
 * Source: Jaeger, internal/sampling/samplingstrategy/file.
 */
export function parseStrategyFile(text: string, defaultProbability: number): StrategyTable {
  const context: Context = { defaultProbability, warnings: [] };
  const root = rootOf(text);
  const stated = root['default_strategy'] ?? root['sampler'];
  if (root['default_strategy'] !== undefined && root['sampler'] !== undefined)
    throw new StrategyFileError('default_strategy and sampler mean the same: give one of them');
  const otherwise =
    stated === undefined || stated === null
      ? probabilistic(defaultProbability)
      : serviceStrategy(record(stated, 'default_strategy'), 'default_strategy', context);
  const services = new Map<string, SamplingStrategy>();
  for (const [i, entry] of list(root['service_strategies'], 'service_strategies').entries()) {
    const where = `service_strategies[${i}]`;
    const one = record(entry, where);
    const own = serviceStrategy(one, where, context);
    services.set(string(one['service'], `${where}.service`), merged(own, otherwise));
  }
  return { services, otherwise, warnings: context.warnings };
}

interface Context {
  readonly defaultProbability: number;
  readonly warnings: string[];
}

type Entry = Readonly<Record<string, unknown>>;

const rootKeys = ['default_strategy', 'service_strategies', 'sampler'];

function rootOf(text: string): Entry {
  const document = parseDocument(text, { prettyErrors: true, strict: true });
  const [error] = document.errors;
  if (error !== undefined) throw new StrategyFileError(error.message.split('\n', 1)[0].replace(/:$/, ''));
  const value: unknown = aliasesResolved(document);
  if (value === null || value === undefined) return {};
  const root = record(value, 'the file');
  const unknown = Object.keys(root).find((key) => !rootKeys.includes(key));
  if (unknown !== undefined)
    throw new StrategyFileError(`'${unknown}' is not known here; there are ${rootKeys.join(', ')}`);
  return root;
}

function aliasesResolved(document: ReturnType<typeof parseDocument>): unknown {
  try {
    // Bounded: aliases of aliases would otherwise unfold to any size.
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new StrategyFileError((error as Error).message, error);
  }
}

function serviceStrategy(entry: Entry, where: string, context: Context): SamplingStrategy {
  const own = ownStrategy(entry, where, context);
  const operations = list(entry['operation_strategies'], `${where}.operation_strategies`);
  if (operations.length === 0) return own;
  const defaultProbability = own.samplingRate ?? context.defaultProbability;
  const strategies: OperationStrategy[] = [];
  for (const [i, value] of operations.entries()) {
    const at = `${where}.operation_strategies[${i}]`;
    const strategy = operationStrategy(record(value, at), at, defaultProbability, context);
    if (strategy !== undefined) strategies.push(strategy);
  }
  return { ...own, operations: { defaultProbability, lowerBoundPerSecond: 0, list: strategies } };
}

/** Jaeger's Thrift clients read the limit as an `i16`. */
const tracesPerSecondMax = 32_767;

function ownStrategy(entry: Entry, where: string, { defaultProbability, warnings }: Context): SamplingStrategy {
  const { type } = entry;
  if (type === 'probabilistic') return probabilistic(probability(entry, where));
  if (type === 'const') return probabilistic(number(entry, where) === 0 ? 0 : 1);
  if (type === 'ratelimiting') {
    const param = number(entry, where);
    if (param < 0) throw new StrategyFileError(`${where}.param must not be negative, and is ${param}`);
    return { type: 'rateLimiting', maxTracesPerSecond: Math.min(Math.trunc(param), tracesPerSecondMax) };
  }
  warnings.push(`${where}: there is no type ${JSON.stringify(type)}; the default probability is used`);
  return probabilistic(defaultProbability);
}

function operationStrategy(
  entry: Entry,
  where: string,
  defaultProbability: number,
  { warnings }: Context,
): OperationStrategy | undefined {
  const operation = string(entry['operation'], `${where}.operation`);
  const { type } = entry;
  if (type === 'probabilistic') return { operation, samplingRate: probability(entry, where) };
  if (type === 'ratelimiting') {
    warnings.push(`${where}: operations cannot be rate-limited, only services; it is passed over`);
    return undefined;
  }
  warnings.push(`${where}: there is no type ${JSON.stringify(type)}; the service's default probability is used`);
  return { operation, samplingRate: defaultProbability };
}

function merged(own: SamplingStrategy, { operations: defaults }: SamplingStrategy): SamplingStrategy {
  if (defaults === undefined) return own;
  if (own.operations === undefined) {
    const defaultProbability = own.samplingRate ?? defaults.defaultProbability;
    return { ...own, operations: { ...defaults, defaultProbability } };
  }
  const named = new Set(own.operations.list.map(({ operation }) => operation));
  const missing = defaults.list.filter(({ operation }) => !named.has(operation));
  return { ...own, operations: { ...own.operations, list: [...own.operations.list, ...missing] } };
}

function record(value: unknown, where: string): Entry {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Entry;
  throw new StrategyFileError(`${where} must be an object`);
}

function list(value: unknown, where: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw new StrategyFileError(`${where} must be a list`);
}

function string(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  throw new StrategyFileError(`${where} must be a text`);
}

/** An absent `param` is 0, as in Jaeger. */
function number({ param = 0 }: Entry, where: string): number {
  if (typeof param === 'number' && Number.isFinite(param)) return param;
  throw new StrategyFileError(`${where}.param must be a number`);
}

function probability(entry: Entry, where: string): number {
  const value = number(entry, where);
  if (value >= 0 && value <= 1) return value;
  throw new StrategyFileError(`${where}.param is a probability, from 0 to 1, and not ${value}`);
}
