import assert from 'node:assert/strict';
import test from 'node:test';
import { SpanRecorder, type Span } from '@spoor/model';
import * as fc from 'fast-check';
import { messagesOf } from '../message-list.ts';
import { arbitraryTrace } from '../testing/arbitrary-traces.ts';
import { randomTrace } from '../testing/random-trace.ts';
import { decodeTracesProtobuf } from './decode-traces-protobuf.ts';
import { encodeTraceChunks, encodeTracesProtobuf } from './encode-traces-protobuf.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

function decode(body: Uint8Array): readonly Span[] {
  const recorder = new SpanRecorder();
  decodeTracesProtobuf(body, recorder);
  return recorder.spans;
}

test('encodeTraceChunks: together what one document says, one trace a message, of whatever size', () => {
  fc.assert(
    fc.property(arbitraryTrace, arbitraryTrace, fc.integer({ min: 1, max: 3000 }), (first, second, sizeBytes) => {
      const messages = [...messagesOf(encodeTraceChunks([first, second], sizeBytes))].map(decode);
      assert.deepEqual(
        messages.flat(),
        [first, second].flatMap((trace) => decode(encodeTracesProtobuf([trace]))),
      );
      for (const spans of messages) assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
    }),
    { seed, numRuns: 200 },
  );
});

test('encodeTraceChunks: a message passes the size by one span at most', () => {
  const trace = randomTrace({ seed: 3, spanCount: 500 });
  const [whole] = messagesOf(encodeTraceChunks([trace], Infinity));
  const messages = [...messagesOf(encodeTraceChunks([trace], 10_000))];
  assert.ok(messages.length > whole.length / 20_000, `${messages.length} messages`);
  for (const message of messages) assert.ok(message.length < 11_500, `${message.length} bytes`);
});
