import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ValueType } from '@spoor/model';
import { type AttributeValue, type Span, type TraceId, isCoded, pushSpans } from '@spoor/model';
import type {
  AttributeColumn,
  AttributeLevel,
  ColumnBlock,
  ColumnNeed,
  ColumnSource,
  WordColumn,
} from './column-source.ts';
import { allocateHeadBuffers, headCapacity } from './head-buffers.ts';
import { Head } from './head.ts';
import { openHead } from './opened-heads.ts';
import { TableSource } from './table-source.ts';
import { temporarySource } from './temporary-source.ts';
import { canonicalOrder } from './testing/canonical-order.ts';
import { randomSpans } from './testing/random-spans.ts';
import { seededRandom, testSeed } from './testing/seeded-random.ts';

const SPAN_WORDS = [
  'name',
  'statusMessage',
  'traceState',
  'traceRow',
  'spanIdHigh',
  'spanIdLow',
  'parentSpanIdHigh',
  'parentSpanIdLow',
  'startLow',
  'startHigh',
  'endLow',
  'endHigh',
  'kind',
  'statusCode',
  'flags',
  'resource',
  'scope',
  'eventStart',
  'linkStart',
] as const satisfies WordColumn[];
const ITEM_WORDS = [
  'eventName',
  'eventTimeLow',
  'eventTimeHigh',
  'linkTraceId',
  'linkSpanId',
] as const satisfies WordColumn[];
const DERIVED = ['parentRow', 'depth', 'subtreeSize', 'connected', 'childCount'] as const satisfies WordColumn[];
const LEVELS: readonly AttributeLevel[] = ['span', 'event', 'link'];

function filledHead(spans: readonly Span[]): Head {
  const head = new Head(allocateHeadBuffers(headCapacity(2 * spans.length + 1024)));
  pushSpans(head, spans);
  return head;
}

function refOf(head: Head) {
  return {
    id: 'head',
    buffers: head.buffers,
    counts: head.countsNow(),
    startMin: head.startMin,
    startMax: head.startMax,
  };
}

function allRows(source: ColumnSource): Uint32Array {
  return Uint32Array.from({ length: source.rowCount }, (_, row) => row);
}

async function eachBlock(
  source: ColumnSource,
  need: ColumnNeed,
  visit: (block: ColumnBlock) => Promise<void>,
): Promise<void> {
  for (let index = 0; index * source.blockRows < source.rowCount; index++) await visit(await source.block(index, need));
}

