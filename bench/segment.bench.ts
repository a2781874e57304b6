/**
 * `npm run bench -- segment`: bytes a span by column, what encoding costs, and opening, finding and decoding.
 *
 *     --spans 500_000    --per-request 512    --source synthetic    --top 20
 *     --seals 10    instead: order and write the same spans so many times, and what of the CPU each took
 */
import { join } from 'node:path';
import process from 'node:process';
import {
  BlockCache,
  Head,
  allocateHeadBuffers,
  headCapacity,
  openSegment,
  orderSpans,
  readSegmentTable,
  realDisk,
  segmentSizes,
  writeSegment,
} from '@spoor/store';
import type { SegmentReader, SpanTable } from '@spoor/store';
import { decodeTracesProtobuf } from '@spoor/wire';
import { ScratchDirectory, benchFlags, benchSeed, isSmoke, numberFlag } from './bench-options.ts';
import { describeMachine } from './machine.ts';
import { SpanGenerator } from './span-generator.ts';

const flags = benchFlags(process.argv.slice(2), ['spans', 'source', 'per-request', 'top', 'seals']);
const spanCount = isSmoke ? 5_000 : numberFlag(flags, 'spans', 500_000);
const seed = benchSeed();
const source = flags.get('source') === 'synthetic' || isSmoke ? 'synthetic' : undefined;
const origin = { id: 1, receivedMaxMilli: 0, mergeLevel: 0, consumedWals: [], joined: [], replaces: [] };
const generator = new SpanGenerator({ spansPerRequest: numberFlag(flags, 'per-request', 512), seed, source });

function fillTable(): SpanTable {
  const head = new Head(allocateHeadBuffers(headCapacity(spanCount + generator.spansPerCopy)));
  for (let copy = 0; head.countsNow().spans < spanCount; copy++) {
    const end = 1_790_000_000_000_000_000n + BigInt(copy) * 15_000_000_000n;
    for (let request = 0; request < generator.requestsPerCopy; request++)
      decodeTracesProtobuf(generator.request(copy, request, end), head);
  }
  return { ...head.buffers, counts: head.countsNow() };
}

async function timed<T>(name: string, per: number, unit: string, run: () => Promise<T> | T): Promise<T> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = await run();
  const wallMicro = (performance.now() - start) * 1000;
  const { user, system } = process.cpuUsage(cpu);
  console.log(
    `${name.padEnd(34)} ${(wallMicro / per).toFixed(3).padStart(10)} µs wall ${((user + system) / per).toFixed(3).padStart(10)} µs CPU a ${unit}`,
  );
  return result;
}

async function readTimes(path: string, segment: SegmentReader): Promise<void> {
  const runs = isSmoke ? 2 : 200; // the first dozens run in the interpreter
  const traceRows = Uint32Array.from({ length: runs }, (_, i) => Math.floor(((i + 0.5) / runs) * segment.traceCount));
  const ids = await segment.traceIds(traceRows);
  await timed('open', runs, 'segment', async () => {
    for (let i = 0; i < runs; i++) await (await openSegment(realDisk, path)).close();
  });
  await timed('findTrace', runs, 'trace, nothing cached', async () => {
    for (const id of ids) {
      const reader = await openSegment(realDisk, path);
      await reader.findTrace(id);
      await reader.close();
    }
  });
  await timed('findTrace + spans', runs, 'trace, nothing cached', async () => {
    for (const id of ids) {
      const reader = await openSegment(realDisk, path);
      await reader.spans(await reader.findTrace(id));
      await reader.close();
    }
  });
  await timed('findTrace + spans', runs, 'trace, tables cached', async () => {
    for (const id of ids) await segment.spans(await segment.findTrace(id));
  });
  const blocks = Math.ceil(segment.rowCount / segment.blockRows);
  const attribute = segment.attributeColumns('span').toSorted((a, b) => b.valueCount - a.valueCount)[0];
  for (const turn of ['cold', 'warm']) {
    await timed(`kind + duration, ${turn}`, blocks, 'block', async () => {
      for (let b = 0; b < blocks; b++) {
        const block = await segment.block(b, { words: ['kind'], numbers: ['durationNano'] });
        block.words('kind');
        block.numbers('durationNano');
      }
    });
    await timed(`${attribute.key}, ${turn}`, blocks, 'block', async () => {
      for (let b = 0; b < blocks; b++) (await segment.block(b, { attributes: [attribute] })).attribute(attribute);
    });
    await timed(`traces, ${turn}`, segment.traceCount, 'trace', () => segment.traces());
  }
}

/** One line a seal: the first ones run in the interpreter. The process has the collector's and the compiler's threads too. */
async function repeatSeals(table: SpanTable, path: string, seals: number): Promise<void> {
  const { spans } = table.counts;
  for (let seal = 0; seal < seals; seal++) {
    const whole = process.cpuUsage();
    const microOf = (before: NodeJS.CpuUsage, after: NodeJS.CpuUsage): string =>
      ((after.user + after.system - before.user - before.system) / spans).toFixed(3);
    const start = process.threadCpuUsage();
    const ordered = orderSpans([{ table }]);
    const middle = process.threadCpuUsage();
    const { sizeBytes } = await writeSegment(realDisk, path, ordered, { origin });
    const end = process.threadCpuUsage();
    console.log(
      `seal ${String(seal + 1).padStart(2)}: order ${microOf(start, middle)}, write ${microOf(middle, end)}, process ` +
        `${microOf(whole, process.cpuUsage())} µs CPU a span, ${(sizeBytes / spans).toFixed(2)} bytes a span`,
    );
  }
}

async function measureOnce(table: SpanTable, path: string): Promise<void> {
  const ordered = await timed('order', table.counts.spans, 'span', () => orderSpans([{ table }]));
  await timed('write, first', ordered.rowCount, 'span', () => writeSegment(realDisk, path, ordered, { origin }));
  const { sizeBytes } = await timed('write', ordered.rowCount, 'span', () =>
    writeSegment(realDisk, path, ordered, { origin }),
  );
  const segment = await openSegment(realDisk, path, new BlockCache(256 << 20));
  await readTimes(path, segment);
  await timed('read as table', ordered.rowCount, 'span', () => readSegmentTable(segment));
  console.log(
    `${ordered.rowCount} spans, ${segment.traceCount} traces: ${(sizeBytes / ordered.rowCount).toFixed(2)} bytes a span`,
  );
  for (const [name, bytes] of [...segmentSizes(segment)].slice(0, numberFlag(flags, 'top', 20))) {
    console.log(`${(bytes / ordered.rowCount).toFixed(3).padStart(8)}  ${name}`);
  }
  await segment.close();
}

console.log({ ...describeMachine(), seed, source: generator.source });
using scratch = new ScratchDirectory();
const path = join(scratch.path, '1.segment');
const table = await timed('generate and decode', spanCount, 'span', fillTable);
if (flags.has('seals')) await repeatSeals(table, path, numberFlag(flags, 'seals', 10));
else await measureOnce(table, path);
