import {
  type BinaryOp,
  type Field,
  type FieldExpression,
  type Intrinsic,
  type Static,
  attribute,
  compare,
  constant,
  intrinsic,
} from '@spoor/traceql';
import {
  attributeNames,
  floats,
  integers,
  serviceNames,
  spanIdOf,
  spanNames,
  texts,
  traceIdOf,
} from './random-traces.ts';
import type { SeededRandom } from './seeded-random.ts';

const intrinsics: readonly Intrinsic[] = [
  'span:duration',
  'span:name',
  'span:status',
  'span:statusMessage',
  'span:kind',
  'span:id',
  'span:parentID',
  'span:childCount',
  'span:traceState',
  'trace:duration',
  'trace:rootName',
  'trace:rootService',
  'trace:id',
  'nestedSetLeft',
  'nestedSetRight',
  'nestedSetParent',
  'event:name',
  'event:timeSinceStart',
  'link:traceID',
  'link:spanID',
  'instrumentation:name',
  'instrumentation:version',
];
const comparisons: readonly BinaryOp[] = ['=', '=', '!=', '<', '<=', '>', '>='];
const arithmetic: readonly BinaryOp[] = ['+', '-', '*', '/', '%', '^'];
const patterns = Object.freeze(['x', 'x.*', '.*y', 'x|y', '(?i)X', '[xy]+', '.', 'G.*/', '', '.*', 'a.?b*', '0+1']);
const NIL: Static = { type: 'nil' };

/** A random condition; shallow ones often, so that some spans match. */
export function randomCondition(random: SeededRandom, depth = 0): FieldExpression {
  const roll = random.next();
  if (depth < 3 && roll < 0.2)
    return compare(randomCondition(random, depth + 1), '&&', randomCondition(random, depth + 1));
  if (depth < 3 && roll < 0.4)
    return compare(randomCondition(random, depth + 1), '||', randomCondition(random, depth + 1));
  if (depth < 3 && roll < 0.5) return { kind: 'unary', op: '!', operand: randomCondition(random, depth + 1) };
  return randomPredicate(random);
}

function randomPredicate(random: SeededRandom): FieldExpression {
  const field = randomField(random);
  switch (random.below(10)) {
    case 0:
      return compare(field, random.pick(['=~', '!~']), constant({ type: 'string', value: random.pick(patterns) }));
    case 1:
      return compare(field, random.pick(['=', '!=']), constant(NIL));
    case 2:
      return compare(constant(constantFor(random, field)), random.pick(comparisons), field);
    case 3:
      return compare(field, random.pick(comparisons), randomField(random));
    case 4:
      return compare(randomOperand(random, 0), random.pick(comparisons), randomOperand(random, 0));
    case 5:
      return field;
    default:
      return compare(field, random.pick(comparisons), constant(constantFor(random, field)));
  }
}

export function randomOperand(random: SeededRandom, depth: number): FieldExpression {
  const roll = random.next();
  if (depth < 2 && roll < 0.5) {
    return compare(randomOperand(random, depth + 1), random.pick(arithmetic), randomOperand(random, depth + 1));
  }
  if (roll < 0.6) return { kind: 'unary', op: '-', operand: randomField(random) };
  if (roll < 0.8) return constant(randomStatic(random));
  return randomField(random);
}

export function randomField(random: SeededRandom): Field {
  if (random.chance(0.35)) return intrinsic(random.pick(intrinsics));
  const scope = random.pick(['any', 'any', 'span', 'span', 'resource', 'event', 'link', 'instrumentation'] as const);
  return attribute(scope, random.chance(0.1) ? 'service.name' : random.pick(attributeNames));
}

/** Mostly of the field's own kind. */
function constantFor(random: SeededRandom, field: Field): Static {
  if (field.kind === 'attribute' || random.chance(0.1)) return randomStatic(random);
  switch (field.name) {
    case 'span:status':
      return { type: 'status', value: random.pick(['unset', 'ok', 'error']) };
    case 'span:kind':
      return {
        type: 'kind',
        value: random.pick(['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']),
      };
    case 'span:duration':
    case 'trace:duration':
    case 'event:timeSinceStart':
      return { type: 'duration', value: random.below(40) - 3 };
    case 'span:childCount':
    case 'nestedSetLeft':
    case 'nestedSetRight':
    case 'nestedSetParent':
      return { type: 'int', value: random.below(8) - 1 };
    case 'trace:id':
    case 'link:traceID':
      return {
        type: 'string',
        value: random.pick([traceIdOf(1 + random.below(6)), (1 + random.below(6)).toString(16)]),
      };
    case 'span:id':
    case 'span:parentID':
    case 'link:spanID':
      return { type: 'string', value: random.chance(0.2) ? '' : spanIdOf(1 + random.below(10)) };
    default:
      return { type: 'string', value: random.pick([...spanNames, ...serviceNames, 'lib', '1.0']) };
  }
}

function randomStatic(random: SeededRandom): Static {
  switch (random.below(6)) {
    case 0:
    case 1:
      return { type: 'string', value: random.pick([...texts, ...serviceNames]) };
    case 2:
      return { type: 'int', value: random.pick(integers) };
    case 3:
      return { type: 'float', value: random.pick(floats) };
    case 4:
      return { type: 'bool', value: random.chance(0.5) };
    default:
      return { type: 'duration', value: random.below(300) };
  }
}
