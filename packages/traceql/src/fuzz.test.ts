import assert from 'node:assert/strict';
import { test } from 'node:test';
import process from 'node:process';
import { complete } from './completion.ts';
import { highlight } from './highlight.ts';
import { parseQuery } from './parse-query.ts';
import { printQuery } from './printer.ts';
import { queryLimits } from './query-limits.ts';
import { TraceqlError } from './traceql-error.ts';
import type { Query } from './tree.ts';

/*
 * Hostile text: only the declared error comes out, never a stack overflow. Whatever is accepted is printed and read back.
 */

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Mulberry32. */
function randomOf(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** `undefined` when it is refused. */
function read(text: string): Query | undefined {
  try {
    return parseQuery(text);
  } catch (error) {
    if (!(error instanceof TraceqlError)) {
      throw new Error(`SEED=${seed}: ${JSON.stringify(text.slice(0, 500))}`, { cause: error });
    }
    const { position } = error;
    if (position !== undefined) {
      assert.ok(position.offset >= 0 && position.offset <= text.length, text);
      assert.ok(position.line >= 1 && position.column >= 1, text);
    }
    assert.ok(error.message.length < 1000, `a message of ${error.message.length}`);
    return undefined;
  }
}

function check(text: string): void {
  const query = read(text);
  if (query !== undefined) assert.deepEqual(parseQuery(printQuery(query)), query, `SEED=${seed}: ${text}`);
}

const words = Object.freeze([
  ...'{ } ( ) , | || && = != =~ !~ ! < <= << > >= >> ~ !> !>> !< !<< &> &>> &< &<< &~ + - * / % ^'.split(' '),
  ...'by coalesce select with count min max avg sum rate compare topk bottomk quantile_over_time'.split(' '),
  ...'name status kind duration nil true error server minInt trace:id event:name'.split(' '),
  '.a',
  'span.b',
  'resource."c d"',
  'event.e',
  'parent.x',
  '"s"',
  '`r`',
  '1',
  '2.5',
  '3s',
  '()',
  '{ }',
  '//',
  '/*',
  "'",
  '"',
  '`',
  '.',
  ':',
  '\\',
  '\n',
  '\u0000',
  '😀',
  '\ud800',
  'é',
]);

const valid = Object.freeze([
  '{ span.foo = "x" && duration > 1h30m || -2 ^ .n = 4 && !(.b = nil) }',
  '({ .a } | count() > 1) && { name =~ `GET.*` } >> { kind = server } | by(name) | avg(duration) > 2 * 1s',
  '({ status = error } | rate() by(resource."service name") | topk(3)) / ({} | rate()) > 0.5 with (sample=true)',
  '{} | compare({ status = error }, 5, 1, 2)',
  '{} | quantile_over_time(duration, .5, .99) by(.a, span:kind) // end',
]);

test('fuzz: random words', () => {
  const random = randomOf(seed);
  for (let round = 0; round < 8000; round++) {
    const parts = Array.from({ length: 1 + random(12) }, () => words[random(words.length)]);
    check(parts.join(random(3) === 0 ? '' : ' '));
  }
});

test('fuzz: random units', () => {
  const random = randomOf(seed + 1);
  for (let round = 0; round < 5000; round++) {
    check(
      String.fromCharCode(
        ...Array.from({ length: random(40) }, () => (random(4) === 0 ? random(65_536) : random(128))),
      ),
    );
  }
});

test('fuzz: valid queries with a piece cut, doubled, moved or replaced', () => {
  const random = randomOf(seed + 2);
  for (let round = 0; round < 8000; round++) {
    let text = valid[random(valid.length)];
    for (let edits = 1 + random(3); edits > 0; edits--) {
      const [a, b] = [random(text.length + 1), random(text.length + 1)].sort((x, y) => x - y);
      const piece = [words[random(words.length)], '', text.slice(a, b).repeat(2), String.fromCharCode(random(256))];
      text = text.slice(0, a) + piece[random(4)] + text.slice(random(2) === 0 ? a : b);
    }
    check(text);
  }
});

test('fuzz: numbers at the ends of their ranges', () => {
  for (const bits of [8n, 31n, 32n, 53n, 62n, 63n, 64n]) {
    for (const count of [2n ** bits - 1n, 2n ** bits, 2n ** bits + 1n]) {
      for (const before of [
        '{ .n = ',
        '{} | count() > ',
        '{} | compare({}, ',
        '{} | rate() | topk(',
        '{} | rate() > ',
      ]) {
        for (const sign of ['', '-']) check(`${before}${sign}${count}${before.startsWith('{ ') ? ' }' : ')'}`);
        for (const sign of ['', '-']) check(`${before}${sign}${count}`);
      }
    }
  }
});

test('fuzz: valid queries cut at every unit', () => {
  for (const text of valid) {
    for (let end = 0; end <= text.length; end++) check(text.slice(0, end));
  }
});

test('fuzz: nesting ends in an error, never in an overflow', () => {
  const opened: readonly (readonly [
    before: string,
    opening: string,
    middle: string,
    closing: string,
    after: string,
  ])[] = [
    ['{ ', '(', '.a', ')', ' }'],
    ['{ ', '!', '.a', '', ' }'],
    ['{ ', '- ', '.a', '', ' = 1 }'],
    ['{ ', '!(', '.a', ')', ' }'],
    ['{ ', '.a ^ ', '.a', '', ' = 1 }'],
    ['{ ', '.a && (', '.a', ')', ' }'],
    ['', '(', '{ }', ')', ''],
    ['', '{ } && (', '{ }', ')', ''],
    ['', '({ } | ', '{ }', ')', ''],
    ['{ } | ', '(', 'count()', ')', ' > 1'],
    ['{ } | ', '1 ^ ', 'count()', '', ' > 1'],
    ['{ } | count() > ', '-', '1', '', ''],
    ['', '(', '{ } | rate()', ')', ''],
    ['', '({ } | rate()) + (', '({ } | rate())', ')', ''],
    ['{ } | rate() > ', '(', '1', ')', ''],
    ['{ } | compare(', '(', '{ }', ')', ')'],
  ];
  for (const [before, opening, middle, closing, after] of opened) {
    for (const depth of [10, 300, 100_000]) {
      const text = before + opening.repeat(depth) + middle + closing.repeat(depth) + after;
      const query = read(text);
      if (depth === 10) assert.ok(query !== undefined, `${opening} nested ${depth} deep`);
      if (query !== undefined) assert.deepEqual(parseQuery(printQuery(query)), query);
      highlight(text.slice(0, 1000));
      read(before + opening.repeat(depth));
    }
  }
});

test('fuzz: chains are read by loops', () => {
  const length = 20_000;
  const chains = [
    `{ ${Array(length).fill('.a = 1').join(' || ')} }`,
    `{ ${Array(length).fill('.a').join(' && ')} }`,
    Array(length).fill('{ }').join(' && '),
    Array(length).fill('{ }').join(' | '),
    `{ } | select(${Array(length).fill('.a').join(', ')})`,
    `{ }${' with (a=1)'.repeat(length)}`,
    `{ } | quantile_over_time(duration${', .5'.repeat(length)})`,
    `{ } | count() > ${Array(length).fill('1').join(' + ')}`,
    `{ } | rate() > ${Array(length).fill('1').join(' + ')}`,
  ];
  for (const text of chains) {
    const query = read(text);
    assert.ok(query !== undefined, text.slice(0, 80));
    printQuery(query);
  }
  const limited = [
    `{ ${Array(length).fill('.a').join(' + ')} = 1 }`,
    `{ ${Array(length).fill('.a && .b').join(' || ')} }`,
    Array(length).fill('{ }').join(' > '),
    `{ } | ${Array(length).fill('count()').join(' + ')} > 1`,
    Array(length).fill('({ } | rate())').join(' + '),
    `{ } | rate()${' > 1'.repeat(length)}`,
  ];
  for (const text of limited) assert.throws(() => parseQuery(text), TraceqlError, text.slice(0, 80));
});

test('fuzz: a megabyte of anything', () => {
  const size = queryLimits.textUnitsMax;
  const units = [
    '{',
    '(',
    '!',
    '-',
    '.',
    '"',
    '`',
    "'",
    '/*',
    '//',
    '\n',
    ' ',
    '1',
    '1s',
    'a',
    'a.',
    '.a',
    '||',
    '{}|',
    '\\',
    'é',
    '".',
  ];
  for (const unit of units) {
    read(unit.repeat(size / unit.length));
  }
  for (const unit of ['.', '"', 'a', '\\']) read(`{ .${unit.repeat(size - 3)}`);
  assert.throws(() => parseQuery(' '.repeat(size + 1)), { code: 'QUERY_LIMIT' });
});

test('fuzz: completion and colours take any text', () => {
  const random = randomOf(seed + 3);
  for (let round = 0; round < 4000; round++) {
    const text = Array.from({ length: 1 + random(10) }, () => words[random(words.length)]).join(
      random(2) === 0 ? ' ' : '',
    );
    const offset = random(text.length + 1);
    const { from, prefix, items } = complete(text, offset);
    assert.equal(text.slice(from, offset), prefix, `SEED=${seed}`);
    for (const item of items) assert.ok(item.text.toLowerCase().startsWith(prefix.toLowerCase()), `SEED=${seed}`);
    let at = 0;
    for (const { start, end } of highlight(text)) {
      assert.ok(start >= at && end > start && end <= text.length, `SEED=${seed}`);
      at = end;
    }
  }
});
