import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadLinks, differences, documentedRows } from './check-docs.ts';

test('documentedRows: reads names in the first column, options without their dashes and placeholder', () => {
  const markdown =
    '| code | meaning |\n| --- | --- |\n| `ONE` | first |\n| `--two DIR` | second |\n`THREE` is no row\n';
  assert.deepEqual(
    [...documentedRows(markdown)],
    [
      ['ONE', ' first |'],
      ['two', ' second |'],
    ],
  );
});

test('differences: names what either side lacks', () => {
  assert.deepEqual(differences('a.md', ['x', 'y'], ['y', 'x']), []);
  assert.deepEqual(differences('a.md', ['x'], ['y']), ['a.md does not list x', 'a.md lists y, which is no more']);
});

test('deadLinks: follows relative links, with or without an anchor, and leaves the web alone', () => {
  const exists = (path: string): boolean => path === 'docs/b.md';
  const markdown = '[b](b.md) [b](b.md#part) [web](https://example.org/x) [here](#there) [gone](../c.md)';
  assert.deepEqual(deadLinks('docs/a.md', markdown, exists), ['docs/a.md links to ../c.md, which does not exist']);
});
