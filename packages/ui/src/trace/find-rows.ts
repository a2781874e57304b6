import { type Field, fieldsAsked, matchesPlain, parsePlainQuery, type Static } from '@spoor/traceql';
import { SpanFlag } from '@spoor/wire';
import { kindOf, nameOf, serviceOf, type TraceModel } from './trace-model.ts';

/** The answer to a text typed into “find in this trace”. */
export type FoundRows =
  | { readonly kind: 'everything' }
  /** 1 for each row that matches */
  | { readonly kind: 'rows'; readonly matches: Uint8Array; readonly count: number }
  /** what looks is not here yet */
  | { readonly kind: 'waiting' }
  /** asks about attributes, which only the server has */
  | { readonly kind: 'server' }
  | { readonly kind: 'error'; readonly message: string };

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

/** Answers from the skeleton alone when it can: service, name, duration, status, kind. */
export function findRows(model: TraceModel, text: string): FoundRows {
  const query = parsePlainQuery(text);
  if (query.kind === 'error') return { kind: 'error', message: query.message };
  if (query.kind === 'traceId' || query.condition === undefined) return { kind: 'everything' };
  const { condition } = query;
  if (!fieldsAsked(condition).every(isInSkeleton)) return { kind: 'server' };
  const matches = new Uint8Array(model.spanCount);
  let count = 0;
  let row = 0;
  const lookup = (field: Field): Static | undefined => skeletonValue(model, row, field);
  for (row = 0; row < model.spanCount; row++) {
    if (!matchesPlain(condition, lookup)) continue;
    matches[row] = 1;
    count++;
  }
  return { kind: 'rows', matches, count };
}

/** `span.error` stands beside the status in what `error=true` means; the skeleton answers it by the status alone. */
function isInSkeleton(field: Field): boolean {
  if (field.kind === 'attribute') {
    return (
      (field.scope === 'resource' && field.name === 'service.name') ||
      (field.scope === 'span' && field.name === 'error')
    );
  }
  return ['span:name', 'span:duration', 'span:status', 'span:kind'].includes(field.name);
}

function skeletonValue(model: TraceModel, row: number, field: Field): Static | undefined {
  if (field.kind === 'attribute') {
    return field.name === 'service.name' ? { type: 'string', value: serviceOf(model, row) } : undefined;
  }
  switch (field.name) {
    case 'span:name':
      return { type: 'string', value: nameOf(model, row) };
    case 'span:duration':
      return { type: 'duration', value: model.skeleton.durationNano[row] };
    case 'span:status':
      return {
        type: 'status',
        value: (['unset', 'ok', 'error', 'unset'] as const)[model.skeleton.flags[row] & SpanFlag.statusMask],
      };
    case 'span:kind':
      return { type: 'kind', value: kinds[kindOf(model, row)] ?? 'unspecified' };
    default:
      return undefined;
  }
}
