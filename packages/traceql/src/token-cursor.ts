import { Lexer, type SymbolText, type Token } from './lexer.ts';
import { queryLimits } from './query-limits.ts';
import { type Complaint, TraceqlError } from './traceql-error.ts';
import type { Field } from './tree.ts';

/** What the parser could have gone on with: for messages and for completion. */
export type Expectation =
  | { readonly kind: 'symbol'; readonly symbol: SymbolText }
  | { readonly kind: 'word'; readonly word: string; readonly role: 'keyword' | 'function' }
  | { readonly kind: 'field' }
  /** a constant, compared with the field when it is known */
  | { readonly kind: 'value'; readonly of: Field | undefined }
  | { readonly kind: 'number' | 'hint' | 'end' };

export interface Place {
  readonly start: number;
  readonly end: number;
}

/**
 * The parser's place in the tokens. It keeps where each node of the tree stands and how high it is, counts nesting, and,
 * at one offset that is given beforehand, records everything the parser looks for there.
 */
export class TokenCursor {
  readonly text: string;
  readonly places = new Map<object, Place>();
  readonly expectations: Expectation[] = [];
  readonly #heights = new Map<object, number>();
  readonly #lexer: Lexer;
  readonly #recordAt: number | undefined;
  #token: Token;
  #lastEnd: number;
  #depth = 0;

  constructor(text: string, options: { start?: number; end?: number; recordAt?: number | undefined } = {}) {
    this.text = text;
    this.#lexer = new Lexer(text, options.start, options.end);
    this.#recordAt = options.recordAt;
    this.#lastEnd = options.start ?? 0;
    this.#token = this.#read();
  }

  /** The token at hand, not yet consumed. */
  get token(): Token {
    return this.#token;
  }

  /** The symbol at hand, if it is one. */
  get symbol(): SymbolText | undefined {
    return this.#token.kind === 'symbol' ? this.#token.symbol : undefined;
  }

  /** The bare word at hand, if it is one. */
  get word(): string | undefined {
    return this.#token.kind === 'word' ? this.#token.word : undefined;
  }

  /** Offset one past the last consumed token. */
  get lastEnd(): number {
    return this.#lastEnd;
  }

  /** @throws {TraceqlError} when the token after the one at hand is malformed */
  advance(): void {
    this.#lastEnd = this.#token.end;
    this.#token = this.#read();
  }

  #read(): Token {
    let token = this.#lexer.next();
    while (token.kind === 'comment') token = this.#lexer.next();
    if (token.complaint !== undefined) throw TraceqlError.syntax(this.text, token.start, token.end, token.complaint);
    return token;
  }

  /** Consumes the symbol when it is at hand. */
  take(symbol: SymbolText): boolean {
    this.expecting({ kind: 'symbol', symbol });
    if (this.symbol !== symbol) return false;
    this.advance();
    return true;
  }

  takeWord(word: string, role: 'keyword' | 'function'): boolean {
    this.expecting({ kind: 'word', word, role });
    if (this.word !== word) return false;
    this.advance();
    return true;
  }

  /** @throws {TraceqlError} when another token is at hand */
  require(symbol: SymbolText): void {
    if (!this.take(symbol)) this.fail();
  }

  get isRecording(): boolean {
    return this.#token.start === this.#recordAt;
  }

  expecting(...expectations: readonly Expectation[]): void {
    if (this.isRecording) this.expectations.push(...expectations);
  }

  /** Notes them before what was noted so far: for loops that end from the inner level to the outer one. */
  expectingFirst(...expectations: readonly Expectation[]): void {
    if (this.isRecording) this.expectations.unshift(...expectations);
  }

  /** Refuses the token at hand. */
  fail(complaint: Partial<Complaint> = {}): never {
    const { start, end } = this.#token;
    const message = complaint.message ?? `syntax error: unexpected ${nameOf(this.#token, this.text)}`;
    const expected = complaint.message === undefined ? expectedWords(this.expectations) : [];
    throw TraceqlError.syntax(this.text, start, end, { expected, ...complaint, message });
  }

  /** Refuses what was consumed from `start` on. */
  failSince(start: number, complaint: Complaint): never {
    throw TraceqlError.syntax(this.text, start, this.#lastEnd, complaint);
  }

  /** Enters a nested part; {@link leave} it when it was read. */
  enter(): void {
    this.#depth++;
    if (this.#depth > queryLimits.treeDepthMax) this.#failTooDeep();
  }

  leave(): void {
    this.#depth--;
  }

  /**
   * Notes that the node stands from `start` to the last consumed token, above its children. `chained` is the child whose
   * chain the node prolongs: it adds no height.
   */
  place<T extends object>(node: T, start: number, children: readonly object[] = [], chained?: object): T {
    this.places.set(node, { start, end: this.#lastEnd });
    let height = chained === undefined ? 0 : this.#heightOf(chained);
    for (const child of children) height = Math.max(height, this.#heightOf(child) + 1);
    this.#heights.set(node, height);
    if (height > queryLimits.treeDepthMax) this.#failTooDeep();
    return node;
  }

  #heightOf(node: object): number {
    return this.#heights.get(node) ?? 0;
  }

  #failTooDeep(): never {
    const message = `the query is nested more than ${queryLimits.treeDepthMax} deep`;
    throw TraceqlError.limit(this.text, this.#token.start, message);
  }
}

const TOKEN_UNITS_SHOWN = 40;

function nameOf(token: Token, text: string): string {
  if (token.kind === 'end') return 'end of the query';
  const spelling = text.slice(token.start, token.end);
  return spelling.length > TOKEN_UNITS_SHOWN ? `${spelling.slice(0, TOKEN_UNITS_SHOWN)}…` : spelling;
}

function expectedWords(expectations: readonly Expectation[]): string[] {
  const words = new Set(expectations.map(expectationWord));
  const first = structural.filter((word) => words.delete(word));
  return [...first, ...words];
}

/** Said first, before operators and functions. */
const structural = Object.freeze(['the end', '}', ')', '|', ',', '{']);

function expectationWord(expectation: Expectation): string {
  switch (expectation.kind) {
    case 'symbol':
      return expectation.symbol;
    case 'word':
      return expectation.role === 'function' ? `${expectation.word}()` : expectation.word;
    case 'field':
      return 'an attribute';
    case 'value':
      return 'a value';
    case 'number':
      return 'a number';
    case 'hint':
      return 'the name of a hint';
    case 'end':
      return 'the end';
  }
}
