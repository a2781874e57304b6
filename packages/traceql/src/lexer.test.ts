import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lexer, type Token } from './lexer.ts';

function tokensOf(text: string): Token[] {
  const lexer = new Lexer(text);
  const tokens: Token[] = [];
  for (let token = lexer.next(); token.kind !== 'end'; token = lexer.next()) tokens.push(token);
  return tokens;
}

/** The value of the only token. */
function literal(text: string): unknown {
  const [token, ...more] = tokensOf(text);
  assert.equal(more.length, 0, `${text} is one token`);
  if (token.complaint !== undefined) return `! ${token.complaint.message}`;
  return token.kind === 'literal' ? (token.value as { value: unknown }).value : `? ${token.kind}`;
}

const MINUTE = 60_000_000_000;

const literals: readonly (readonly [text: string, value: unknown])[] = [
  ['"plain"', 'plain'],
  ['"it\'s"', "it's"],
  ['""', ''],
  [String.raw`"a\"b\\c\n\t\r\a\b\f\v"`, 'a"b\\c\n\t\r\u0007\b\f\v'],
  [String.raw`"\x41\101\u00e9\U0001f600"`, 'AAé😀'],
  [String.raw`"\xe2\x82\xac"`, '€'],
  [String.raw`"\xff\x41"`, '\ufffdA'],
  [String.raw`"\q"`, String.raw`! invalid char escape \q`],
  [String.raw`"\U00110000"`, String.raw`! invalid char escape \U`],
  ['"open', '! literal not terminated'],
  ['"open\\"', '! literal not terminated'],
  ['`raw \\d "x"`', 'raw \\d "x"'],
  ['`two\nlines`', 'two\nlines'],
  ['`open', '! literal not terminated'],
  ["'x'", '! invalid char literal'],
  ['0', 0],
  ['007', 7],
  ['42', 42],
  ['9007199254740991', 9007199254740991],
  ['9007199254740993', 9007199254740993n],
  ['9223372036854775807', 9223372036854775807n],
  ['9223372036854775808', '! the integer is out of range (64 bits, signed)'],
  ['1.5', 1.5],
  ['.99', 0.99],
  ['5.', 5],
  ['1e3', 1000],
  ['1.5e-3', 0.0015],
  ['1E+2', 100],
  ['1e999', '! the number is out of range'],
  ['1ns', 1],
  ['1us', 1000],
  ['1µs', 1000],
  ['1μs', 1000],
  ['1ms', 1_000_000],
  ['0.5s', 500_000_000],
  ['.5s', 500_000_000],
  ['1m', MINUTE],
  ['1h30m', 90 * MINUTE],
  ['1m30s', 1.5 * MINUTE],
  ['1d', 1440 * MINUTE],
  ['1w', 7 * 1440 * MINUTE],
  ['1y', 365 * 1440 * MINUTE],
  ['1d12h', 2160 * MINUTE],
  ['1.5h', 90 * MINUTE],
  ['292y', 292 * 365 * 1440 * MINUTE],
  ['300y', '! invalid duration: the duration is out of range (292 years)'],
  ['5x', '! invalid duration: x is not a unit of time: ns, us, ms, s, m, h, d, w, y'],
  ['1h30', '! invalid duration: a unit of time is missing'],
  ['0x1f', '! invalid duration: x is not a unit of time: ns, us, ms, s, m, h, d, w, y'],
];

test('Lexer: literals', () => {
  for (const [text, value] of literals) assert.deepEqual(literal(text), value, text);
});

const names: readonly (readonly [text: string, scope: string, name: string])[] = [
  ['.foo', 'any', 'foo'],
  ['.http.status_code', 'any', 'http.status_code'],
  ['span.foo', 'span', 'foo'],
  ['resource.k8s.pod-name', 'resource', 'k8s.pod-name'],
  ['event.exception.message', 'event', 'exception.message'],
  ['link.l', 'link', 'l'],
  ['instrumentation.sc', 'instrumentation', 'sc'],
  ['parent.foo', 'parent any', 'foo'],
  ['parent.span.foo', 'parent span', 'foo'],
  ['parent.resource.foo', 'parent resource', 'foo'],
  ['.span.foo', 'any', 'span.foo'],
  ['span.a+b*c/d-e:f;g[h]', 'span', 'a+b*c/d-e:f;g[h]'],
  ['span."a b".c', 'span', 'a b.c'],
  ['."a b"', 'any', 'a b'],
  [String.raw`."q\"\\"`, 'any', 'q"\\'],
  ['span."{}()=~!<>&|^,"', 'span', '{}()=~!<>&|^,'],
  ['span.日本', 'span', '日本'],
  ['span.""', 'span', ''],
  ['span.back\\slash', 'span', 'back\\slash'],
];

test('Lexer: attribute names', () => {
  for (const [text, scope, name] of names) {
    const [token, ...more] = tokensOf(text);
    assert.equal(more.length, 0, text);
    assert.equal(token.kind, 'attribute', text);
    if (token.kind !== 'attribute') continue;
    assert.equal(token.complaint, undefined, text);
    assert.equal((token.field.parent ? 'parent ' : '') + token.field.scope, scope, text);
    assert.equal(token.field.name, name, text);
  }
});

test('Lexer: names end at each terminator and at white space', () => {
  for (const end of [
    '{',
    '}',
    '(',
    ')',
    '=',
    '~',
    '!',
    '<',
    '>',
    '&',
    '|',
    '^',
    ',',
    ' ',
    '\t',
    '\n',
    '\r',
    '\u00a0',
    '\u2003',
  ]) {
    const [token] = tokensOf(`.foo${end}`);
    assert.equal(token.end, 4, JSON.stringify(end));
  }
});

test('Lexer: malformed names', () => {
  const messageOf = (text: string) => tokensOf(text)[0].complaint?.message;
  assert.equal(messageOf('. '), 'an attribute name is missing');
  assert.equal(messageOf('span.'), 'an attribute name is missing');
  assert.equal(messageOf('."open'), 'the quoted part of the attribute name is not closed');
  assert.equal(messageOf(String.raw`."\n"`), 'only \\" and \\\\ may be escaped in an attribute name');
  assert.equal(messageOf('http.status'), 'an attribute starts with a dot or with a scope, and http is no scope');
});

test('Lexer: symbols are the longest that fit', () => {
  const text = '{ } ( ) , | || && = != =~ !~ ! < <= << > >= >> ~ !> !>> !< !<< &> &>> &< &<< &~ + - * / % ^';
  const spaced = tokensOf(text).map((token) => text.slice(token.start, token.end));
  assert.deepEqual(spaced, text.split(' '));
  const joined = tokensOf('!>>=!<<~&>>&<<||').map((token) => (token.kind === 'symbol' ? token.symbol : '?'));
  assert.deepEqual(joined, ['!>>', '=', '!<<', '~', '&>>', '&<<', '||']);
});

test('Lexer: comments', () => {
  const kinds = tokensOf('{ // one } \n /* two \n } */ } // three').map((token) => token.kind);
  assert.deepEqual(kinds, ['symbol', 'comment', 'comment', 'symbol', 'comment']);
  assert.equal(tokensOf('/* open')[0].complaint?.message, 'comment not terminated');
});

test('Lexer: tokens cover the text in order, whatever it is', () => {
  for (const text of ['{ .a = "x', '\u0000\u0001', 'a:b:c', '...', '🙂{}', '"\\', '1e', '1.e5h', "'", '`']) {
    let at = 0;
    for (const { start, end } of tokensOf(text)) {
      assert.ok(start >= at && end > start && end <= text.length, text);
      at = end;
    }
  }
});
