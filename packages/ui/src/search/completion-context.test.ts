import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completed, completionContext } from './completion-context.ts';

/** The caret is drawn as `^`; the answer is the field, then what is typed of it. */
function at(drawn: string): string {
  const caret = drawn.indexOf('^');
  const context = completionContext(drawn.replace('^', ''), caret);
  return context === undefined ? 'nothing' : `${context.field ?? 'name'}: ${context.prefix}`;
}

const cases: readonly (readonly [string, string])[] = [
  ['^', 'name: '],
  ['htt^', 'name: htt'],
  ['service=^', 'service: '],
  ['service=fr^', 'service: fr'],
  ['service=frontend ^', 'name: '],
  ['service=frontend http.st^', 'name: http.st'],
  ['service = ^', 'service: '],
  ['a=1 or (b:x^', 'b: x'],
  ['name="GET ^', 'name: GET '],
  ['{ .a = ^', 'nothing'],
];

for (const [drawn, expected] of cases) test(`completionContext: ${drawn}`, () => assert.equal(at(drawn), expected));

test('completed: puts the choice in place of what was typed, quoted where it must be', () => {
  const name = completionContext('ser', 3)!;
  assert.deepEqual(completed('ser', name, 'service'), { text: 'service=', caret: 8 });
  const value = completionContext('name=GE', 7)!;
  assert.deepEqual(completed('name=GE', value, 'GET /a b'), { text: 'name="GET /a b" ', caret: 16 });
});