/** Everything a source says in columns must be what its spans say. */
async function assertColumnsMatchSpans(source: ColumnSource, expected: readonly Span[]): Promise<void> {
  assert.deepEqual(await source.spans(allRows(source)), expected);
  assert.equal(source.traceCount, new Set(expected.map((span) => span.traceId)).size);
  const starts = expected.map((span) => span.startTimeUnixNano).toSorted((a, b) => (a < b ? -1 : 1));
  assert.deepEqual([source.startMin, source.startMax], [starts[0], starts.at(-1)]);
  const need: ColumnNeed = { words: [...SPAN_WORDS, ...ITEM_WORDS], numbers: ['adjustedCount', 'durationNano'] };
  const resources = await source.resources();
  const scopes = await source.scopes();
  await eachBlock(source, need, async (block) => {
    const spans = expected.slice(block.firstRow, block.firstRow + block.rowCount);
    const text = async (column: WordColumn) => source.strings(Uint32Array.from(block.words(column)));
    assert.deepEqual(
      await text('name'),
      spans.map((span) => span.name),
    );
    assert.deepEqual(
      await text('statusMessage'),
      spans.map((span) => span.statusMessage),
    );
    assert.deepEqual(
      await text('traceState'),
      spans.map((span) => span.traceState),
    );
    assert.deepEqual(
      await source.traceIds(Uint32Array.from(block.words('traceRow'))),
      spans.map((span) => span.traceId),
    );
    assert.deepEqual(
      hex(block.words('spanIdHigh'), block.words('spanIdLow')),
      spans.map((span) => span.spanId),
    );
    assert.deepEqual(
      hex(block.words('parentSpanIdHigh'), block.words('parentSpanIdLow')),
      spans.map((span) => span.parentSpanId.padStart(16, '0')),
    );
    assert.deepEqual(
      times(block.words('startLow'), block.words('startHigh')),
      spans.map((span) => span.startTimeUnixNano),
    );
    assert.deepEqual(
      times(block.words('endLow'), block.words('endHigh')),
      spans.map((span) => span.endTimeUnixNano),
    );
    for (const column of ['kind', 'statusCode', 'flags'] as const)
      assert.deepEqual(
        [...block.words(column)],
        spans.map((span) => span[column]),
      );
    assert.deepEqual(
      Array.from(block.words('resource'), (row) => resources[row]),
      spans.map((span) => span.resource),
    );
    assert.deepEqual(
      Array.from(block.words('scope'), (row) => scopes[row]),
      spans.map((span) => span.scope),
    );
    assert.deepEqual(
      [...block.numbers('adjustedCount')],
      spans.map((span) => span.adjustedCount),
    );
    assert.deepEqual(
      [...block.numbers('durationNano')],
      spans.map((span) => Math.max(0, Number(span.endTimeUnixNano - span.startTimeUnixNano))),
    );
    assert.deepEqual([...block.words('eventStart')], runningSum(spans.map((span) => span.events.length)));
    assert.deepEqual([...block.words('linkStart')], runningSum(spans.map((span) => span.links.length)));
    const events = spans.flatMap((span) => span.events);
    assert.deepEqual(
      await text('eventName'),
      events.map((event) => event.name),
    );
    assert.deepEqual(
      times(block.words('eventTimeLow'), block.words('eventTimeHigh')),
      events.map((event) => event.timeUnixNano),
    );
    const linkIds = async (column: WordColumn) =>
      (await source.bytes(Uint32Array.from(block.words(column)))).map((bytes) => Buffer.from(bytes).toString('hex'));
    assert.deepEqual(
      await linkIds('linkTraceId'),
      spans.flatMap((span) => span.links).map((link) => link.traceId),
    );
    assert.deepEqual(
      await linkIds('linkSpanId'),
      spans.flatMap((span) => span.links).map((link) => link.spanId),
    );
  });
  await assertAttributesMatchSpans(source, expected);
}

/** Puts the sets together again from the columns: what each set has, by key, type and occurrence. */
async function assertAttributesMatchSpans(source: ColumnSource, expected: readonly Span[]): Promise<void> {
  for (const level of LEVELS) {
    const attributes = source.attributeColumns(level);
    assert.deepEqual(
      attributes.map((column) => column.index),
      [...attributes.keys()],
    );
    const sums = attributes.map(() => 0);
    await eachBlock(source, { attributes }, async (block) => {
      const sets = expected
        .slice(block.firstRow, block.firstRow + block.rowCount)
        .flatMap((span): readonly { attributes: Span['attributes'] }[] =>
          level === 'span' ? [span] : level === 'event' ? span.events : span.links,
        );
      const found = sets.map(() => new Map<string, unknown>());
      for (const column of attributes) {
        const { rows, codes, numbers } = block.attribute(column);
        assert.equal(codes === undefined, !isCoded(column.type));
        sums[column.index] += rows.length;
        const values =
          codes === undefined
            ? [...numbers!]
            : (await source.bytes(codes)).map((bytes) => Buffer.from(bytes).toString('hex'));
        rows.forEach((row, i) => found[row].set(nameOf(column), values[i]));
        assert.ok(rows.every((row, i) => i === 0 || row > rows[i - 1]));
      }
      assert.deepEqual(
        found.map(sorted),
        sets.map((set) => sorted(columnsOf(set.attributes))),
      );
    });
    assert.deepEqual(
      attributes.map((column) => column.valueCount),
      sums,
    );
    assert.ok(sums.every((sum) => sum > 0));
  }
}

function columnsOf(attributes: Span['attributes']): Map<string, unknown> {
  // The sink decides how a value is held, so it is asked: one span of one attribute.
  const seen = new Map<string, number>();
  return new Map(
    attributes.map(({ key, value }) => {
      const occurrence = seen.get(key) ?? 0;
      seen.set(key, occurrence + 1);
      const { type, held } = heldAs(value);
      return [nameOf({ key, type, occurrence }), held];
    }),
  );
}

