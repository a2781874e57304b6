import {
  type Attribute,
  attributeAliases,
  type AttributeValue,
  type Span,
  type SpanEvent,
  type SpanLink,
} from '@spoor/model';
import type { AttributeField, BinaryOp, Field, FieldExpression, IntrinsicField, Static } from '@spoor/traceql';
import type { ModelTrace } from './model-trace.ts';

/*
 * The slow, obvious twin of the engine: TraceQL's conditions over plain spans of whole traces, written from the
 * semantics and sharing no code with what it checks.
 */

type Scalar =
  | { readonly is: 'number'; readonly n: number | bigint; readonly int: boolean; readonly duration: boolean }
  | { readonly is: 'string' | 'status' | 'kind'; readonly s: string | number }
  | { readonly is: 'bool'; readonly b: boolean }
  | { readonly is: 'opaque' };
type ModelValue = Scalar | { readonly is: 'array'; readonly elements: readonly ModelValue[] } | undefined;

interface Moment {
  readonly trace: ModelTrace;
  readonly span: Span;
  readonly event: SpanEvent | undefined;
  readonly link: SpanLink | undefined;
}

/** The spans of a trace that the condition holds for, each of several equal ones once. */
export function modelMatches(trace: ModelTrace, condition: FieldExpression | undefined): readonly Span[] {
  if (condition === undefined) return trace.spans;
  return trace.spans.filter((span) => {
    const events = span.events.length === 0 ? [undefined] : span.events;
    const links = span.links.length === 0 ? [undefined] : span.links;
    return events.some((event) => links.some((link) => truth(evaluate(condition, { trace, span, event, link }))));
  });
}

function truth(value: ModelValue): boolean {
  return value?.is === 'bool' && value.b;
}

function bool(b: boolean): ModelValue {
  return { is: 'bool', b };
}

function evaluate(expression: FieldExpression, at: Moment): ModelValue {
  switch (expression.kind) {
    case 'static':
      return ofStatic(expression.value);
    case 'attribute':
      return ofAttribute(expression, at);
    case 'intrinsic':
      return ofIntrinsic(expression, at);
    case 'unary': {
      const operand = evaluate(expression.operand, at);
      if (expression.op === '!') return bool(!truth(operand));
      return operand?.is === 'number'
        ? { ...operand, n: typeof operand.n === 'bigint' ? -operand.n : 0 - operand.n }
        : undefined;
    }
    case 'binary':
      return ofBinary(expression.op, expression.left, expression.right, at);
  }
}

function ofStatic(value: Static): ModelValue {
  switch (value.type) {
    case 'nil':
      return undefined;
    case 'int':
      return { is: 'number', n: value.value, int: true, duration: false };
    case 'float':
      return { is: 'number', n: value.value, int: false, duration: false };
    case 'duration':
      return { is: 'number', n: value.value, int: false, duration: true };
    case 'bool':
      return bool(value.value);
    case 'string':
      return { is: 'string', s: value.value };
    case 'status':
      return { is: 'status', s: ['unset', 'ok', 'error'].indexOf(value.value) };
    case 'kind':
      return {
        is: 'kind',
        s: ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'].indexOf(value.value),
      };
  }
}

function ofAttributeValue(value: AttributeValue | undefined): ModelValue {
  switch (value?.type) {
    case 'string':
      return { is: 'string', s: value.value };
    case 'bool':
      return bool(value.value);
    case 'int':
    case 'double':
      return { is: 'number', n: value.value, int: value.type === 'int', duration: false };
    case 'array':
      return { is: 'array', elements: value.value.map(ofAttributeValue) };
    case 'bytes':
    case 'kvlist':
      return { is: 'opaque' };
    default:
      return undefined;
  }
}

function find(attributes: readonly Attribute[] | undefined, name: string): ModelValue {
  const spelled = attributeAliases(name).map((spelling) =>
    attributes?.find(({ key, value }) => key === spelling && value.type !== 'empty'),
  );
  return ofAttributeValue(spelled.find((found) => found !== undefined)?.value);
}

function ofAttribute({ scope, name }: AttributeField, { span, event, link }: Moment): ModelValue {
  switch (scope) {
    case 'any':
      return find(span.attributes, name) ?? find(span.resource.attributes, name);
    case 'span':
      return find(span.attributes, name);
    case 'resource':
      return find(span.resource.attributes, name);
    case 'instrumentation':
      return find(span.scope.attributes, name);
    case 'event':
      return find(event?.attributes, name);
    case 'link':
      return find(link?.attributes, name);
  }
}

function int(n: number): ModelValue {
  return { is: 'number', n, int: true, duration: false };
}
function duration(nano: bigint): ModelValue {
  return { is: 'number', n: Number(nano), int: false, duration: true };
}
function text(s: string | undefined): ModelValue {
  return s === undefined ? undefined : { is: 'string', s };
}

