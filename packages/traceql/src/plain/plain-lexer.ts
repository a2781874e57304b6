/** A piece of a typed search and where it stands, in UTF-16 units. `text` of a quoted piece is without its quotes. */
export interface PlainToken {
  readonly kind: 'word' | 'quoted' | 'op' | 'join' | 'open' | 'close';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const operators = ['!=', '=~', '!~', '<=', '>=', '==', '=', '<', '>', ':'];
const joins = ['&&', '||', ','];

/** Splits the text; anything is a token, so that it never fails. An unclosed quote runs to the end. */
export function lexPlain(text: string): PlainToken[] {
  const tokens: PlainToken[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text[at];
    if (/\s/.test(character)) {
      at++;
      continue;
    }
    const token = tokenAt(text, at, tokens.at(-1));
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

function tokenAt(text: string, start: number, previous: PlainToken | undefined): PlainToken {
  const character = text[start];
  if (character === '"' || character === "'") return quotedAt(text, start);
  // Right behind an operator everything up to a space is the value: `url=http://host:80/a?b=c`.
  if (previous?.kind === 'op') return wordAt(text, start, /[\s)]/, /[\s,)]/);
  if (character === '(') return { kind: 'open', text: '(', start, end: start + 1 };
  if (character === ')') return { kind: 'close', text: ')', start, end: start + 1 };
  const join = joins.find((candidate) => text.startsWith(candidate, start));
  if (join !== undefined) return { kind: 'join', text: join, start, end: start + join.length };
  const operator = operators.find((candidate) => text.startsWith(candidate, start));
  if (operator !== undefined) return { kind: 'op', text: operator, start, end: start + operator.length };
  if (character === '-' || character === '!') return { kind: 'join', text: character, start, end: start + 1 };
  return wordAt(text, start, /[\s()=!<>:,"']/, undefined);
}

function wordAt(text: string, start: number, stop: RegExp, commaStop: RegExp | undefined): PlainToken {
  let end = start + 1;
  while (end < text.length && !stop.test(text[end])) {
    // A comma ends a value only when something that reads as the next condition follows.
    if (commaStop?.test(text[end]) === true && /^,\s*[\w.]+\s*(=|!=|<|>|:)/.test(text.slice(end))) break;
    end++;
  }
  return { kind: 'word', text: text.slice(start, end), start, end };
}

function quotedAt(text: string, start: number): PlainToken {
  const quote = text[start];
  let value = '';
  let end = start + 1;
  for (; end < text.length && text[end] !== quote; end++) {
    if (text[end] === '\\' && end + 1 < text.length) end++;
    value += text[end];
  }
  return { kind: 'quoted', text: value, start, end: Math.min(text.length, end + 1) };
}
