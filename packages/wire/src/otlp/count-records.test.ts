import assert from 'node:assert/strict';
import test from 'node:test';
import { codeOf } from '@spoor/model';
import { captures, corpusIsMissing, protoExample } from '../testing/corpus.ts';
import { countRecords } from './count-records.ts';

test('countRecords: upstream examples and captured bodies', { skip: corpusIsMissing }, () => {
  assert.equal(countRecords(protoExample('logs'), 'logs', 'json'), 1);
  // One data point for each of the four kinds of metric in the example.
  assert.equal(countRecords(protoExample('metrics'), 'metrics', 'json'), 4);
  for (const { name, body, decoded } of captures('otlp-http-proto')) {
    if (name.endsWith('-logs'))
      assert.equal(countRecords(body, 'logs', 'protobuf'), decoded.match(/log_records \{/g)?.length);
    if (name.endsWith('-metrics'))
      assert.equal(countRecords(body, 'metrics', 'protobuf'), decoded.match(/data_points \{/g)?.length);
  }
});

test('countRecords: an empty request has none, a malformed one is a WireError', () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  assert.equal(countRecords(new Uint8Array(0), 'logs', 'protobuf'), 0);
  assert.equal(countRecords(bytes('{}'), 'metrics', 'json'), 0);
  assert.equal(countRecords(bytes('{"resourceLogs":null,"x":1}'), 'logs', 'json'), 0);
  assert.equal(
    countRecords(bytes('{"resourceLogs":[{"scopeLogs":[{"logRecords":[{},{"a":[{}]}]}]}]}'), 'logs', 'json'),
    2,
  );
  for (const text of ['', '{', '{"resourceLogs":[', '{} x', '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{]}]}]}']) {
    assert.throws(
      () => countRecords(bytes(text), 'logs', 'json'),
      (error) => codeOf(error)?.startsWith('WIRE_') === true,
    );
  }
  assert.throws(() => countRecords(new Uint8Array([0x0a, 5, 1]), 'logs', 'protobuf'), { code: 'WIRE_TRUNCATED' });
  assert.throws(() => countRecords(new Uint8Array([0x08, 5]), 'logs', 'protobuf'), { code: 'WIRE_MALFORMED' });
});
