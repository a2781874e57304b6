import assert from 'node:assert/strict';
import { isCoded } from '@spoor/model';
import type {
  AttributeColumn,
  AttributeLevel,
  CodedColumn,
  ColumnBlock,
  ColumnNeed,
  ColumnSource,
  WordColumn,
} from '../column-source.ts';

const CODED = ['name', 'statusMessage', 'traceState', 'eventName', 'linkTraceId', 'linkSpanId'] as const;
const PLAIN = [
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
  'eventStart',
  'linkStart',
  'eventTimeLow',
  'eventTimeHigh',
  'parentRow',
  'depth',
  'subtreeSize',
  'connected',
  'childCount',
] as WordColumn[];
const LEVELS: readonly AttributeLevel[] = ['span', 'event', 'link'];

/** Both hold the same spans in the same order, and say so in every column, whatever their codes and dictionaries are. */
export async function assertSameSource(actual: ColumnSource, expected: ColumnSource): Promise<void> {
  assert.equal(actual.rowCount, expected.rowCount);
  assert.equal(actual.traceCount, expected.traceCount);
  assert.deepEqual([actual.startMin, actual.startMax], [expected.startMin, expected.startMax]);
  const rows = Uint32Array.from({ length: expected.rowCount }, (_, row) => row);
  assert.deepEqual(await actual.spans(rows), await expected.spans(rows));
  assert.deepEqual(await actual.traces(), await expected.traces());
  const traceRows = Uint32Array.from({ length: expected.traceCount }, (_, row) => row);
  const ids = await expected.traceIds(traceRows);
  assert.deepEqual(await actual.traceIds(traceRows), ids);
  for (const id of ids.slice(0, 50)) assert.deepEqual(await actual.findTrace(id), await expected.findTrace(id));
  for (let index = 0; index * expected.blockRows < expected.rowCount; index++)
    await assertSameBlock(actual, expected, index);
}

async function assertSameBlock(actual: ColumnSource, expected: ColumnSource, index: number): Promise<void> {
  const need: ColumnNeed = {
    words: [...PLAIN, ...CODED, 'resource', 'scope'],
    numbers: ['adjustedCount', 'durationNano'],
  };
  const [a, b] = [await actual.block(index, need), await expected.block(index, need)];
  assert.equal(a.rowCount, b.rowCount);
  for (const column of PLAIN) assert.deepEqual(a.words(column), b.words(column), column);
  for (const column of ['adjustedCount', 'durationNano'] as const)
    assert.deepEqual(a.numbers(column), b.numbers(column));
  for (const column of CODED)
    assert.deepEqual(await texts(actual, a, column), await texts(expected, b, column), column);
  for (const owner of ['resource', 'scope'] as const) {
    const [left, right] = [await actual[`${owner}s`](), await expected[`${owner}s`]()];
    assert.deepEqual(
      Array.from(a.words(owner), (row) => left[row]),
      Array.from(b.words(owner), (row) => right[row]),
    );
  }
  for (const level of LEVELS) await assertSameAttributes(actual, expected, index, level);
}

async function assertSameAttributes(
  actual: ColumnSource,
  expected: ColumnSource,
  index: number,
  level: AttributeLevel,
): Promise<void> {
  const mine = new Map(actual.attributeColumns(level).map((column) => [nameOf(column), column]));
  const theirs = expected.attributeColumns(level);
  assert.deepEqual([...mine.keys()].toSorted(), theirs.map(nameOf).toSorted());
  const a = await actual.block(index, { attributes: [...mine.values()] });
  const b = await expected.block(index, { attributes: theirs });
  for (const column of theirs) {
    const own = mine.get(nameOf(column))!;
    const name = `${level} ${nameOf(column)}`;
    assert.equal(own.valueCount, column.valueCount, name);
    assert.deepEqual(a.attribute(own).rows, b.attribute(column).rows, name);
    assert.deepEqual(await values(actual, a, own), await values(expected, b, column), name);
  }
}

async function values(source: ColumnSource, block: ColumnBlock, column: AttributeColumn): Promise<unknown> {
  const { codes, numbers } = block.attribute(column);
  assert.equal(codes !== undefined, isCoded(column.type));
  if (codes === undefined) return numbers;
  return (await source.bytes(await sourceCodes(source, column, codes))).map(hex);
}

async function texts(source: ColumnSource, block: ColumnBlock, column: CodedColumn): Promise<unknown> {
  return (await source.bytes(await sourceCodes(source, column, Uint32Array.from(block.words(column))))).map(hex);
}

async function sourceCodes(
  source: ColumnSource,
  column: CodedColumn | AttributeColumn,
  codes: Uint32Array,
): Promise<Uint32Array> {
  const dictionary = await source.dictionary(column);
  if (dictionary === undefined) return codes;
  assert.ok(codes.every((code) => code < dictionary.length));
  const strings = await source.bytes(dictionary);
  assert.ok(
    strings.every((bytes, i) => i === 0 || Buffer.compare(strings[i - 1], bytes) < 0),
    'dictionaries are sorted',
  );
  return codes.map((code) => dictionary[code]);
}

function nameOf({ key, type, occurrence }: AttributeColumn): string {
  return `${key}/${type}/${occurrence}`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
