import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Span, unixNano } from '@spoor/model';
import { encodeTracesProtobuf } from '@spoor/wire';
import { BlockScan } from './block-scan.ts';
import { SpanSizes } from './span-sizes.ts';
import { headSource } from './testing/partition.ts';
import { double, plainSpan } from './testing/plain-span.ts';

/** Length of the first field with this number in a message, and where it begins. */
function field(bytes: Uint8Array, wanted: number): Uint8Array {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    assert.equal(tag & 7, 2, 'only messages and texts on the way to a span');
    const length = varint();
    if (tag >> 3 === wanted) return bytes.subarray(at, at + length);
    at += length;
  }
  throw new Error(`no field ${wanted}`);
}

/** TracesData.resource_spans.scope_spans.spans */
function encodedBytes(span: Span): number {
  const encoded = encodeTracesProtobuf([{ traceId: span.traceId, spans: [span] }]);
  return field(field(field(encoded, 1), 2), 2).length;
}

test('SpanSizes: as many bytes as the encoder writes', async () => {
  const long = 'x'.repeat(300);
  const spans = [
    plainSpan({ id: 1, kind: 2, name: '' }),
    plainSpan({ id: 2, parent: 1, kind: 0, name: long, statusCode: 2 }),
    { ...plainSpan({ id: 3, parent: 1 }), statusMessage: 'out of stock', traceState: 'ot=th:8', flags: 257 },
    plainSpan({
      id: 4,
      attributes: { text: 'é', int: 5, large: 2 ** 40, negative: -1, half: 0.5, whole: double(5), yes: true },
    }),
    plainSpan({ id: 5, attributes: { list: ['a', 1, ['b']], huge: 2n ** 62n, [long]: long } }),
    plainSpan({ id: 6, events: [{ a: 'b' }, {}, { c: 1 }], links: [{ d: long }, {}] }),
  ].map((span, i): Span => ({ ...span, startTimeUnixNano: unixNano(1000n + BigInt(i)) }));
  const source = headSource('head', spans);
  const sizes = await (await SpanSizes.open(source)).of(new BlockScan(source, 0));
  assert.deepEqual(Array.from(sizes), spans.map(encodedBytes));
});
