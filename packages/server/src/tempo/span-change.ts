import { encodeAnyValue, serviceName, type Attribute, type AttributeValue, type Span } from '@spoor/model';
import { attributeJson } from '@spoor/wire';

/** A span of one trace against the one of another that stands for the same work. */
export type SpanPair = readonly [base: Span, compare: Span];

/** One difference between the spans of a pair. */
export interface SpanChange {
  readonly op: 'add' | 'remove' | 'modify';
  readonly target: 'field' | 'attribute';
  readonly serviceName: string;
  readonly spanName: string;
  readonly spanId: { readonly base: string; readonly compare: string };
  readonly name: string;
  readonly base?: unknown;
  readonly compare?: unknown;
}

/** One pair of traces cannot tell a change from chance; only what is past both is worth a line. */
const durationShareMin = 0.25;
const durationNanoMin = 1_000_000n;

const statusNames = ['unset', 'ok', 'error'];

/** Attributes of the span, and its status and duration; ids and times are always different. */
export function changesOf([base, compare]: SpanPair): readonly SpanChange[] {
  const place = {
    serviceName: serviceName(compare.resource),
    spanName: compare.name,
    spanId: { base: base.spanId, compare: compare.spanId },
  };
  const fields = fieldChanges(base, compare).map((change) => ({ ...change, target: 'field' as const, ...place }));
  const attributes = attributeChanges(base.attributes, compare.attributes);
  return [...fields, ...attributes.map((change) => ({ ...change, target: 'attribute' as const, ...place }))];
}

type Change = Pick<SpanChange, 'op' | 'name' | 'base' | 'compare'>;

function fieldChanges(base: Span, compare: Span): Change[] {
  const changes: Change[] = [];
  const [before, after] = [durationNano(base), durationNano(compare)];
  if (differs(before, after)) {
    changes.push({ op: 'modify', name: 'durationMs', base: milli(before), compare: milli(after) });
  }
  if (base.statusCode !== compare.statusCode) {
    const nameOf = (code: number): string => statusNames[code] ?? String(code);
    const [from, to] = [nameOf(base.statusCode), nameOf(compare.statusCode)];
    changes.push({ op: 'modify', name: 'status', base: from, compare: to });
  }
  return changes;
}

function differs(before: bigint, after: bigint): boolean {
  const distance = before > after ? before - after : after - before;
  const longer = before > after ? before : after;
  return distance >= durationNanoMin && Number(distance) >= durationShareMin * Number(longer);
}

function attributeChanges(base: readonly Attribute[], compare: readonly Attribute[]): Change[] {
  const before = new Map(base.map(({ key, value }) => [key, value]));
  const after = new Map(compare.map(({ key, value }) => [key, value]));
  const changes: Change[] = [];
  for (const [name, value] of before) {
    const other = after.get(name);
    if (other === undefined) changes.push({ op: 'remove', name, base: valueOf(value) });
    else if (!areEqual(value, other)) {
      changes.push({ op: 'modify', name, base: valueOf(value), compare: valueOf(other) });
    }
  }
  for (const [name, value] of after) {
    if (!before.has(name)) changes.push({ op: 'add', name, compare: valueOf(value) });
  }
  return changes;
}

function areEqual(a: AttributeValue, b: AttributeValue): boolean {
  if (a.type !== b.type) return false;
  return Buffer.from(encodeAnyValue(a)).equals(encodeAnyValue(b));
}

/** As traces have it: `{"stringValue":"x"}`. */
function valueOf(value: AttributeValue): unknown {
  return (JSON.parse(attributeJson({ key: '', value })) as { value: unknown }).value;
}

function durationNano({ startTimeUnixNano: start, endTimeUnixNano: end }: Span): bigint {
  return end > start ? end - start : 0n;
}

/** Lossy below a microsecond. */
function milli(nano: bigint): number {
  return Number(nano / 1_000n) / 1_000;
}