interface HeldValue {
  readonly type: ValueType;
  readonly held: unknown;
}
const heldValues = new WeakMap<AttributeValue, HeldValue>();

function heldAs(value: AttributeValue): HeldValue {
  const known = heldValues.get(value);
  if (known !== undefined) return known;
  const head = new Head(allocateHeadBuffers(headCapacity(1), 1));
  const pushed: HeldValue[] = [];
  head.attribute = (_key, type, held) => {
    const { stringBytes, stringOffset } = head.buffers;
    pushed.push({
      type,
      held: isCoded(type)
        ? Buffer.from(stringBytes.slice(stringOffset[held], stringOffset[held + 1])).toString('hex')
        : held,
    });
  };
  pushSpans(head, [{ ...TEMPLATE, attributes: [{ key: '', value }] }]);
  heldValues.set(value, pushed[0]);
  return pushed[0];
}

const TEMPLATE: Span = {
  ...randomSpans(seededRandom(1), { traceCount: 1, spansPerTraceMax: 1 })[0],
  events: [],
  links: [],
  resource: { attributes: [], droppedAttributesCount: 0, schemaUrl: '', entityRefs: [] },
  scope: { name: '', version: '', attributes: [], droppedAttributesCount: 0, schemaUrl: '' },
};

function nameOf({ key, type, occurrence }: Pick<AttributeColumn, 'key' | 'type' | 'occurrence'>): string {
  return `${key}/${type}/${occurrence}`;
}

