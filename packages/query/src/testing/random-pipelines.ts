import {
  attribute,
  type ComparisonOp,
  type FieldExpression,
  intrinsic,
  type Pipeline,
  type ScalarExpression,
  type SpansetExpression,
  type SpansetOp,
  type Stage,
} from '@spoor/traceql';
import { randomCondition } from './random-plans.ts';
import type { SeededRandom } from './seeded-random.ts';

const ops: readonly SpansetOp[] = [
  ...(['&&', '||', '>', '<', '>>', '<<', '~'] as const),
  ...(['!>', '!<', '!>>', '!<<', '!~', '&>', '&<', '&>>', '&<<', '&~'] as const),
];
const comparisons: readonly ComparisonOp[] = ['=', '!=', '<', '<=', '>', '>='];

/** A random pipeline of the stages that are evaluated so far. */
export function randomPipeline(random: SeededRandom, depth = 0): Pipeline {
  const stages: Stage[] = [randomSpanset(random, depth)];
  while (random.chance(0.35)) stages.push(randomStage(random, depth));
  return stages;
}

function randomStage(random: SeededRandom, depth: number): Stage {
  const roll = random.next();
  if (roll < 0.4) return randomSpanset(random, depth);
  if (roll < 0.45) return { kind: 'select', fields: [intrinsic('span:name')] };
  if (roll < 0.5) return { kind: 'coalesce' };
  if (roll < 0.65) return { kind: 'group', by: randomGroup(random) };
  const left = randomAggregate(random);
  const right: ScalarExpression = { kind: 'static', value: { type: 'int', value: random.below(6) } };
  const op = random.pick(comparisons);
  return random.chance(0.8)
    ? { kind: 'scalarFilter', op, left, right }
    : { kind: 'scalarFilter', op, left: right, right: left };
}

function randomGroup(random: SeededRandom): FieldExpression {
  if (random.chance(0.3)) return attribute('resource', 'service.name');
  const name = random.pick(['span:name', 'span:kind', 'span:status', 'span:childCount', 'span:duration'] as const);
  return intrinsic(name);
}

/** Sums are of small integers, so that they do not depend on the order of summands. */
function randomAggregate(random: SeededRandom): ScalarExpression {
  if (random.chance(0.5)) return { kind: 'aggregate', fn: 'count', of: undefined };
  const name = random.pick(['span:duration', 'span:childCount', 'nestedSetLeft'] as const);
  return { kind: 'aggregate', fn: random.pick(['min', 'max', 'sum', 'avg']), of: intrinsic(name) };
}

function randomSpanset(random: SeededRandom, depth: number): SpansetExpression {
  const roll = random.next();
  if (depth < 3 && roll < 0.45) {
    const left = randomSpanset(random, depth + 1);
    return { kind: 'spansetOperation', op: random.pick(ops), left, right: randomSpanset(random, depth + 1) };
  }
  if (depth < 2 && roll < 0.55) return { kind: 'subpipeline', pipeline: randomPipeline(random, depth + 1) };
  return { kind: 'filter', condition: randomFilter(random) };
}

/** Loose ones often, so that structure decides. */
function randomFilter(random: SeededRandom): FieldExpression | undefined {
  return random.chance(0.3) ? undefined : randomCondition(random, 1);
}
