import { attribute, intrinsic, type Field } from '../tree.ts';

/** What a typed field name means, and what kind of value goes with it. */
export type PlainField =
  | { readonly kind: 'text' | 'name' | 'duration' | 'status' | 'kind'; readonly field: Field }
  | { readonly kind: 'error' };

const wellKnown: Readonly<Record<string, PlainField>> = {
  service: { kind: 'text', field: attribute('resource', 'service.name') },
  'service.name': { kind: 'text', field: attribute('resource', 'service.name') },
  operation: { kind: 'text', field: intrinsic('span:name') },
  name: { kind: 'text', field: intrinsic('span:name') },
  span: { kind: 'text', field: intrinsic('span:name') },
  duration: { kind: 'duration', field: intrinsic('span:duration') },
  'trace.duration': { kind: 'duration', field: intrinsic('trace:duration') },
  traceduration: { kind: 'duration', field: intrinsic('trace:duration') },
  status: { kind: 'status', field: intrinsic('span:status') },
  kind: { kind: 'kind', field: intrinsic('span:kind') },
  'span.kind': { kind: 'kind', field: intrinsic('span:kind') },
  root: { kind: 'text', field: intrinsic('trace:rootName') },
  'root.service': { kind: 'text', field: intrinsic('trace:rootService') },
  error: { kind: 'error' },
  'tags.error': { kind: 'error' },
};

const scopes = ['span', 'resource', 'event', 'link', 'instrumentation'] as const;

/** Names of one's own attributes need no prefix; `tags.` is how the guide and Jaeger's users write them. */
export function plainField(name: string): PlainField {
  const known = Object.hasOwn(wellKnown, name.toLowerCase()) ? wellKnown[name.toLowerCase()] : undefined;
  if (known !== undefined) return known;
  for (const scope of scopes) {
    if (name.startsWith(`${scope}.`)) return { kind: 'text', field: attribute(scope, name.slice(scope.length + 1)) };
  }
  return { kind: 'text', field: attribute('any', name.replace(/^(tags?|attributes?)?\./, '')) };
}
