import { isCoded, type ValueType } from '@spoor/model';
import type { SpanTable } from './span-table.ts';
import { hashView, mixWord, viewOf } from './string-interner.ts';

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
 * True when two spans of one trace are equal in every field, resource and scope included. Codes, shapes and rows
 * mean something only within their table, so between tables their content is compared.
 */
export function sameSpan(a: SpanTable, rowA: number, b: SpanTable, rowB: number): boolean {
  for (const field of NUMBER_FIELDS) if (a[field][rowA] !== b[field][rowB]) return false;
  for (const field of STRING_FIELDS) if (!sameString(a, a[field][rowA], b, b[field][rowB])) return false;
  return (
    sameSet(a, a.shape[rowA], a.valueStart[rowA], b, b.shape[rowB], b.valueStart[rowB]) &&
    sameResource(a, a.resource[rowA], b, b.resource[rowB]) &&
    sameScope(a, a.scope[rowA], b, b.scope[rowB]) &&
    sameEvents(a, rowA, b, rowB) &&
    sameLinks(a, rowA, b, rowB)
  );
}

/** Equal for spans that are the same; covers numbers, names, attributes and how many events and links there are. */
export function hashSpan(table: SpanTable, row: number): number {
  let hash = 0;
  for (const field of NUMBER_FIELDS) hash = mixWord(hash ^ table[field][row]);
  for (const field of STRING_FIELDS) hash = mixWord(hash ^ hashString(table, table[field][row]));
  hash = mixWord(hash ^ (table.eventStart[row + 1] - table.eventStart[row]));
  hash = mixWord(hash ^ (table.linkStart[row + 1] - table.linkStart[row]));
  let place = table.valueStart[row] + table.shapeLength[table.shape[row]];
  for (let shape = table.shape[row]; shape !== 0; shape = table.shapeParent[shape]!) {
    const value = table.values[--place];
    const isCode = isCoded(table.shapeType[shape] as ValueType);
    hash = mixWord(hash ^ (isCode ? hashString(table, value) : value | 0));
  }
  return hash;
}

function hashString({ stringBytes, stringOffset }: SpanTable, code: number): number {
  return hashView(viewOf(stringBytes), stringOffset[code], stringOffset[code + 1], 0);
}

function sameString(a: SpanTable, codeA: number, b: SpanTable, codeB: number): boolean {
  if (a === b && codeA === codeB) return true;
  let atA = a.stringOffset[codeA];
  let atB = b.stringOffset[codeB];
  const end = a.stringOffset[codeA + 1];
  if (end - atA !== b.stringOffset[codeB + 1] - atB) return false;
  while (atA < end) if (a.stringBytes[atA++] !== b.stringBytes[atB++]) return false;
  return true;
}

/** Same keys, types and values in the same order. Numbers are compared as `Object.is` does: as bits, but for NaN. */
function sameSet(a: SpanTable, shapeA: number, startA: number, b: SpanTable, shapeB: number, startB: number): boolean {
  let place = a.shapeLength[shapeA];
  if (place !== b.shapeLength[shapeB]) return false;
  while (place > 0) {
    place--;
    const type = a.shapeType[shapeA] as ValueType;
    if (type !== b.shapeType[shapeB] || !sameString(a, a.shapeKey[shapeA], b, b.shapeKey[shapeB])) return false;
    const valueA = a.values[startA + place];
    const valueB = b.values[startB + place];
    if (isCoded(type) ? !sameString(a, valueA, b, valueB) : !Object.is(valueA, valueB)) return false;
    shapeA = a.shapeParent[shapeA]!;
    shapeB = b.shapeParent[shapeB]!;
  }
  return true;
}

function sameResource(a: SpanTable, rowA: number, b: SpanTable, rowB: number): boolean {
  if (a === b && rowA === rowB) return true;
  return (
    a.resourceDropped[rowA] === b.resourceDropped[rowB] &&
    sameString(a, a.resourceSchemaUrl[rowA], b, b.resourceSchemaUrl[rowB]) &&
    sameString(a, a.resourceEntityRefs[rowA], b, b.resourceEntityRefs[rowB]) &&
    sameSet(a, a.resourceShape[rowA], a.resourceValueStart[rowA], b, b.resourceShape[rowB], b.resourceValueStart[rowB])
  );
}

function sameScope(a: SpanTable, rowA: number, b: SpanTable, rowB: number): boolean {
  if (a === b && rowA === rowB) return true;
  return (
    a.scopeDropped[rowA] === b.scopeDropped[rowB] &&
    sameString(a, a.scopeName[rowA], b, b.scopeName[rowB]) &&
    sameString(a, a.scopeVersion[rowA], b, b.scopeVersion[rowB]) &&
    sameString(a, a.scopeSchemaUrl[rowA], b, b.scopeSchemaUrl[rowB]) &&
    sameSet(a, a.scopeShape[rowA], a.scopeValueStart[rowA], b, b.scopeShape[rowB], b.scopeValueStart[rowB])
  );
}

function sameEvents(a: SpanTable, rowA: number, b: SpanTable, rowB: number): boolean {
  const end = a.eventStart[rowA + 1];
  let atB = b.eventStart[rowB];
  if (end - a.eventStart[rowA] !== b.eventStart[rowB + 1] - atB) return false;
  for (let atA = a.eventStart[rowA]; atA < end; atA++, atB++) {
    const same =
      a.eventTimeLow[atA] === b.eventTimeLow[atB] &&
      a.eventTimeHigh[atA] === b.eventTimeHigh[atB] &&
      a.eventDropped[atA] === b.eventDropped[atB] &&
      sameString(a, a.eventName[atA], b, b.eventName[atB]) &&
      sameSet(a, a.eventShape[atA], a.eventValueStart[atA], b, b.eventShape[atB], b.eventValueStart[atB]);
    if (!same) return false;
  }
  return true;
}

function sameLinks(a: SpanTable, rowA: number, b: SpanTable, rowB: number): boolean {
  const end = a.linkStart[rowA + 1];
  let atB = b.linkStart[rowB];
  if (end - a.linkStart[rowA] !== b.linkStart[rowB + 1] - atB) return false;
  for (let atA = a.linkStart[rowA]; atA < end; atA++, atB++) {
    const same =
      a.linkFlags[atA] === b.linkFlags[atB] &&
      a.linkDropped[atA] === b.linkDropped[atB] &&
      sameString(a, a.linkTraceId[atA], b, b.linkTraceId[atB]) &&
      sameString(a, a.linkSpanId[atA], b, b.linkSpanId[atB]) &&
      sameString(a, a.linkTraceState[atA], b, b.linkTraceState[atB]) &&
      sameSet(a, a.linkShape[atA], a.linkValueStart[atA], b, b.linkShape[atB], b.linkValueStart[atB]);
    if (!same) return false;
  }
  return true;
}
