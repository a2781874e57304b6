import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf, ProtobufWriter, unixNano } from '@spoor/model';
import * as fc from 'fast-check';
import { readFilter } from './filter-term.ts';
import {
  decodeDependenciesQuestion,
  decodeOperationsQuestion,
  decodeSearchQuestion,
  decodeTraceIds,
  decodeTraceQuestion,
} from './grpc-questions.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

/** A request whose query has every field that the storage's has. */
function storageQuery(): Uint8Array {
  const writer = new ProtobufWriter();
  const query = writer.begin(1);
  writer.stringField(1, 'shop');
  writer.stringField(2, 'GET /');
  for (const [key, field, value] of [
    ['a', 3, 5],
    ['b', 2, 1],
  ] as const) {
    const entry = writer.begin(3);
    writer.stringField(1, key);
    const any = writer.begin(2);
    writer.varintField(field, value);
    writer.end(any);
    writer.end(entry);
  }
  for (const field of [4, 5, 6, 7]) {
    const time = writer.begin(field);
    writer.varintField(1, field);
    writer.varintField(2, 7);
    writer.end(time);
  }
  const page = writer.begin(10);
  writer.varintField(1, 20);
  writer.stringField(2, 'more');
  writer.end(page);
  writer.stringField(99, 'of a newer definition');
  writer.end(query);
  return writer.finish();
}

test('decodeSearchQuestion: every field, and none that it does not know', () => {
  deepEqual(decodeSearchQuestion(storageQuery(), 'storage_v2'), {
    predicates: {
      service: 'shop',
      operation: 'GET /',
      tags: [
        ['a', '5'],
        ['b', 'true'],
      ],
      durationMinNano: 6_000_000_007,
      durationMaxNano: 7_000_000_007,
    },
    filter: undefined,
    range: { start: unixNano(4_000_000_007n), end: unixNano(5_000_000_007n) },
    depth: undefined,
    raw: false,
    page: { size: 20, token: 'more' },
  });
});

/** `exists(resource.a)`, so many times negated, as the field of that number. */
function filterQuery(field: number, notCount: number, more?: (query: ProtobufWriter) => void): Uint8Array {
  const writer = new ProtobufWriter();
  const query = writer.begin(1);
  more?.(writer);
  const starts = [writer.begin(field)];
  for (let i = 0; i < notCount; i++) {
    writer.stringField(1, 'not');
    starts.push(writer.begin(2), writer.begin(6));
  }
  writer.stringField(1, 'exists');
  starts.push(writer.begin(2), writer.begin(1));
  writer.stringField(1, 'a');
  writer.stringField(2, 'resource');
  for (const start of starts.toReversed()) writer.end(start);
  writer.end(query);
  return writer.finish();
}

test('decodeSearchQuestion: a filter is read as its JSON is', () => {
  for (const [dialect, field] of [
    ['api_v3', 10],
    ['storage_v2', 9],
  ] as const) {
    const json = { op: 'not', args: [{ call: { op: 'exists', args: [{ attr: { key: 'a', level: 'resource' } }] } }] };
    deepEqual(decodeSearchQuestion(filterQuery(field, 1), dialect).filter, readFilter(json));
  }
});

test('decodeSearchQuestion: a filter that is none, or beside predicates, is refused and never ignored', () => {
  const refused = (bytes: Uint8Array, message: RegExp): void =>
    throws(() => decodeSearchQuestion(bytes, 'api_v3'), { code: 'QUERY_INVALID', message });
  const empty = new ProtobufWriter();
  const query = empty.begin(1);
  empty.bytesField(10, new Uint8Array(0));
  empty.end(query);
  refused(empty.finish(), /unknown filter operator ""/);
  refused(filterQuery(10, 40), /more than 32 deep/);
  refused(
    filterQuery(10, 1, (writer) => writer.stringField(1, 'shop')),
    /filter excludes service_name/,
  );
});

test('questions: damaged bytes give an error of the client’s, or another question', () => {
  const decoders: readonly ((bytes: Uint8Array) => unknown)[] = [
    (bytes) => decodeSearchQuestion(bytes, 'storage_v2'),
    (bytes) => decodeSearchQuestion(bytes, 'api_v3'),
    (bytes) => decodeTraceQuestion(bytes, 'api_v2'),
    decodeTraceIds,
    decodeOperationsQuestion,
    decodeDependenciesQuestion,
  ];
  const body = Buffer.concat([storageQuery(), filterQuery(9, 2)]);
  let refusedCount = 0;
  const check = (bytes: Uint8Array): void => {
    for (const decode of decoders) {
      try {
        decode(bytes);
      } catch (error) {
        refusedCount++;
        ok(/^(WIRE|QUERY)_/.test(codeOf(error) ?? ''), `${String(error)} of ${Buffer.from(bytes).toString('hex')}`);
      }
    }
  };
  for (let length = 0; length <= body.length; length++) check(body.subarray(0, length));
  for (let bit = 0; bit < 8 * body.length; bit++) {
    const copy = new Uint8Array(body);
    copy[bit >> 3] ^= 1 << (bit & 7);
    check(copy);
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), check), { seed, numRuns: 2000 });
  equal(refusedCount > 100, true);
});
