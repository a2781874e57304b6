import assert from 'node:assert/strict';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader';
import { checkBitFlips, checkMutations, checkTruncations } from '../testing/damage.ts';
import type { Field, FieldType, Schema } from './message-schema.ts';
import { tempoJsonPieces } from './tempo-json.ts';
import * as tempo from './tempo-messages.ts';
import { decodeTempoMessage, encodeTempoMessage, encodeTempoPackets } from './tempo-protobuf.ts';

/*
 * The published definitions, read by the official library, are the second opinion on every table.
 */
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const definitions = loadSync('tempopb/tempo.proto', {
  includeDirs: [fileURLToPath(new URL('../../../server/protos', import.meta.url))],
  longs: String,
  enums: String,
});

type Anything = Readonly<Record<string, unknown>>;
type Definition = MessageTypeDefinition<object, object>;
function definition(name: string): Definition {
  return definitions[`tempopb.${name}`] as Definition;
}

const responses: Readonly<Record<string, Schema>> = {
  SearchResponse: tempo.tempoSearchResponse,
  SearchTagsResponse: tempo.tempoTagsResponse,
  SearchTagsV2Response: tempo.tempoTagsV2Response,
  SearchTagValuesResponse: tempo.tempoTagValuesResponse,
  SearchTagValuesV2Response: tempo.tempoTagValuesV2Response,
  QueryRangeResponse: tempo.tempoQueryRangeResponse,
  QueryInstantResponse: tempo.tempoQueryInstantResponse,
};
const requests: Readonly<Record<string, Schema>> = {
  SearchRequest: tempo.tempoSearchRequest,
  SearchTagsRequest: tempo.tempoTagsRequest,
  SearchTagValuesRequest: tempo.tempoTagValuesRequest,
  QueryRangeRequest: tempo.tempoQueryRangeRequest,
  QueryInstantRequest: tempo.tempoQueryInstantRequest,
};

