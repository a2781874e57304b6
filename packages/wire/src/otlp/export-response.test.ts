import assert from 'node:assert/strict';
import test from 'node:test';
import { encodeExportResponseJson, encodeExportResponseProtobuf } from './export-response.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const json = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

test('encodeExportResponse: nothing on full success, count and message on partial', () => {
  assert.equal(hex(encodeExportResponseProtobuf()), '');
  assert.deepEqual(json(encodeExportResponseJson('traces')), {});
  const partial = { rejectedCount: 300, errorMessage: 'bad' };
  assert.equal(hex(encodeExportResponseProtobuf(partial)), '0a0808ac021203626164');
  assert.deepEqual(json(encodeExportResponseJson('traces', partial)), {
    partialSuccess: { rejectedSpans: '300', errorMessage: 'bad' },
  });
  assert.deepEqual(json(encodeExportResponseJson('logs', partial)), {
    partialSuccess: { rejectedLogRecords: '300', errorMessage: 'bad' },
  });
  assert.deepEqual(json(encodeExportResponseJson('metrics', { rejectedCount: 0, errorMessage: 'note' })), {
    partialSuccess: { errorMessage: 'note' },
  });
});
