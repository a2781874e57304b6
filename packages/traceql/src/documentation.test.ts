import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseQuery } from './parse-query.ts';
import { queryLimits } from './query-limits.ts';

const markdown = readFileSync(join(import.meta.dirname, '../../../docs/traceql.md'), 'utf8');

test('docs/traceql.md: its examples are TraceQL', () => {
  const blocks = [...markdown.matchAll(/^```traceql\n(.*?)^```$/gms)].map((block) => block[1]);
  const examples = blocks.flatMap((block) => block.trim().split('\n'));
  assert.ok(examples.length >= 9);
  for (const example of examples) assert.doesNotThrow(() => parseQuery(example), example);
});

test('docs/traceql.md: states the limits that are in force', () => {
  assert.equal(queryLimits.textUnitsMax, 2 ** 20);
  assert.match(markdown, /\| length \| 1 Mi UTF-16 units \|/);
  assert.match(markdown, new RegExp(`\\| depth of the tree \\| ${queryLimits.treeDepthMax};`));
  assert.match(markdown, new RegExp(`\\| digits of a number \\| ${queryLimits.numberDigitsMax} \\|`));
});