function ofIntrinsic({ name }: IntrinsicField, { trace, span, event, link }: Moment): ModelValue {
  const length = span.endTimeUnixNano - span.startTimeUnixNano;
  switch (name) {
    case 'span:duration':
      return duration(length > 0n ? length : 0n);
    case 'span:name':
      return text(span.name);
    case 'span:status':
      return { is: 'status', s: span.statusCode };
    case 'span:statusMessage':
      return text(span.statusMessage);
    case 'span:kind':
      return { is: 'kind', s: span.kind };
    case 'span:id':
      return text(span.spanId);
    case 'span:parentID':
      return text(span.parentSpanId);
    case 'span:traceState':
      return text(span.traceState);
    case 'span:childCount':
      return int(trace.childrenOf(span).length);
    case 'trace:duration':
      return duration(trace.end - trace.start);
    case 'trace:rootName':
      return text(trace.root?.name ?? '');
    case 'trace:rootService':
      return trace.root === undefined ? text('') : (find(trace.root.resource.attributes, 'service.name') ?? text(''));
    case 'trace:id':
      return text(span.traceId);
    case 'nestedSetLeft':
      return int(trace.left.get(span) ?? 0);
    case 'nestedSetRight':
      return int(trace.right.get(span) ?? 0);
    case 'nestedSetParent':
      return int(trace.left.has(span) ? (trace.left.get(trace.parentOf(span)!) ?? -1) : 0);
    case 'event:name':
      return text(event?.name);
    case 'event:timeSinceStart':
      return event === undefined ? undefined : duration(event.timeUnixNano - span.startTimeUnixNano);
    case 'link:traceID':
      return text(link?.traceId);
    case 'link:spanID':
      return text(link?.spanId);
    case 'instrumentation:name':
      return text(span.scope.name);
    case 'instrumentation:version':
      return text(span.scope.version);
  }
}

function ofBinary(op: BinaryOp, left: FieldExpression, right: FieldExpression, at: Moment): ModelValue {
  const isNil = (side: FieldExpression) => side.kind === 'static' && side.value.type === 'nil';
  if (isNil(left) || isNil(right)) {
    if (isNil(left) && isNil(right)) return bool(false);
    const present = evaluate(isNil(left) ? right : left, at) !== undefined;
    return bool((op === '=' && !present) || (op === '!=' && present));
  }
  let a = evaluate(left, at);
  let b = evaluate(right, at);
  if (isTraceId(left) && right.kind === 'static') b = padded(b);
  if (isTraceId(right) && left.kind === 'static') a = padded(a);
  switch (op) {
    case '&&':
      return bool(truth(a) && truth(b));
    case '||':
      return bool(truth(a) || truth(b));
    case '=~':
    case '!~':
      return bool(matchesRegex(a, (b as { s: string }).s, op === '!~'));
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '^':
      return arithmetic(a, op, b);
    default:
      return bool(holds(a, op, b));
  }
}

function isTraceId(expression: FieldExpression): boolean {
  return expression.kind === 'intrinsic' && expression.name === 'trace:id';
}

function padded(value: ModelValue): ModelValue {
  return value?.is === 'string' && /^[0-9a-f]{1,32}$/i.test(String(value.s))
    ? text(String(value.s).toLowerCase().padStart(32, '0'))
    : value;
}

function matchesRegex(value: ModelValue, pattern: string, negated: boolean): boolean {
  const elements = value?.is === 'array' ? value.elements : [value];
  const strings = elements.flatMap((element) => (element?.is === 'string' ? [String(element.s)] : []));
  const flags = pattern.startsWith('(?i)') ? 'isu' : 'su';
  const regex = new RegExp(`^(?:${pattern.replace('(?i)', '')})$`, flags);
  if (strings.length === 0) return false;
  return negated ? !strings.some((string) => regex.test(string)) : strings.some((string) => regex.test(string));
}

function holds(a: ModelValue, op: string, b: ModelValue): boolean {
  const left = a?.is === 'array' ? a.elements : [a];
  const right = b?.is === 'array' ? b.elements : [b];
  const verdicts = left
    .flatMap((x) => right.map((y) => holdsScalar(x, op, y)))
    .filter((verdict) => verdict !== undefined);
  return verdicts.length > 0 && (op === '!=' ? verdicts.every(Boolean) : verdicts.some(Boolean));
}

/** `undefined` when the two are not of comparable types. */
function holdsScalar(a: ModelValue, op: string, b: ModelValue): boolean | undefined {
  if (a === undefined || b === undefined || a.is !== b.is) return undefined;
  switch (a.is) {
    case 'number':
      return holdsOrder(op, ...relations(a.n, (b as typeof a).n));
    case 'bool':
      return isEquality(op) && holdsOrder(op, false, a.b === (b as typeof a).b, false);
    case 'status':
    case 'kind':
      return isEquality(op) && holdsOrder(op, false, a.s === (b as typeof a).s, false);
    case 'string': {
      const order = Buffer.compare(Buffer.from(String(a.s)), Buffer.from(String((b as typeof a).s)));
      return holdsOrder(op, order < 0, order === 0, order > 0);
    }
    default:
      return undefined;
  }
}

function holdsOrder(op: string, less: boolean, equal: boolean, greater: boolean): boolean {
  if (op === '=') return equal;
  if (op === '!=') return !equal;
  return (op.startsWith('<') && less) || (op.startsWith('>') && greater) || (op.length === 2 && equal);
}

