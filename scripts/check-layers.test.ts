import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCycle, importsOf, layerViolation } from './check-layers.ts';

test('importsOf: finds imports, type imports, re-exports, side effects and dynamic imports', () => {
  const source = `
    import { a } from './a.ts';
    import type {
      B,
    } from '@spoor/model';
    export * from './c.ts';
    import 'node:fs';
    const d = await import('./d.ts');
    const notAnImport = "from './e.ts'";
  `;
  assert.deepEqual(importsOf(source), ['./a.ts', '@spoor/model', './c.ts', 'node:fs', './d.ts']);
});

test('layerViolation: arrows point one way, through the index only', () => {
  assert.equal(layerViolation('packages/wire/src/a.ts', '@spoor/model'), undefined);
  assert.match(layerViolation('packages/model/src/a.ts', '@spoor/wire') ?? '', /no room/);
  assert.match(layerViolation('packages/store/src/a.ts', '@spoor/wire') ?? '', /model only/);
  assert.equal(layerViolation('packages/store/src/a.test.ts', '@spoor/wire'), undefined);
  assert.match(layerViolation('packages/query/src/a.ts', '@spoor/store/src/wal.ts') ?? '', /past its index/);
  assert.match(layerViolation('packages/attic/src/a.ts', '@spoor/model') ?? '', /not in the table/);
  assert.match(layerViolation('packages/query/src/a.ts', '../../store/src/wal.ts') ?? '', /leaves the room/);
});

test('layerViolation: rooms that run in a browser know no Node', () => {
  assert.match(layerViolation('packages/model/src/a.ts', 'node:fs') ?? '', /browser/);
  assert.match(layerViolation('packages/traceql/src/a.ts', 'path') ?? '', /browser/);
  assert.equal(layerViolation('packages/model/src/a.test.ts', 'node:test'), undefined);
  assert.equal(layerViolation('packages/store/src/a.ts', 'node:fs'), undefined);
});

test('findCycle: names the files of a cycle, and is quiet without one', () => {
  const graph = new Map([
    ['a', ['b', 'c']],
    ['b', ['d']],
    ['c', ['d']],
    ['d', []],
  ]);
  assert.equal(findCycle(graph), undefined);
  graph.set('d', ['b']);
  assert.deepEqual(findCycle(graph), ['b', 'd', 'b']);
});
