import assert from 'node:assert/strict';
import test from 'node:test';
import { RpcCode, encodeRpcStatusJson, encodeRpcStatusProtobuf } from './rpc-status.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const json = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

test('encodeRpcStatus: code, message and when to retry', () => {
  const plain = { code: RpcCode.invalidArgument, message: 'bad' };
  assert.equal(hex(encodeRpcStatusProtobuf(plain)), '08031203626164');
  assert.deepEqual(json(encodeRpcStatusJson(plain)), plain);
  const retry = { code: RpcCode.unavailable, message: '', retryDelayMilli: 1500 };
  const type = Buffer.from('type.googleapis.com/google.rpc.RetryInfo').toString('hex');
  assert.equal(hex(encodeRpcStatusProtobuf(retry)), `080e1a360a28${type}120a0a0808011080cab5ee01`);
  assert.deepEqual(json(encodeRpcStatusJson(retry)), {
    code: 14,
    message: '',
    details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1.5s' }],
  });
});
