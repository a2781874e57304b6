import type { Attribute, AttributeValue, Resource, Scope, Span } from '@spoor/model';
import { unixNano } from '@spoor/model';
import { spanIdOf, traceIdOf } from './random-traces.ts';

type Plain = string | number | bigint | boolean | AttributeValue | readonly Plain[];
export type PlainAttributes = Readonly<Record<string, Plain>>;

/** Integers are `int`; write `double(5)` for a float that is whole. */
export function double(value: number): AttributeValue {
  return { type: 'double', value };
}

function valueOf(plain: Plain): AttributeValue {
  switch (typeof plain) {
    case 'string':
      return { type: 'string', value: plain };
    case 'boolean':
      return { type: 'bool', value: plain };
    case 'bigint':
      return { type: 'int', value: plain };
    case 'number':
      return Number.isInteger(plain) ? { type: 'int', value: plain } : { type: 'double', value: plain };
    default:
      return Array.isArray(plain) ? { type: 'array', value: plain.map(valueOf) } : (plain as AttributeValue);
  }
}

export function attributesOf(plain: PlainAttributes = {}): readonly Attribute[] {
  return Object.entries(plain).map(([key, value]) => ({ key, value: valueOf(value) }));
}

export function resourceOf(plain: PlainAttributes): Resource {
  return { attributes: attributesOf(plain), droppedAttributesCount: 0, schemaUrl: '', entityRefs: [] };
}

const SCOPE: Scope = { name: 'lib', version: '1.0', attributes: [], droppedAttributesCount: 0, schemaUrl: '' };
const RESOURCE = resourceOf({ 'service.name': 'api' });

export interface PlainSpan {
  readonly trace?: number;
  readonly id?: number;
  /** 0 for a root */
  readonly parent?: number;
  readonly start?: number;
  readonly durationNano?: number;
  readonly name?: string;
  readonly kind?: number;
  readonly statusCode?: number;
  readonly attributes?: PlainAttributes;
  readonly events?: readonly PlainAttributes[];
  readonly links?: readonly PlainAttributes[];
  readonly resource?: Resource;
}

/** A span of which only what matters is said. */
export function plainSpan(plain: PlainSpan): Span {
  const start = BigInt(plain.start ?? 1_000);
  return {
    traceId: traceIdOf(plain.trace ?? 1),
    spanId: spanIdOf(plain.id ?? 1),
    parentSpanId: plain.parent === undefined || plain.parent === 0 ? '' : spanIdOf(plain.parent),
    traceState: '',
    flags: 0,
    name: plain.name ?? 'GET /',
    kind: plain.kind ?? 0,
    startTimeUnixNano: unixNano(start),
    endTimeUnixNano: unixNano(start + BigInt(plain.durationNano ?? 100)),
    attributes: attributesOf(plain.attributes),
    droppedAttributesCount: 0,
    events: (plain.events ?? []).map((attributes) => ({
      timeUnixNano: unixNano(start + 5n),
      name: 'e',
      attributes: attributesOf(attributes),
      droppedAttributesCount: 0,
    })),
    droppedEventsCount: 0,
    links: (plain.links ?? []).map((attributes) => ({
      traceId: traceIdOf(9),
      spanId: spanIdOf(9),
      traceState: '',
      flags: 0,
      attributes: attributesOf(attributes),
      droppedAttributesCount: 0,
    })),
    droppedLinksCount: 0,
    statusCode: plain.statusCode ?? 0,
    statusMessage: '',
    resource: plain.resource ?? RESOURCE,
    scope: SCOPE,
    adjustedCount: 1,
  };
}
