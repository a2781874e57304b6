/**
 * What one span costs the head, in CPU microseconds: pushing (a recorded tape, so that no decoder is in the figure; the
 * replay itself is), putting in order, reading columns, reading spans. `node --conditions=source packages/store/src/head.bench.ts`
 */
import process from 'node:process';
import { pushSpans } from '@spoor/model';
import { Head } from './head.ts';
import { allocateHeadBuffers } from './head-buffers.ts';
import { orderSpans } from './order-spans.ts';
import { TableSource } from './table-source.ts';
import { SinkTape } from './testing/sink-tape.ts';
import { usualSpans } from './testing/usual-spans.ts';

const isSmoke = process.env['BENCH_SMOKE'] === '1';
const spanCount = isSmoke ? 500 : 50_000;
const rounds = isSmoke ? 1 : 7;

/** The best of some rounds: neighbours on the machine can only add. */
async function measure(name: string, perRound: number, round: () => unknown): Promise<void> {
  let best = Infinity;
  for (let i = 0; i < rounds; i++) {
    const before = process.cpuUsage();
    await round();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, user + system);
  }
  console.log(`${name.padEnd(44)} ${(best / perRound).toFixed(3)} µs`);
}

const tape = new SinkTape();
pushSpans(tape, usualSpans(spanCount));
let head = new Head(allocateHeadBuffers());
await measure('push, a span', spanCount, () => {
  head = new Head(allocateHeadBuffers());
  tape.play(head);
});
const mark = head.mark();
await measure('push and take back, a span', spanCount, () => {
  tape.play(head);
  head.rollback(mark);
});
await measure('order, a span', spanCount, () => orderSpans([{ table: head.table }]));
const open = () => new TableSource({ id: 'bench', table: head.table, index: head.buffers });
await measure('find attribute columns and read all, a span', spanCount, async () => {
  const source = open();
  const attributes = source.attributeColumns('span');
  for (let index = 0; index * source.blockRows < source.rowCount; index++) {
    const block = await source.block(index, { attributes });
    for (const column of attributes) block.attribute(column);
  }
});
await measure('spans as objects, a span', spanCount, () =>
  open().spans(Uint32Array.from({ length: spanCount }, (_, row) => row)),
);
