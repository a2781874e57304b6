import assert from 'node:assert/strict';
import test from 'node:test';
import { ProtobufReader } from './protobuf-reader.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

test('ProtobufWriter: lengths of nested messages are right at every size', () => {
  for (const size of [0, 1, 123, 124, 125, 126, 127, 128, 16_380, 16_384, 2_100_000]) {
    const writer = new ProtobufWriter(1);
    const outer = writer.begin(1);
    const inner = writer.begin(200);
    writer.raw(new Uint8Array(size).fill(7));
    writer.end(inner);
    writer.varintField(2, 5);
    writer.end(outer);
    const bytes = writer.finish();
    const reader = new ProtobufReader(bytes);
    assert.equal(reader.tag(bytes.length), 0x0a);
    assert.equal(reader.payloadEnd(bytes.length), bytes.length);
    assert.equal(reader.tag(bytes.length), (200 << 3) | 2);
    const innerEnd = reader.payloadEnd(bytes.length);
    assert.equal(innerEnd - reader.position, size);
    assert.ok(bytes.subarray(reader.position, innerEnd).every((byte) => byte === 7));
    reader.position = innerEnd;
    assert.deepEqual([reader.tag(bytes.length), reader.varint32(bytes.length)], [0x10, 5]);
  }
});

test('ProtobufWriter: integers of every size come back', () => {
  const end = 64;
  for (let bit = 0n; bit < 64n; bit++) {
    for (const value of [2n ** bit - 1n, 2n ** bit, BigInt.asUintN(64, -(2n ** bit))]) {
      const low = Number(value & 0xffff_ffffn);
      const high = Number(value >> 32n);
      const writer = new ProtobufWriter();
      writer.varintWordsField(1, low, high);
      writer.intField(1, value);
      writer.fixed64WordsField(1, low, high);
      writer.fixed64Field(1, value);
      if (value < 2n ** 53n) writer.varintField(1, Number(value));
      const reader = new ProtobufReader(new Uint8Array([...writer.finish(), ...new Uint8Array(end)]));
      const kinds = value < 2n ** 53n ? 'vvffv' : 'vvff';
      for (const kind of kinds) {
        reader.tag(end);
        if (kind === 'v') reader.varint64(end);
        else reader.fixed64(end);
        assert.deepEqual([reader.low, reader.high], [low, high]);
      }
    }
  }
});

test('ProtobufWriter: texts short and long, ASCII and not', () => {
  for (const text of ['', 'a', 'é', 'x'.repeat(48), 'x'.repeat(49), '😀'.repeat(40), `${'a'.repeat(47)}é`, '\ud800']) {
    const writer = new ProtobufWriter(1);
    writer.stringField(1, text);
    const bytes = writer.finish();
    const reader = new ProtobufReader(bytes);
    reader.tag(bytes.length);
    assert.equal(reader.payloadEnd(bytes.length), bytes.length);
    assert.deepEqual(bytes.slice(reader.position), new TextEncoder().encode(text));
  }
});

test('ProtobufWriter: hex digits of either case; nothing for what is not hex', () => {
  const writer = new ProtobufWriter(1);
  writer.hexField(1, '00aBcDef9');
  writer.hexField(1, 'xx');
  writer.hexField(1, '');
  writer.hexField(1, '0g');
  assert.equal(writer.length, 0);
  writer.hexField(2, '00aBcDef');
  assert.equal(Buffer.from(writer.finish()).toString('hex'), '120400abcdef');
});
