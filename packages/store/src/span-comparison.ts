import { isCoded, type ValueType } from '@spoor/model';
import type { SpanTable } from './span-table.ts';

/** The fields of a row that are numbers, or codes of strings; what is derived from others is left out. */
const NUMBER_FIELDS = [
  'spanIdHigh',
  'spanIdLow',
  'parentSpanIdHigh',
  'parentSpanIdLow',
  'startLow',
  'startHigh',
  'endLow',
  'endHigh',
  'kind',
  'statusCode',
  'flags',
  'droppedAttributes',
  'droppedEvents',
  'droppedLinks',
] as const;
const STRING_FIELDS = ['name', 'statusMessage', 'traceState'] as const;

/**
 * Orders spans of one trace by content: 0 when they are equal in every field, resource and scope included. Which of
 * two others comes first says nothing, but it is always the same one. Codes, shapes and rows mean something only within
 * their table, so between tables their content is compared.
 */
export function compareSpans(a: SpanTable, rowA: number, b: SpanTable, rowB: number): number {
  for (const field of NUMBER_FIELDS) if (a[field][rowA] !== b[field][rowB]) return a[field][rowA] - b[field][rowB];
  for (const field of STRING_FIELDS) {
    const order = compareStrings(a, a[field][rowA], b, b[field][rowB]);
    if (order !== 0) return order;
  }
  return (
    compareSets(a, a.shape[rowA], a.valueStart[rowA], b, b.shape[rowB], b.valueStart[rowB]) ||
    compareResources(a, a.resource[rowA], b, b.resource[rowB]) ||
    compareScopes(a, a.scope[rowA], b, b.scope[rowB]) ||
    compareEvents(a, rowA, b, rowB) ||
    compareLinks(a, rowA, b, rowB)
  );
}

/** Shorter ones first. */
function compareStrings(a: SpanTable, codeA: number, b: SpanTable, codeB: number): number {
  if (a === b && codeA === codeB) return 0;
  let atA = a.stringOffset[codeA];
  let atB = b.stringOffset[codeB];
  const end = a.stringOffset[codeA + 1];
  const lengthB = b.stringOffset[codeB + 1] - atB;
  if (end - atA !== lengthB) return end - atA - lengthB;
  for (; atA < end; atA++, atB++) {
    if (a.stringBytes[atA] !== b.stringBytes[atB]) return a.stringBytes[atA] - b.stringBytes[atB];
  }
  return 0;
}

/** Equal as `Object.is` has it: as bits, but for NaN, which comes last. */
function compareNumbers(a: number, b: number): number {
  if (Object.is(a, b)) return 0;
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return Object.is(a, -0) ? -1 : 1;
  return Number.isNaN(a) ? 1 : -1;
}

/** Keys, types and values, in their order; from the last one, since that is where a shape begins. */
function compareSets(
  a: SpanTable,
  shapeA: number,
  startA: number,
  b: SpanTable,
  shapeB: number,
  startB: number,
): number {
  let place = a.shapeLength[shapeA];
  if (place !== b.shapeLength[shapeB]) return place - b.shapeLength[shapeB];
  while (place > 0) {
    place--;
    const type = a.shapeType[shapeA] as ValueType;
    const valueA = a.values[startA + place];
    const valueB = b.values[startB + place];
    const order =
      type - b.shapeType[shapeB] ||
      compareStrings(a, a.shapeKey[shapeA], b, b.shapeKey[shapeB]) ||
      (isCoded(type) ? compareStrings(a, valueA, b, valueB) : compareNumbers(valueA, valueB));
    if (order !== 0) return order;
    shapeA = a.shapeParent[shapeA]!;
    shapeB = b.shapeParent[shapeB]!;
  }
  return 0;
}

function compareResources(a: SpanTable, rowA: number, b: SpanTable, rowB: number): number {
  if (a === b && rowA === rowB) return 0;
  return (
    a.resourceDropped[rowA] - b.resourceDropped[rowB] ||
    compareStrings(a, a.resourceSchemaUrl[rowA], b, b.resourceSchemaUrl[rowB]) ||
    compareStrings(a, a.resourceEntityRefs[rowA], b, b.resourceEntityRefs[rowB]) ||
    compareSets(
      a,
      a.resourceShape[rowA],
      a.resourceValueStart[rowA],
      b,
      b.resourceShape[rowB],
      b.resourceValueStart[rowB],
    )
  );
}

function compareScopes(a: SpanTable, rowA: number, b: SpanTable, rowB: number): number {
  if (a === b && rowA === rowB) return 0;
  return (
    a.scopeDropped[rowA] - b.scopeDropped[rowB] ||
    compareStrings(a, a.scopeName[rowA], b, b.scopeName[rowB]) ||
    compareStrings(a, a.scopeVersion[rowA], b, b.scopeVersion[rowB]) ||
    compareStrings(a, a.scopeSchemaUrl[rowA], b, b.scopeSchemaUrl[rowB]) ||
    compareSets(a, a.scopeShape[rowA], a.scopeValueStart[rowA], b, b.scopeShape[rowB], b.scopeValueStart[rowB])
  );
}

function compareEvents(a: SpanTable, rowA: number, b: SpanTable, rowB: number): number {
  const end = a.eventStart[rowA + 1];
  let atA = a.eventStart[rowA];
  let atB = b.eventStart[rowB];
  const countB = b.eventStart[rowB + 1] - atB;
  if (end - atA !== countB) return end - atA - countB;
  for (; atA < end; atA++, atB++) {
    const order =
      a.eventTimeHigh[atA] - b.eventTimeHigh[atB] ||
      a.eventTimeLow[atA] - b.eventTimeLow[atB] ||
      a.eventDropped[atA] - b.eventDropped[atB] ||
      compareStrings(a, a.eventName[atA], b, b.eventName[atB]) ||
      compareSets(a, a.eventShape[atA], a.eventValueStart[atA], b, b.eventShape[atB], b.eventValueStart[atB]);
    if (order !== 0) return order;
  }
  return 0;
}

function compareLinks(a: SpanTable, rowA: number, b: SpanTable, rowB: number): number {
  const end = a.linkStart[rowA + 1];
  let atA = a.linkStart[rowA];
  let atB = b.linkStart[rowB];
  const countB = b.linkStart[rowB + 1] - atB;
  if (end - atA !== countB) return end - atA - countB;
  for (; atA < end; atA++, atB++) {
    const order =
      a.linkFlags[atA] - b.linkFlags[atB] ||
      a.linkDropped[atA] - b.linkDropped[atB] ||
      compareStrings(a, a.linkTraceId[atA], b, b.linkTraceId[atB]) ||
      compareStrings(a, a.linkSpanId[atA], b, b.linkSpanId[atB]) ||
      compareStrings(a, a.linkTraceState[atA], b, b.linkTraceState[atB]) ||
      compareSets(a, a.linkShape[atA], a.linkValueStart[atA], b, b.linkShape[atB], b.linkValueStart[atB]);
    if (order !== 0) return order;
  }
  return 0;
}
