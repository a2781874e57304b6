import { deepEqual, equal, match, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { probabilistic, type OperationStrategy, type SamplingStrategy } from './sampling-strategy.ts';
import { parseStrategyFile, StrategyFileError } from './strategy-file.ts';

const p = (operation: string, param: number): object => ({ operation, type: 'probabilistic', param });
const operation = (name: string, samplingRate: number): OperationStrategy => ({ operation: name, samplingRate });
const withOperations = (
  own: SamplingStrategy,
  defaultProbability: number,
  list: readonly OperationStrategy[],
): SamplingStrategy => ({ ...own, operations: { defaultProbability, lowerBoundPerSecond: 0, list } });
const limited = (maxTracesPerSecond: number): SamplingStrategy => ({ type: 'rateLimiting', maxTracesPerSecond });

test("parseStrategyFile: Jaeger's merging rules", () => {
  const table = parseStrategyFile(
    JSON.stringify({
      default_strategy: {
        type: 'probabilistic',
        param: 0.5,
        operation_strategies: [p('/health', 0), p('/metrics', 0.1)],
      },
      service_strategies: [
        { service: 'plain', type: 'probabilistic', param: 0.8 },
        { service: 'limited', type: 'ratelimiting', param: 5.9 },
        { service: 'own', type: 'probabilistic', param: 0.2, operation_strategies: [p('/health', 1), p('op', 0.3)] },
        { service: 'limited-own', type: 'ratelimiting', param: 7, operation_strategies: [p('op', 0.3)] },
        {
          service: 'odd',
          type: 'adaptive',
          param: 1,
          operation_strategies: [{ operation: 'op', type: 'odd', param: 1 }],
        },
        {
          service: 'limited-operation',
          type: 'probabilistic',
          param: 0.4,
          operation_strategies: [{ operation: 'op', type: 'ratelimiting', param: 1 }],
        },
        { service: 'flood', type: 'ratelimiting', param: 1e9 },
      ],
    }),
    0.001,
  );
  const defaults = [operation('/health', 0), operation('/metrics', 0.1)];
  deepEqual(table.otherwise, withOperations(probabilistic(0.5), 0.5, defaults));
  deepEqual(Object.fromEntries(table.services), {
    plain: withOperations(probabilistic(0.8), 0.8, defaults),
    limited: withOperations(limited(5), 0.5, defaults),
    own: withOperations(probabilistic(0.2), 0.2, [
      operation('/health', 1),
      operation('op', 0.3),
      operation('/metrics', 0.1),
    ]),
    'limited-own': withOperations(limited(7), 0.001, [operation('op', 0.3), ...defaults]),
    odd: withOperations(probabilistic(0.001), 0.001, [operation('op', 0.001), ...defaults]),
    'limited-operation': withOperations(probabilistic(0.4), 0.4, defaults),
    flood: withOperations(limited(32_767), 0.5, defaults),
  });
  deepEqual(table.warnings.length, 3, table.warnings.join('\n'));
});

test('parseStrategyFile: without defaults there is nothing to merge', () => {
  const table = parseStrategyFile('{"service_strategies":[{"service":"a","type":"ratelimiting","param":2}]}', 0.25);
  deepEqual(table.otherwise, probabilistic(0.25));
  deepEqual(table.services.get('a'), limited(2));
  deepEqual(parseStrategyFile('', 1).otherwise, probabilistic(1));
  deepEqual(parseStrategyFile('null', 1).otherwise, probabilistic(1));
});

test("parseStrategyFile: the guide's YAML, and Jaeger's form in YAML", () => {
  const sampler = (text: string): SamplingStrategy => parseStrategyFile(text, 0.5).otherwise;
  deepEqual(sampler('# 採樣 1%\nsampler:\n  type: probabilistic\n  param: 0.01\n'), probabilistic(0.01));
  deepEqual(sampler('sampler:\n  type: ratelimiting\n  param: 100\n'), limited(100));
  deepEqual(sampler('sampler: {type: const, param: 1}'), probabilistic(1));
  deepEqual(sampler('sampler: {type: const}'), probabilistic(0));
  const table = parseStrategyFile('service_strategies:\n- {service: a, type: probabilistic, param: 0.1}\n', 0.5);
  deepEqual(table.services.get('a'), probabilistic(0.1));
});

test('parseStrategyFile: says what is wrong and where', () => {
  const complaint = (text: string): string => {
    try {
      parseStrategyFile(text, 1);
    } catch (error) {
      equal(error instanceof StrategyFileError, true);
      return (error as Error).message;
    }
    throw new Error(`accepted: ${text}`);
  };
  match(complaint('{"default_strategy":'), /line 1/);
  match(complaint('sampler:\n  type: x\n type: y\n'), /line 3/);
  match(complaint('[]'), /the file must be an object/);
  match(complaint('{"default_strategies":{}}'), /'default_strategies' is not known/);
  match(complaint('{"default_strategy":{"type":"probabilistic","param":1.5}}'), /default_strategy\.param .* 1\.5/);
  match(complaint('{"default_strategy":{"type":"ratelimiting","param":"9"}}'), /param must be a number/);
  match(complaint('{"service_strategies":[{"type":"const"}]}'), /service_strategies\[0\]\.service must be a text/);
  match(complaint('sampler: {}\ndefault_strategy: {}'), /mean the same/);
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefgh'.split('').map((name, i) => `${name}: &${name} [${`*${'abcdefg'[i]},`.repeat(9)}]`),
  ];
  throws(() => parseStrategyFile(`${bomb.join('\n')}\n`, 1), StrategyFileError);
});