const text = fc.string({ unit: 'grapheme', maxLength: 8 });
const word = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const attribute = fc.record(
  {
    key: text.filter((key) => key !== ''),
    value: fc.oneof(
      fc.record({ type: fc.constant('string' as const), value: text }),
      fc.record({ type: fc.constant('bool' as const), value: fc.boolean() }),
      fc.record({ type: fc.constant('int' as const), value: fc.maxSafeInteger() }),
      fc.record({ type: fc.constant('double' as const), value: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
    ),
  },
  { noNullPrototype: true },
);

function valueOf(type: FieldType | Schema): fc.Arbitrary<unknown> {
  switch (type) {
    case 'string':
      return text;
    case 'bool':
      return fc.boolean();
    case 'uint32':
      return fc.integer({ min: 0, max: 2 ** 32 - 1 });
    case 'uint64':
    case 'int64':
      return word;
    case 'double':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'keyValue':
      return attribute;
    case 'partialStatus':
      return fc.constantFrom('COMPLETE', 'PARTIAL');
    default:
      return messageOf(type);
  }
}

function fieldOf({ type, form }: Field): fc.Arbitrary<unknown> {
  if (form === 'one') return valueOf(type);
  if (form === 'repeated') return fc.array(valueOf(type), { maxLength: 3 });
  return fc.dictionary(fc.stringMatching(/^[a-z.]{1,5}$/), valueOf(type), { maxKeys: 3 });
}

function messageOf(schema: Schema): fc.Arbitrary<object> {
  const fields = Object.entries(schema).map(([name, field]) => [name, fieldOf(field)] as const);
  return fc.record(Object.fromEntries(fields), { noNullPrototype: true });
}

/** In whatever pieces; the first repeated field is the one that is divided. */
function jsonOf(schema: Schema, message: object): string {
  const list = Object.entries(schema).find(([, { form }]) => form === 'repeated')![0] as never;
  return Buffer.concat([...tempoJsonPieces(schema, message, list)]).toString();
}

/** What JSON makes of it, negative zero included. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

for (const [name, schema] of Object.entries(responses)) {
  test(`${name}: protobuf and JSON are what the published definitions make of the same message`, () => {
    fc.assert(
      fc.property(messageOf(schema), (message) => {
        const protobuf = encodeTempoMessage(schema, message);
        const decoded = definition(name).deserialize(Buffer.from(protobuf));
        const json = jsonOf(schema, message);
        assert.deepEqual(plain(decoded), plain(JSON.parse(json)));
      }),
      { seed, numRuns: 100 },
    );
  });
}

for (const [name, schema] of Object.entries(requests)) {
  test(`${name}: is read as the published definitions write it, and no damage does more than be refused`, () => {
    const given: { body: Uint8Array }[] = [];
    fc.assert(
      fc.property(messageOf(schema), (message) => {
        const body = definition(name).serialize(withTextIntegers(message));
        const read = decodeTempoMessage<Anything>(schema, body);
        assert.deepEqual({ ...read, Tags: { ...(read['Tags'] as object) } }, { ...message, Tags: tagsOf(message) });
        given.push({ body });
      }),
      { seed, numRuns: 100 },
    );
    const { body } = given.at(-1)!;
    const decode = (bytes: Uint8Array): unknown => decodeTempoMessage(schema, bytes);
    checkTruncations(decode, body, name);
    checkBitFlips(decode, body, name);
    checkMutations(decode, body, name, seed, 500);
  });
}

function tagsOf(message: object): object {
  return { ...(message as { Tags?: object }).Tags };
}

function withTextIntegers(message: object): object {
  const entries = Object.entries(message).map(([key, value]) => [key, typeof value === 'bigint' ? `${value}` : value]);
  return Object.fromEntries(entries) as object;
}

test('tempoJson: defaults are left out, 64-bit integers are strings, an empty message is {}', () => {
  const metrics = {
    inspectedTraces: 0,
    inspectedBytes: 2n ** 53n + 1n,
    totalBlocks: 0,
    completedJobs: 1,
    totalJobs: 0,
    totalBlockBytes: 0n,
    inspectedSpans: 0n,
  };
  const json = jsonOf(tempo.tempoQueryRangeResponse, {
    series: [
      {
        labels: [{ key: 'kind', value: { type: 'string', value: '' } }],
        samples: [
          { timestampMs: 60_000n, value: 0 },
          { timestampMs: 120_000n, value: Number.POSITIVE_INFINITY },
        ],
        exemplars: [],
      },
    ],
    metrics,
    status: 'COMPLETE',
    message: '',
  });
  assert.equal(
    json,
    '{"series":[{"labels":[{"key":"kind","value":{"stringValue":""}}],' +
      '"samples":[{"timestampMs":"60000"},{"timestampMs":"120000","value":"Infinity"}]}],' +
      '"metrics":{"inspectedBytes":"9007199254740993","completedJobs":1}}',
  );
  assert.equal(jsonOf(tempo.tempoTagsResponse, { tagNames: [], metrics: {} }), '{"metrics":{}}');
});

test('encodeTempoPackets: pieces are small, and joined are the message', () => {
  const tagValues = Array.from({ length: 500 }, (_, i) => ({ type: 'string', value: 'x'.repeat(i) }));
  const message = { tagValues: [...tagValues, { type: 'string', value: 'y'.repeat(20_000) }], metrics: {} };
  const packets = [...encodeTempoPackets(tempo.tempoTagValuesV2Response, message, 'tagValues', 8_192)];
  assert.ok(packets.length > 10);
  assert.equal(packets.filter((packet) => packet.length > 8_192).length, 1, 'but for the one that cannot be divided');
  const decode = (bytes: Uint8Array): Anything =>
    definition('SearchTagValuesV2Response').deserialize(Buffer.from(bytes)) as Anything;
  assert.deepEqual(decode(Buffer.concat(packets)), decode(encodeTempoMessage(tempo.tempoTagValuesV2Response, message)));
  const none = encodeTempoPackets(tempo.tempoTagValuesV2Response, { tagValues: [], metrics: {} }, 'tagValues', 8_192);
  assert.deepEqual([...none].map(decode), [{ metrics: {} }]);
});

test('tempoJsonPieces: a long message comes in several pieces', () => {
  const tagNames = Array.from({ length: 20_000 }, (_, i) => `name.${i} é`);
  const pieces = [...tempoJsonPieces(tempo.tempoTagsResponse, { tagNames, metrics: {} }, 'tagNames')];
  assert.ok(pieces.length > 3);
  assert.deepEqual(JSON.parse(Buffer.concat(pieces).toString()), { tagNames, metrics: {} });
});
