import assert from 'node:assert/strict';
import { test } from 'node:test';
import { highlight } from './highlight.ts';

const rows: readonly (readonly [text: string, pieces: string])[] = [
  ['{ }', 'bracket:{ bracket:}'],
  [
    '{ span.foo = "x" && name =~ `y` }',
    'bracket:{ scope:span. attribute:foo operator:= string:"x" operator:&& intrinsic:name operator:=~ string:`y` bracket:}',
  ],
  ['.a', 'scope:. attribute:a'],
  ['span.', 'scope:span.'],
  ['trace:id', 'intrinsic:trace:id'],
  ['5 1.5 1h30m', 'number:5 number:1.5 number:1h30m'],
  ['true nil error server', 'constant:true constant:nil constant:error constant:server'],
  ['| by(name)', 'operator:| keyword:by bracket:( intrinsic:name bracket:)'],
  [
    'count() rate() topk(',
    'function:count bracket:( bracket:) function:rate bracket:( bracket:) function:topk bracket:(',
  ],
  ['{} // c', 'bracket:{ bracket:} comment:// c'],
  ['"open', 'string:"open'],
  ["'x' 5x [", "invalid:'x' invalid:5x invalid:["],
  ['foo', ''],
];

test('highlight: by example', () => {
  for (const [text, pieces] of rows) {
    const spans = highlight(text).map((span) => `${span.class}:${text.slice(span.start, span.end)}`);
    assert.equal(spans.join(' '), pieces, text);
  }
});
