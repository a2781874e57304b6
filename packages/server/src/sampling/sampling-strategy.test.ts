import { equal, deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { decodeStrategyParameters, encodeStrategy } from './sampling-protobuf.ts';
import { probabilistic, strategyJson, type SamplingStrategy } from './sampling-strategy.ts';

const perOperation: SamplingStrategy = {
  type: 'probabilistic',
  operations: { defaultProbability: 0.8, lowerBoundPerSecond: 0, list: [{ operation: 'op1', samplingRate: 0.2 }] },
};

test('strategyJson: what clients compare byte for byte, with zeros and without nulls', () => {
  equal(
    strategyJson(probabilistic(0.5)),
    '{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.5}}',
  );
  equal(strategyJson(probabilistic(0)), '{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0}}');
  const limited: SamplingStrategy = { type: 'rateLimiting', maxTracesPerSecond: 42 };
  equal(strategyJson(limited), '{"strategyType":"RATE_LIMITING","rateLimitingSampling":{"maxTracesPerSecond":42}}');
  equal(
    strategyJson(perOperation),
    '{"strategyType":"PROBABILISTIC","operationSampling":{"defaultSamplingProbability":0.8,' +
      '"defaultLowerBoundTracesPerSecond":0,"perOperationStrategies":[{"operation":"op1",' +
      '"probabilisticSampling":{"samplingRate":0.2}}],"defaultUpperBoundTracesPerSecond":0}}',
  );
  equal(strategyJson(limited, true), '{"strategyType":1,"rateLimitingSampling":{"maxTracesPerSecond":42}}');
  equal(strategyJson(probabilistic(1), true), '{"strategyType":0,"probabilisticSampling":{"samplingRate":1}}');
});

test('encodeStrategy: bytes as protoc lays them out', () => {
  const hex = (strategy: SamplingStrategy): string => Buffer.from(encodeStrategy(strategy)).toString('hex');
  equal(hex(probabilistic(0.5)), '1209' + '09000000000000e03f');
  equal(hex(probabilistic(0)), '1200');
  equal(hex({ type: 'rateLimiting', maxTracesPerSecond: 300 }), '0801' + '1a03' + '08ac02');
  equal(hex(perOperation), '221b' + '099a9999999999e93f' + '1a10' + '0a036f7031' + '1209' + '099a9999999999c93f');
});

test('decodeStrategyParameters: the service, whatever else is there; only a WireError comes out of damage', () => {
  const bytes = Buffer.from('0a05636865636b' + '1801' + '0a03736f70', 'hex');
  equal(decodeStrategyParameters(bytes), 'sop');
  equal(decodeStrategyParameters(new Uint8Array()), '');
  for (let end = 0; end < bytes.length; end++) {
    try {
      decodeStrategyParameters(bytes.subarray(0, end));
    } catch (error) {
      deepEqual((error as Error).name, 'WireError');
    }
  }
});
