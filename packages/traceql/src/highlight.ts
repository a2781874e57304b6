import { constantOfWord, intrinsicOfSpelling } from './intrinsics.ts';
import { Lexer, type Token } from './lexer.ts';
import { isMetricsWord } from './parse-metrics.ts';
import { scalarWords } from './parse-scalar.ts';

/** How a piece of a query's text is shown. `invalid` is what the lexer cannot read; the parser's errors are apart. */
export type HighlightClass =
  | 'comment'
  | 'string'
  | 'number'
  | 'constant'
  | 'intrinsic'
  | 'scope'
  | 'attribute'
  | 'keyword'
  | 'function'
  | 'operator'
  | 'bracket'
  | 'invalid';

/** Offsets are in UTF-16 units; white space and unknown words have no class. */
export interface HighlightSpan {
  readonly start: number;
  readonly end: number;
  readonly class: HighlightClass;
}

/** The classes of a query's pieces, in order, for any text, broken or not. */
export function highlight(text: string): readonly HighlightSpan[] {
  const spans: HighlightSpan[] = [];
  const lexer = new Lexer(text);
  for (let token = lexer.next(); token.kind !== 'end'; token = lexer.next()) {
    if (token.kind === 'attribute') spans.push(...attributeSpans(token));
    else {
      const tokenClass = classOf(token);
      if (tokenClass !== undefined) spans.push({ start: token.start, end: token.end, class: tokenClass });
    }
  }
  return spans;
}

function attributeSpans({ start, nameStart, end }: Extract<Token, { kind: 'attribute' }>): HighlightSpan[] {
  const scope: HighlightSpan = { start, end: nameStart, class: 'scope' };
  return nameStart === end ? [scope] : [scope, { start: nameStart, end, class: 'attribute' }];
}

const keywords: ReadonlySet<string> = new Set(['by', 'coalesce', 'select', 'with']);
const functions: ReadonlySet<string> = new Set([...scalarWords, 'topk', 'bottomk']);

function classOf(token: Exclude<Token, { kind: 'attribute' }>): HighlightClass | undefined {
  switch (token.kind) {
    case 'comment':
      return 'comment';
    case 'symbol':
      return '{}(),'.includes(token.symbol) ? 'bracket' : 'operator';
    case 'literal':
      return token.value.type === 'string' ? 'string' : token.complaint === undefined ? 'number' : 'invalid';
    case 'word':
    case 'scopedWord':
      return classOfWord(token.word);
    default:
      return 'invalid';
  }
}

function classOfWord(word: string): HighlightClass | undefined {
  if (intrinsicOfSpelling.has(word)) return 'intrinsic';
  if (constantOfWord.has(word)) return 'constant';
  if (keywords.has(word)) return 'keyword';
  return functions.has(word) || isMetricsWord(word) ? 'function' : undefined;
}
