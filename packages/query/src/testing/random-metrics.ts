import {
  attribute,
  type Field,
  intrinsic,
  type MetricsExpression,
  type MetricsOperand,
  type Pipeline,
  type SecondStage,
} from '@spoor/traceql';
import { randomPipeline } from './random-pipelines.ts';
import { randomCondition, randomField } from './random-plans.ts';
import type { SeededRandom } from './seeded-random.ts';

/** A random metrics query. */
export function randomMetrics(random: SeededRandom, depth = 0): MetricsExpression {
  if (depth < 2 && random.chance(0.2)) return randomArithmetic(random, depth);
  if (depth === 0 && random.chance(0.15)) return randomCompare(random);
  return randomAggregate(random);
}

function randomArithmetic(random: SeededRandom, depth: number): MetricsExpression {
  const by = randomBy(random);
  const operands: MetricsOperand[] = [0, 1].map(() => {
    const of = randomMetrics(random, depth + 1);
    // With the same groups on both sides they meet.
    return of.kind === 'metricsAggregate' && random.chance(0.7) ? { ...of, by } : of;
  });
  if (random.chance(0.3)) {
    operands[random.below(2)] = { kind: 'static', value: { type: 'int', value: random.below(4) } };
  }
  const op = random.pick(['+', '-', '*', '/'] as const);
  return { kind: 'metricsArithmetic', op, left: operands[0], right: operands[1], second: randomSecond(random) };
}

function randomCompare(random: SeededRandom): MetricsExpression {
  const hasWindow = random.chance(0.3);
  return {
    kind: 'compare',
    pipeline: randomSpans(random),
    selection: { kind: 'filter', condition: randomCondition(random, 2) },
    topN: 1 + random.below(4),
    startNano: hasWindow ? 2n ** 60n + BigInt(random.below(30)) : undefined,
    endNano: hasWindow ? 2n ** 60n + BigInt(random.below(60)) : undefined,
  };
}

function randomAggregate(random: SeededRandom): MetricsExpression {
  const fn = random.pick([
    ...(['rate', 'count_over_time', 'min_over_time', 'max_over_time'] as const),
    ...(['sum_over_time', 'avg_over_time', 'quantile_over_time', 'histogram_over_time'] as const),
  ]);
  const isSum = fn === 'sum_over_time' || fn === 'avg_over_time';
  const of = fn === 'rate' || fn === 'count_over_time' ? undefined : randomAmount(random, isSum);
  return {
    kind: 'metricsAggregate',
    pipeline: randomSpans(random),
    fn,
    of,
    by: randomBy(random),
    arguments: fn === 'quantile_over_time' ? [0.5, random.pick([0, 0.25, 0.9, 1])] : [],
    second: randomSecond(random),
  };
}

/** Loose ones often, so that there is something to count. */
function randomSpans(random: SeededRandom): Pipeline {
  return random.chance(0.4) ? [{ kind: 'filter', condition: undefined }] : randomPipeline(random, 1);
}

function randomBy(random: SeededRandom): readonly Field[] {
  return random.list(3, () => {
    if (random.chance(0.4)) return attribute('resource', 'service.name');
    return random.chance(0.3) ? intrinsic(random.pick(['span:kind', 'span:name', 'span:status'])) : randomField(random);
  });
}

/** Sums are of small integers, so that they do not depend on the order of summands. */
function randomAmount(random: SeededRandom, isSum: boolean): Field {
  if (isSum || random.chance(0.4)) {
    return intrinsic(
      random.pick(['span:duration', 'span:childCount', 'nestedSetLeft', 'event:timeSinceStart'] as const),
    );
  }
  const scope = random.pick(['any', 'span', 'resource', 'event', 'link', 'instrumentation'] as const);
  return attribute(scope, random.pick(['a', 'b', 'c', 'http.status_code']));
}

function randomSecond(random: SeededRandom): readonly SecondStage[] {
  return random.list(random.chance(0.5) ? 0 : 2, (): SecondStage => {
    if (random.chance(0.6)) return { kind: random.pick(['topk', 'bottomk'] as const), count: 1 + random.below(3) };
    const op = random.pick(['=', '!=', '<', '<=', '>', '>='] as const);
    return { kind: 'threshold', op, value: { type: 'int', value: random.below(4) } };
  });
}
