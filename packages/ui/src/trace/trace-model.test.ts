import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceSkeleton } from '@spoor/wire';
import { criticalPath } from './critical-path.ts';
import { findRows } from './find-rows.ts';
import { selfTimes, traceModel } from './trace-model.ts';
import { allCollapsed, nothingFolded, positionOfRow, revealed, visibleRows } from './visible-rows.ts';
import { clampWindow, zoomWindow } from './time-window.ts';

interface DrawnSpan {
  readonly name: string;
  readonly depth: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a drawing: one line a span, its name indented by its depth, its interval as the columns of the `=` signs behind `|`.
 *     root | ==========
 *      a   |  ===
 */
function drawn(picture: string): TraceSkeleton {
  const spans = picture
    .split('\n')
    .filter((line) => line.includes('|'))
    .map((line): DrawnSpan => {
      const [left, right] = line.split('|') as [string, string];
      const name = left.trim();
      return { name, depth: left.indexOf(name), start: right.indexOf('='), end: right.lastIndexOf('=') + 1 };
    });
  const indent = Math.min(...spans.map(({ depth }) => depth));
  const parents = spans.map((span, row) =>
    spans.findLastIndex((other, at) => at < row && other.depth === span.depth - 1),
  );
  const names = [...new Set(spans.map(({ name }) => name))];
  return {
    traceId: '1',
    startUnixNano: 0n,
    spanCount: spans.length,
    services: ['shop'],
    operations: names.map((name) => ({ service: 0, name: name.replace('!', ''), kind: 2 })),
    operation: Uint32Array.from(spans, ({ name }) => names.indexOf(name)),
    depth: Uint32Array.from(spans, ({ depth }) => depth - indent),
    parentRow: Int32Array.from(parents),
    startNano: Float64Array.from(spans, ({ start }) => start),
    durationNano: Float64Array.from(spans, ({ start, end }) => end - start),
    flags: Uint8Array.from(spans, ({ name }) => (name.endsWith('!') ? 2 : 0)),
    missingParents: new Map(),
  };
}

function pathOf(picture: string): string[] {
  const skeleton = drawn(picture);
  const { rows, fromNano, toNano } = criticalPath(skeleton, traceModel(skeleton).subtreeSize);
  const order = [...rows.keys()].sort((a, b) => fromNano[a] - fromNano[b]);
  return order.map((i) => `${skeleton.operations[skeleton.operation[rows[i]]].name} ${fromNano[i]}–${toNano[i]}`);
}

test('criticalPath: sequential children, and the parent between them', () => {
  const path = pathOf(`
    root |==========
     a   | ===
     b   |     ===`);
  assert.deepEqual(path, ['root 0–1', 'a 1–4', 'root 4–5', 'b 5–8', 'root 8–10']);
});

test('criticalPath: of parallel children the one that ends last', () => {
  const path = pathOf(`
    root |==========
     a   | ======
     b   |  =======`);
  assert.deepEqual(path, ['root 0–2', 'b 2–9', 'root 9–10']);
});

test('criticalPath: a child that outlives its parent is cut, a grandchild too; one after the end is left out', () => {
  const path = pathOf(`
    root |======
     a   |  =======
      x  |    =====
     late|        ===`);
  assert.deepEqual(path, ['root 0–2', 'a 2–4', 'x 4–6']);
});

test('criticalPath: covers the root exactly once, in random trees', () => {
  for (let seed = 1; seed < 200; seed++) {
    let state = seed;
    const random = (n: number): number => (state = (state * 48271) % 2147483647) % n;
    const lines = ['r |' + '='.repeat(40)];
    for (let i = 0; i < 30; i++)
      lines.push(`${' '.repeat(1 + random(3))}s |${' '.repeat(random(45))}${'='.repeat(1 + random(30))}`);
    // A line may not skip a level: the depth follows the line before.
    let depth = 0;
    const legal = lines.map((line, i) => {
      depth = i === 0 ? 0 : Math.min(depth + 1, line.search(/\S/));
      return ' '.repeat(depth) + line.trimStart();
    });
    const skeleton = drawn(legal.join('\n'));
    const { fromNano, toNano } = criticalPath(skeleton, traceModel(skeleton).subtreeSize);
    const order = [...fromNano.keys()].sort((a, b) => fromNano[a] - fromNano[b]);
    let at = 0;
    for (const i of order) {
      assert.equal(fromNano[i], at, `seed ${seed}`);
      at = toNano[i]!;
    }
    assert.equal(at, 40, `seed ${seed}`);
  }
});

test('selfTimes: duration less the union of the children', () => {
  const skeleton = drawn(`
    root |==========
     a   | ===
     b   |  ===
      x  |  =
     c   |        =====`);
  assert.deepEqual([...selfTimes(skeleton)], [4, 3, 2, 1, 5]);
});

const busy = `
    root |==========
     a   | ===
      x  | =
      y! | =
     q   |   =
     q   |    =
     q   |     =
     q   |      =
     q   |       =`;

test('visibleRows: folds identical leaves, collapses, shows the way to matches', () => {
  const model = traceModel(drawn(busy));
  assert.deepEqual([...visibleRows(model, nothingFolded)], [0, 1, 2, 3, 4]);
  assert.deepEqual([...visibleRows(model, allCollapsed(model))], [0, 1, 4]);
  assert.deepEqual([...visibleRows(model, revealed(model, allCollapsed(model), 3))], [0, 1, 2, 3, 4]);
  assert.equal(visibleRows(model, revealed(model, nothingFolded, 7)).length, 9);
  const found = findRows(model, 'status=error');
  assert.equal(found.kind === 'rows' && found.count, 1);
  assert.deepEqual(
    [...visibleRows(model, nothingFolded, found.kind === 'rows' ? found.matches : undefined)],
    [0, 1, 3],
  );
  assert.equal(positionOfRow(Uint32Array.of(0, 1, 4, 9), 5), 2);
});

test('findRows: what the skeleton cannot know is left to the server', () => {
  const model = traceModel(drawn(busy));
  assert.equal(findRows(model, 'http.status_code=500').kind, 'server');
  assert.equal(findRows(model, 'duration > nonsense').kind, 'error');
  const found = findRows(model, 'service=shop name=q');
  assert.equal(found.kind === 'rows' && found.count, 5);
});

test('zoomWindow: keeps the moment in place and stays inside', () => {
  assert.deepEqual(zoomWindow({ fromNano: 0, toNano: 1000 }, 0.5, 500, 1000), { fromNano: 250, toNano: 750 });
  assert.deepEqual(clampWindow({ fromNano: -500, toNano: 500 }, 2000), { fromNano: 0, toNano: 1000 });
});
