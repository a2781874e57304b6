import { type Attribute, attributeAliases, type AttributeValue, type Span } from '@spoor/model';
import type { AttributeScope, Intrinsic } from '@spoor/traceql';
import type { ModelTrace } from './model-trace.ts';

/*
 * The slow, obvious twin of lists of names and values: loops over plain spans.
 */

export const attributeScopes = Object.freeze(['resource', 'span', 'instrumentation', 'event', 'link'] as const);
type Scope = (typeof attributeScopes)[number];

function attributesAt(span: Span, scope: Scope): readonly Attribute[] {
  switch (scope) {
    case 'resource':
      return span.resource.attributes;
    case 'span':
      return span.attributes;
    case 'instrumentation':
      return span.scope.attributes;
    case 'event':
      return span.events.flatMap((event) => event.attributes);
    case 'link':
      return span.links.flatMap((link) => link.attributes);
  }
}

function scalars(value: AttributeValue): string[] {
  if (value.type === 'array') return value.value.flatMap(scalars);
  return value.type === 'string' || value.type === 'bool' || value.type === 'int' || value.type === 'double'
    ? [`${value.type} ${value.value}`]
    : [];
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}

/** `scope name` */
export function modelNames(spans: readonly Span[]): string[] {
  return attributeScopes.flatMap((scope) => {
    const keys = spans.flatMap((span) =>
      attributesAt(span, scope).flatMap(({ key, value }) => (value.type === 'empty' ? [] : [key])),
    );
    return distinct(keys).map((name) => `${scope} ${name}`);
  });
}

/** `type value` */
export function modelValues(spans: readonly Span[], scope: AttributeScope, name: string): string[] {
  const at = scope === 'any' ? (['span', 'resource'] as const) : ([scope] as const);
  const attributes = spans.flatMap((span) => at.flatMap((each) => attributesAt(span, each)));
  const values = attributes
    .filter(({ key }) => attributeAliases(name).includes(key))
    .flatMap(({ value }) => scalars(value));
  return distinct(values);
}

/** Texts of an intrinsic, of spans of the trace. */
export function modelIntrinsics(trace: ModelTrace, spans: readonly Span[], name: Intrinsic): string[] {
  const texts = spans.flatMap((span): readonly string[] => {
    switch (name) {
      case 'span:name':
        return [span.name];
      case 'span:statusMessage':
        return [span.statusMessage];
      case 'span:status':
        return [['unset', 'ok', 'error'][span.statusCode] ?? ''];
      case 'span:kind':
        return [['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'][span.kind] ?? ''];
      case 'event:name':
        return span.events.map((event) => event.name);
      case 'instrumentation:name':
        return [span.scope.name];
      case 'instrumentation:version':
        return [span.scope.version];
      case 'trace:rootName':
        return [trace.root?.name ?? ''];
      case 'trace:rootService': {
        const value = trace.root?.resource.attributes.find(({ key }) => key === 'service.name')?.value;
        return value?.type === 'string' ? [value.value] : [];
      }
      default:
        return [];
    }
  });
  return distinct(texts.filter((text) => text !== ''));
}
