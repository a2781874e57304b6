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
  type Static,
} from '@spoor/traceql';
import { randomCondition, randomField, randomOperand } from './random-plans.ts';
import type { SeededRandom } from './seeded-random.ts';

const ops: readonly SpansetOp[] = [
  ...(['&&', '||', '>', '<', '>>', '<<', '~'] as const),
  ...(['!>', '!<', '!>>', '!<<', '!~', '&>', '&<', '&>>', '&<<', '&~'] as const),
];
const comparisons: readonly ComparisonOp[] = ['=', '!=', '<', '<=', '>', '>='];

/** A random pipeline of all kinds of stages. */
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
  const scalars = [randomScalar(random, depth), randomScalar(random, depth)];
  // One side at least is no constant.
  if (scalars.every(({ kind }) => kind === 'static')) scalars[0] = randomAggregate(random);
  const [left, right] = scalars;
  return { kind: 'scalarFilter', op: random.pick(comparisons), left, right };
}

/** Constants often: they are what is mostly compared with. */
function randomScalar(random: SeededRandom, depth: number): ScalarExpression {
  const roll = random.next();
  if (roll < 0.4) return { kind: 'static', value: randomNumber(random) };
  if (roll < 0.55 && depth < 3) {
    const left = randomScalar(random, depth + 1);
    const right = randomScalar(random, depth + 1);
    return { kind: 'scalarArithmetic', op: random.pick(['+', '-', '*', '/', '%', '^']), left, right };
  }
  if (roll < 0.65 && depth < 2) {
    // Groups have to end before the comparison.
    const pipeline: Pipeline = [...randomPipeline(random, depth + 1), { kind: 'coalesce' }];
    return { kind: 'scalarPipeline', pipeline, result: randomAggregate(random) };
  }
  return randomAggregate(random);
}

function randomNumber(random: SeededRandom): Static {
  if (random.chance(0.7)) return { type: 'int', value: random.below(6) };
  return random.chance(0.5)
    ? { type: 'float', value: random.below(12) / 4 }
    : { type: 'duration', value: random.below(40) };
}

function randomGroup(random: SeededRandom): FieldExpression {
  if (random.chance(0.3)) return attribute('resource', 'service.name');
  if (random.chance(0.3)) return randomField(random);
  if (random.chance(0.2)) return randomOperand(random, 0);
  const name = random.pick(['span:name', 'span:kind', 'span:status', 'span:childCount', 'span:duration'] as const);
  return intrinsic(name);
}

/** Sums are of small integers, so that they do not depend on the order of summands. */
function randomAggregate(random: SeededRandom): ScalarExpression {
  if (random.chance(0.5)) return { kind: 'aggregate', fn: 'count', of: undefined };
  if (random.chance(0.4)) return { kind: 'aggregate', fn: random.pick(['min', 'max']), of: randomField(random) };
  const name = random.pick(['span:duration', 'span:childCount', 'nestedSetLeft', 'event:timeSinceStart'] as const);
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
