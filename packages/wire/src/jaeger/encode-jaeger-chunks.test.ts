import assert from 'node:assert/strict';
import test from 'node:test';
import { ProtobufWriter, SpanRecorder, type Span } from '@spoor/model';
import * as fc from 'fast-check';
import { messagesOf } from '../message-list.ts';
import { runSlices } from '../slices.ts';
import { arbitraryTrace } from '../testing/arbitrary-traces.ts';
import { randomTrace } from '../testing/random-trace.ts';
import { decodeJaegerPostSpans } from './decode-jaeger.ts';
import { encodeJaegerChunks } from './encode-jaeger-chunks.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

/** A chunk has the field of a `Batch`'s spans, so the decoder of clients reads it. */
function decodeChunk(chunk: Uint8Array): readonly Span[] {
  const writer = new ProtobufWriter();
  writer.bytesField(1, chunk);
  const recorder = new SpanRecorder();
  runSlices(decodeJaegerPostSpans(writer.finish(), recorder, { receivedMilli: 0 }));
  return recorder.spans;
}

test('encodeJaegerChunks: what Jaeger’s model can say comes back, ten spans a chunk', () => {
  const trace = randomTrace({ seed: 1, spanCount: 57, errorShare: 0.2, orphanShare: 0.1 });
  const chunks = [...messagesOf(encodeJaegerChunks([trace], 1024 * 1024))].map(decodeChunk);
  assert.deepEqual(
    chunks.map(({ length }) => length),
    [10, 10, 10, 10, 10, 7],
  );
  const view = (span: Span): unknown => ({
    ids: [span.traceId, span.spanId, span.parentSpanId, span.name, span.kind, span.traceState],
    times: [span.startTimeUnixNano, span.endTimeUnixNano],
    attributes: span.attributes,
    events: span.events.map(({ name, timeUnixNano, attributes }) => [name, timeUnixNano, attributes]),
    status: [span.statusCode, span.statusMessage],
    resource: span.resource.attributes,
    scope: [span.scope.name, span.scope.version],
  });
  assert.deepEqual(chunks.flat().map(view), trace.spans.map(view));
});

test('encodeJaegerChunks: whatever a trace holds can be read, and no chunk mixes traces', () => {
  fc.assert(
    fc.property(arbitraryTrace, arbitraryTrace, (first, second) => {
      const chunks = [...messagesOf(encodeJaegerChunks([first, second], 1024))].map(decodeChunk);
      const expected = [...first.spans, ...second.spans];
      assert.deepEqual(
        chunks.flat().map(({ spanId }) => spanId),
        expected.map(({ spanId }) => spanId),
      );
      for (const spans of chunks) {
        assert.ok(spans.length > 0 && spans.length <= 10);
        assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
      }
    }),
    { seed, numRuns: 200 },
  );
});

test('encodeJaegerChunks: a chunk ends when it is long enough', () => {
  const trace = randomTrace({ seed: 2, spanCount: 20 });
  const messages = [...messagesOf(encodeJaegerChunks([trace], 1))];
  assert.equal(messages.length, 20);
  assert.deepEqual([...messagesOf(encodeJaegerChunks([], 1))], []);
});
