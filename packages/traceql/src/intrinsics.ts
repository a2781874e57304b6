import type { Field, FieldExpression, Intrinsic, Static } from './tree.ts';
import type { ValueType } from './value-type.ts';

/** Type and spellings of each intrinsic: the one it is printed with first. */
const table: { readonly [name in Intrinsic]: readonly [ValueType, ...string[]] } = Object.freeze({
  'span:duration': ['duration', 'duration', 'span:duration'],
  'span:name': ['string', 'name', 'span:name'],
  'span:status': ['status', 'status', 'span:status'],
  'span:statusMessage': ['string', 'statusMessage', 'span:statusMessage'],
  'span:kind': ['kind', 'kind', 'span:kind'],
  'span:id': ['string', 'span:id'],
  'span:parentID': ['string', 'span:parentID'],
  'span:childCount': ['int', 'span:childCount'],
  'span:traceState': ['string', 'span:traceState'],
  'trace:duration': ['duration', 'traceDuration', 'trace:duration'],
  'trace:rootName': ['string', 'rootName', 'trace:rootName'],
  'trace:rootService': ['string', 'rootServiceName', 'trace:rootService'],
  'trace:id': ['string', 'trace:id'],
  nestedSetLeft: ['int', 'nestedSetLeft'],
  nestedSetRight: ['int', 'nestedSetRight'],
  nestedSetParent: ['int', 'nestedSetParent'],
  'event:name': ['string', 'event:name'],
  'event:timeSinceStart': ['duration', 'event:timeSinceStart'],
  'link:traceID': ['string', 'link:traceID'],
  'link:spanID': ['string', 'link:spanID'],
  'instrumentation:name': ['string', 'instrumentation:name'],
  'instrumentation:version': ['string', 'instrumentation:version'],
});

export const intrinsicOfSpelling: ReadonlyMap<string, Intrinsic> = new Map(
  Object.entries(table).flatMap(([name, [, ...spellings]]) =>
    spellings.map((spelling) => [spelling, name as Intrinsic] as const),
  ),
);

export function intrinsicType(name: Intrinsic): ValueType {
  return table[name][0];
}

export function fieldType(field: Field): ValueType {
  return field.kind === 'attribute' ? 'attribute' : intrinsicType(field.name);
}

/** The short spelling where there is one: `duration`, `rootServiceName`, but `span:id`. */
export function intrinsicSpelling(name: Intrinsic): string {
  return table[name][1];
}

/** Words that are constants wherever a value may stand. */
export const constantOfWord: ReadonlyMap<string, Static> = new Map<string, Static>([
  ['true', { type: 'bool', value: true }],
  ['false', { type: 'bool', value: false }],
  ['nil', { type: 'nil' }],
  ['unset', { type: 'status', value: 'unset' }],
  ['ok', { type: 'status', value: 'ok' }],
  ['error', { type: 'status', value: 'error' }],
  ['unspecified', { type: 'kind', value: 'unspecified' }],
  ['internal', { type: 'kind', value: 'internal' }],
  ['server', { type: 'kind', value: 'server' }],
  ['client', { type: 'kind', value: 'client' }],
  ['producer', { type: 'kind', value: 'producer' }],
  ['consumer', { type: 'kind', value: 'consumer' }],
  ['minInt', { type: 'int', value: -(2n ** 63n) }],
  ['maxInt', { type: 'int', value: 2n ** 63n - 1n }],
]);

export function isField(
  expression: FieldExpression,
): expression is Extract<FieldExpression, { kind: 'attribute' | 'intrinsic' }> {
  return expression.kind === 'attribute' || expression.kind === 'intrinsic';
}