/** Whether the numbers are less, equal, greater: none of them for NaN. */
function relations(a: number | bigint, b: number | bigint): [boolean, boolean, boolean] {
  const [less, greater] = [a < b, a > b];
  return [less, a <= b && !less, greater];
}

function isEquality(op: string): boolean {
  return op === '=' || op === '!=';
}

function arithmetic(a: ModelValue, op: string, b: ModelValue): ModelValue {
  if (a?.is !== 'number' || b?.is !== 'number') return undefined;
  const x = Number(a.n);
  const y = Number(b.n);
  if ((op === '/' || op === '%') && y === 0) return undefined;
  if (a.int && b.int) {
    if (op === '^')
      return Number.isFinite(Math.trunc(x ** y))
        ? { is: 'number', n: Math.trunc(x ** y), int: true, duration: false }
        : undefined;
    const [p, q] = [BigInt(a.n), BigInt(b.n)];
    const exact = { '+': () => p + q, '-': () => p - q, '*': () => p * q, '/': () => p / q, '%': () => p % q }[
      op as '+'
    ]();
    return { is: 'number', n: exact, int: true, duration: false };
  }
  const result = { '+': x + y, '-': x - y, '*': x * y, '/': x / y, '%': x % y, '^': x ** y }[op as '+'];
  if (Number.isNaN(result)) return undefined;
  return { is: 'number', n: result, int: false, duration: a.duration && b.duration && (op === '+' || op === '-') };
}

/** The expression's value for a span; over events or links, of the first of them that gives it one. */
function ofSpan(trace: ModelTrace, span: Span, expression: FieldExpression): ModelValue {
  const events = span.events.length === 0 ? [undefined] : span.events;
  const links = span.links.length === 0 ? [undefined] : span.links;
  return events
    .flatMap((event) => links.map((link) => evaluate(expression, { trace, span, event, link })))
    .find((value) => value !== undefined);
}

/** The expression's value for a span, when it is a number. */
export function modelNumber(trace: ModelTrace, span: Span, expression: FieldExpression): Static | undefined {
  return numberStatic(ofSpan(trace, span, expression));
}

function numberStatic(value: ModelValue): Static | undefined {
  if (value?.is !== 'number') return undefined;
  if (value.int) return { type: 'int', value: value.n };
  return { type: value.duration ? 'duration' : 'float', value: Number(value.n) };
}

export function modelHolds(left: Static | undefined, op: string, right: Static | undefined): boolean {
  return holds(left && ofStatic(left), op, right && ofStatic(right));
}

export function modelCalculate(left: Static | undefined, op: string, right: Static | undefined): Static | undefined {
  return numberStatic(arithmetic(left && ofStatic(left), op, right && ofStatic(right)));
}

/** Equal for values that are one group. */
export function modelKey(trace: ModelTrace, span: Span, expression: FieldExpression): string {
  const value = ofSpan(trace, span, expression);
  if (value === undefined) return 'none';
  if (value.is === 'number') return `number ${value.n}`;
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part));
}

/** A value as a label of a series, its type and its text; equal for equal labels. */
export interface ModelLabel {
  readonly type: 'string' | 'int' | 'double' | 'bool' | 'empty';
  readonly text: string;
}

/** @param of  a field, of the span's first event or link that has it, or a value */
export function modelLabel(trace: ModelTrace, span: Span, of: Field | AttributeValue): ModelLabel {
  const value = 'kind' in of ? firstValue(trace, span, of) : ofAttributeValue(of);
  switch (value?.is) {
    case 'number':
      if (value.duration) return { type: 'string', text: goDuration(Number(value.n)) };
      return { type: value.int ? 'int' : 'double', text: String(value.n) };
    case 'string':
      return { type: 'string', text: String(value.s) };
    case 'bool':
      return { type: 'bool', text: String(value.b) };
    case 'status':
      return { type: 'string', text: ['unset', 'ok', 'error'][Number(value.s)] ?? String(value.s) };
    case 'kind': {
      const names = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
      return { type: 'string', text: names[Number(value.s)] ?? String(value.s) };
    }
    default:
      return { type: 'empty', text: '' };
  }
}

/** The number of a field of the span, or of its first event or link that has it. */
export function modelFirstNumber(trace: ModelTrace, span: Span, field: Field): number | undefined {
  const value = firstValue(trace, span, field);
  return value?.is !== 'number' || Number.isNaN(Number(value.n)) ? undefined : Number(value.n);
}

function firstValue(trace: ModelTrace, span: Span, field: Field): ModelValue {
  const moments = [
    { trace, span, event: undefined, link: undefined },
    ...span.events.map((event) => ({ trace, span, event, link: undefined })),
    ...span.links.map((link) => ({ trace, span, event: undefined, link })),
  ];
  return moments.map((moment) => evaluate(field, moment)).find((value) => value !== undefined);
}

/** Of the few nanoseconds that tests have. */
function goDuration(nano: number): string {
  return nano === 0 ? '0s' : `${nano}ns`;
}