function sorted(map: ReadonlyMap<string, unknown>): [string, unknown][] {
  return [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function hex(high: ArrayLike<number>, low: ArrayLike<number>): string[] {
  return times(low, high).map((time) => time.toString(16).padStart(16, '0'));
}

function times(low: ArrayLike<number>, high: ArrayLike<number>): bigint[] {
  return Array.from(low, (word, i) => (BigInt(high[i]) << 32n) | BigInt(word));
}

function runningSum(counts: readonly number[]): number[] {
  let sum = 0;
  return [0, ...counts.map((count) => (sum += count))];
}

describe('TableSource', () => {
  const seed = testSeed();
  const spans = randomSpans(seededRandom(seed), { traceCount: 40, spansPerTraceMax: 15 });

  it(`a head's columns say what its spans say (SEED=${seed})`, async () => {
    await assertColumnsMatchSpans(openHead(refOf(filledHead(spans)), 1), spans);
  });

  it('rows pushed after the snapshot are not there', async () => {
    const head = filledHead(spans.slice(0, 50));
    const ref = refOf(head);
    pushSpans(head, spans.slice(50));
    await assertColumnsMatchSpans(openHead(ref, 1), spans.slice(0, 50));
    const last = spans.at(-1)!;
    const rows = await openHead(ref, 1).findTrace(last.traceId);
    assert.deepEqual(
      [...rows],
      [...spans.keys()].filter((row) => row < 50 && spans[row].traceId === last.traceId),
    );
  });

  it(`sealed rows are not there, for snapshots that have the segment (SEED=${seed})`, async () => {
    const head = filledHead(spans);
    spans.forEach((span, row) => {
      if (row % 3 === 0 || span.traceId === spans[0].traceId) head.buffers.sealedVersion[row] = 5;
    });
    const visible = spans.filter((span, row) => row % 3 !== 0 && span.traceId !== spans[0].traceId);
    const source = openHead(refOf(head), 5);
    await assertColumnsMatchSpans(source, visible);
    assert.deepEqual([...(await source.findTrace(spans[0].traceId))], []);
    for (const { traceId } of visible) {
      assert.deepEqual(
        [...(await source.findTrace(traceId))],
        [...visible.keys()].filter((row) => visible[row].traceId === traceId),
      );
    }
    await assertColumnsMatchSpans(openHead(refOf(head), 4), spans);
    await assertColumnsMatchSpans(
      await source.ordered(),
      canonicalOrder(visible)
        .flat()
        .map((row) => row.span),
    );
  });

  it(`the ordered source has the same spans in canonical order, and the derived columns (SEED=${seed})`, async () => {
    const expected = canonicalOrder(spans);
    const unordered = openHead(refOf(filledHead(spans)), 1);
    for (const source of [await unordered.ordered(), await temporarySource(spans)]) {
      await assertColumnsMatchSpans(
        source,
        expected.flat().map((row) => row.span),
      );
      assert.equal(await source.ordered(), source);
      await eachBlock(source, { words: DERIVED }, async (block) => {
        const rows = expected.flat().slice(block.firstRow, block.firstRow + block.rowCount);
        assert.deepEqual(
          [...block.words('parentRow')],
          rows.map((row) => row.parentRow >>> 0),
        );
        assert.deepEqual(
          [...block.words('connected')],
          rows.map((row) => Number(row.isConnected)),
        );
        for (const column of ['depth', 'subtreeSize', 'childCount'] as const)
          assert.deepEqual(
            [...block.words(column)],
            rows.map((row) => row[column]),
          );
      });
      const traces = await source.traces();
      for (const [i, trace] of expected.entries()) {
        const rows = Array.from({ length: trace.length }, (_, at) => traces.firstRow[i] + at);
        assert.deepEqual([...(await source.findTrace(trace[0].span.traceId))], rows);
      }
      assert.deepEqual(
        await source.traceIds(Uint32Array.from(expected.keys())),
        expected.map((trace) => trace[0].span.traceId),
      );
    }
  });

  it('a head opened from a clone of its reference reads the same memory', async () => {
    const head = filledHead(spans);
    const source = openHead(structuredClone(refOf(head)), 1);
    await assertColumnsMatchSpans(source, spans);
    head.buffers.name[0] = head.intern(Buffer.from('renamed'), 0, 7);
    assert.equal((await source.block(0, { words: ['name'] })).words('name')[0], head.buffers.name[0]);
  });

  it('has as many blocks as its rows need', async () => {
    const many = randomSpans(seededRandom(3), { traceCount: 6000, spansPerTraceMax: 10, oddity: 0 }).map((span) => ({
      ...span,
      attributes: [],
    }));
    const source = openHead(refOf(filledHead(many)), 1);
    assert.ok(many.length > source.blockRows, `${many.length} spans`);
    const names: string[] = [];
    const events: string[] = [];
    await eachBlock(source, { words: ['name', 'eventName'] }, async (block) => {
      names.push(...(await source.strings(Uint32Array.from(block.words('name')))));
      events.push(...(await source.strings(Uint32Array.from(block.words('eventName')))));
    });
    assert.deepEqual(
      names,
      many.map((span) => span.name),
    );
    assert.deepEqual(
      events,
      many.flatMap((span) => span.events.map((event) => event.name)),
    );
    await assert.rejects(source.block(Math.ceil(many.length / source.blockRows), {}), /has a block/);
  });

  it('finds strings by their bytes, with the head and without', async () => {
    const head = filledHead(spans);
    for (const source of [openHead(refOf(head), 1), new TableSource({ id: 'plain', table: head.table })]) {
      for (const text of ['', 'exception', 'http.request.method', '跡']) {
        const code = await source.findString(Buffer.from(text));
        assert.ok(code !== undefined);
        assert.deepEqual(await source.strings(Uint32Array.of(code)), [text]);
      }
      assert.equal(await source.findString(Buffer.from('nowhere')), undefined);
      assert.deepEqual([...(await source.findTrace('ffffffffffffffffffffffffffffffff' as TraceId))], []);
      assert.deepEqual(
        [...(await source.findTrace(spans[0].traceId))],
        [...spans.keys()].filter((row) => spans[row].traceId === spans[0].traceId),
      );
    }
  });

  it('an empty head has no blocks, columns or traces', async () => {
    const source = openHead(refOf(filledHead([])), 1);
    assert.deepEqual([source.rowCount, source.traceCount, source.attributeColumns('span')], [0, 0, []]);
    assert.equal((await source.ordered()).rowCount, 0);
  });

  it('a column that was not asked for is a bug', async () => {
    const block = await openHead(refOf(filledHead(spans)), 1).block(0, { words: ['name'] });
    assert.throws(() => block.words('kind'), /was asked for/);
  });
});
