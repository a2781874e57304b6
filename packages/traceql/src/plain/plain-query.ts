import {
  allOf,
  anyOf,
  attribute,
  compare,
  constant,
  exists,
  intrinsic,
  type FieldExpression,
  not,
  type Static,
} from '../tree.ts';
import { plainField } from './plain-field.ts';
import { lexPlain, type PlainToken } from './plain-lexer.ts';
import { parsePlainDuration } from './plain-duration.ts';
import { traceIdIn } from './pasted-trace-id.ts';

/**
 * What people type into a search box, read in the spirit in which it is written: conditions side by side mean all
 * of them, `or` and parentheses do what they say, `not` or `-` turns one round, a bare word is looked for in span
 * and service names.
 *
 *    query     = all { "or" all }
 *    all       = condition { [ "and" | "," | "&&" ] condition }
 *    condition = ( "not" | "-" ) condition | "(" query ")" | field op value | word
 *    op        = "=" | ":" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "=~" | "!~"
 *
 * `*` in a value stands for any text. Fields: `service`, `operation` or `name`, `duration`, `status`, `error`, `kind`, and
 * any attribute, alone or behind `tags.`, `span.`, `resource.`, `event.`, `link.`.
 */
export type PlainQuery =
  | {
      readonly kind: 'condition';
      readonly condition: FieldExpression | undefined;
      readonly parts: readonly PlainPart[];
    }
  | { readonly kind: 'traceId'; readonly traceId: string }
  | { readonly kind: 'error'; readonly message: string; readonly start: number; readonly end: number };

/** One condition and where it stands in the text, for showing what was understood. */
export interface PlainPart {
  readonly start: number;
  readonly end: number;
  readonly condition: FieldExpression;
}

class PlainSyntaxError extends Error {
  readonly start: number;
  readonly end: number;
  constructor(message: string, start: number, end: number) {
    super(message);
    this.start = start;
    this.end = end;
  }
}

/** Whether a text typed into the search box is TraceQL: a brace comes first, whatever parentheses are around it. */
export function isTraceqlText(text: string): boolean {
  return /^[\s(]*\{/.test(text);
}

/** Reads the text; never throws. An empty text is the condition `undefined`, every trace. */
export function parsePlainQuery(text: string): PlainQuery {
  const traceId = traceIdIn(text);
  if (traceId !== undefined) return { kind: 'traceId', traceId };
  try {
    const parser = new PlainParser(lexPlain(text), text.length);
    return { kind: 'condition', condition: parser.whole(), parts: parser.parts };
  } catch (error) {
    if (!(error instanceof PlainSyntaxError)) throw error;
    return { kind: 'error', message: error.message, start: error.start, end: error.end };
  }
}

const depthMax = 64;

class PlainParser {
  readonly parts: PlainPart[] = [];
  readonly #tokens: readonly PlainToken[];
  readonly #end: number;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly PlainToken[], end: number) {
    this.#tokens = tokens;
    this.#end = end;
  }

  whole(): FieldExpression | undefined {
    if (this.#tokens.length === 0) return undefined;
    const condition = this.#any();
    const rest = this.#tokens[this.#at];
    if (rest !== undefined) throw new PlainSyntaxError(`unexpected “${rest.text}”`, rest.start, rest.end);
    return condition;
  }

  #any(): FieldExpression {
    const options = [this.#all()];
    while (this.#takesWord('or', '||')) options.push(this.#all());
    return anyOf(options)!;
  }

  #all(): FieldExpression {
    const conditions = [this.#condition()];
    for (;;) {
      const isJoined = this.#takesWord('and', '&&', ',');
      const next = this.#tokens[this.#at];
      if (next === undefined || next.kind === 'close' || isWord(next, 'or', '||')) {
        if (isJoined) throw this.#missing('a condition');
        return allOf(conditions)!;
      }
      conditions.push(this.#condition());
    }
  }

  #condition(): FieldExpression {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw this.#missing('a condition');
    if (++this.#depth > depthMax) throw new PlainSyntaxError('too many parentheses', token.start, token.end);
    try {
      if (this.#takesWord('not', '!', '-')) return not(this.#condition());
      if (token.kind === 'open') return this.#group(token);
      return this.#comparison(token);
    } finally {
      this.#depth--;
    }
  }

  #group(open: PlainToken): FieldExpression {
    this.#at++;
    const condition = this.#any();
    if (this.#tokens[this.#at]?.kind !== 'close')
      throw new PlainSyntaxError('this “(” is never closed', open.start, open.end);
    this.#at++;
    return condition;
  }

  #comparison(field: PlainToken): FieldExpression {
    if (field.kind !== 'word' && field.kind !== 'quoted') {
      throw new PlainSyntaxError(`a name is expected before “${field.text}”`, field.start, field.end);
    }
    this.#at++;
    const op = this.#tokens[this.#at];
    if (op?.kind !== 'op') return this.#keep(anywhere(field.text), field.start, field.end);
    this.#at++;
    const value = this.#tokens[this.#at];
    if (value === undefined || (value.kind !== 'word' && value.kind !== 'quoted')) {
      throw new PlainSyntaxError(`a value is missing after “${field.text} ${op.text}”`, op.start, op.end);
    }
    this.#at++;
    const condition = plainComparison(field, op, value);
    if (typeof condition === 'string') throw new PlainSyntaxError(condition, value.start, value.end);
    return this.#keep(condition, field.start, value.end);
  }

  #keep(condition: FieldExpression, start: number, end: number): FieldExpression {
    this.parts.push({ start, end, condition });
    return condition;
  }

  #takesWord(...words: readonly string[]): boolean {
    const token = this.#tokens[this.#at];
    if (token === undefined || !isWord(token, ...words)) return false;
    this.#at++;
    return true;
  }

  #missing(what: string): PlainSyntaxError {
    return new PlainSyntaxError(`${what} is missing here`, Math.max(0, this.#end - 1), this.#end);
  }
}

function isWord(token: PlainToken, ...words: readonly string[]): boolean {
  return (token.kind === 'word' || token.kind === 'join') && words.includes(token.text.toLowerCase());
}

/** A word alone: part of a span name or of a service name. Case matters, as everywhere in TraceQL. */
function anywhere(word: string): FieldExpression {
  const pattern = constant({ type: 'string', value: `.*${escaped(word).replaceAll('\\*', '.*')}.*` });
  return anyOf([
    compare(intrinsic('span:name'), '=~', pattern),
    compare(attribute('resource', 'service.name'), '=~', pattern),
  ])!;
}

/** The condition, or what is wrong with the value. */
function plainComparison(field: PlainToken, op: PlainToken, value: PlainToken): FieldExpression | string {
  const target = plainField(field.text);
  const opText =
    op.text === ':' || op.text === '==' ? '=' : (op.text as '=' | '!=' | '<' | '<=' | '>' | '>=' | '=~' | '!~');
  if (target.kind === 'error') return plainErrorFlag(opText, value.text);
  if (opText === '=~' || opText === '!~') {
    return compare(target.field, opText, constant({ type: 'string', value: value.text }));
  }
  const isPattern = value.kind === 'word' && value.text.includes('*') && (opText === '=' || opText === '!=');
  if (isPattern && target.kind === 'text') {
    // A star alone asks whether there is any value at all.
    if (value.text === '*') return compare(target.field, opText === '=' ? '!=' : '=', constant({ type: 'nil' }));
    const pattern = escaped(value.text).replaceAll('\\*', '.*');
    return compare(target.field, opText === '=' ? '=~' : '!~', constant({ type: 'string', value: pattern }));
  }
  const constants = plainConstants(target.kind, value);
  if (typeof constants === 'string') return constants;
  const equal = constants.map((each) => compare(target.field, '=', constant(each)));
  if (opText === '=') return anyOf(equal)!;
  if (opText === '!=') return allOf([exists(target.field), not(anyOf(equal)!)])!;
  // The first reading is the number where there is one; text sorts `60` after `500`.
  return compare(target.field, opText, constant(constants[0]));
}

function plainErrorFlag(op: string, text: string): FieldExpression | string {
  const flag = /^(true|yes|1)$/i.test(text) ? true : /^(false|no|0)$/i.test(text) ? false : undefined;
  if (flag === undefined || (op !== '=' && op !== '!=')) return 'error is true or false';
  // Older instrumentation says it with an attribute.
  const failed = anyOf([
    compare(intrinsic('span:status'), '=', constant({ type: 'status', value: 'error' })),
    ...attributeConstants({ kind: 'word', text: 'true' }).map((each) =>
      compare(attribute('span', 'error'), '=', constant(each)),
    ),
  ])!;
  return flag === (op === '=') ? failed : not(failed);
}

/** The constants that the value may mean: `500` is a number and a text, unless it stands in quotes. */
function plainConstants(
  kind: 'text' | 'name' | 'duration' | 'status' | 'kind',
  value: PlainToken,
): readonly Static[] | string {
  const text = value.text;
  switch (kind) {
    case 'duration': {
      const nano = parsePlainDuration(text);
      return nano === undefined
        ? `“${text}” is no duration; write 500ms, 1.5s or 2m`
        : [{ type: 'duration', value: nano }];
    }
    case 'status': {
      const status = text.toLowerCase();
      if (status === 'ok' || status === 'error' || status === 'unset') return [{ type: 'status', value: status }];
      return 'status is ok, error or unset';
    }
    case 'kind': {
      const name = text.toLowerCase();
      if (isKind(name)) return [{ type: 'kind', value: name }];
      return 'kind is server, client, internal, producer or consumer';
    }
    case 'name':
      return [{ type: 'string', value: text }];
    case 'text':
      return attributeConstants(value);
  }
}

function attributeConstants(value: Pick<PlainToken, 'kind' | 'text'>): readonly Static[] {
  const texts: Static[] = [{ type: 'string', value: value.text }];
  if (value.kind === 'quoted') return texts;
  if (value.text === 'true' || value.text === 'false')
    return [{ type: 'bool', value: value.text === 'true' }, ...texts];
  if (/^[+-]?\d{1,15}$/.test(value.text)) return [{ type: 'int', value: Number(value.text) }, ...texts];
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value.text))
    return [{ type: 'float', value: Number(value.text) }, ...texts];
  return texts;
}

type KindName = Extract<Static, { type: 'kind' }>['value'];

function isKind(name: string): name is KindName {
  return ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'].includes(name);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
