/**
 * Spans per second of the OTLP decoders on one core, over the reference capture (or, without it, made-up spans of about
 * its size): into a sink that only counts, so that the figure is the decoder's own.
 *
 *     node --conditions=source packages/wire/src/otlp/otlp-decode.bench.ts
 */
import process from 'node:process';
import { SpanRecorder, type Trace, pushSpans } from '@spoor/model';
import { CountingSink } from '../testing/counting-sink.ts';
import { demoBodies } from '../testing/corpus.ts';
import { decodeTracesProtobuf } from './decode-traces-protobuf.ts';
import { encodeTracesJson } from './encode-traces-json.ts';
import { encodeTracesProtobuf } from './encode-traces-protobuf.ts';
import { madeUpTrace } from '../testing/made-up-trace.ts';
import { transcodeJsonToProtobuf } from './transcode-json.ts';

function traceOf(body: Uint8Array): Trace {
  const recorder = new SpanRecorder();
  decodeTracesProtobuf(body, recorder);
  return { traceId: recorder.spans[0].traceId, spans: recorder.spans };
}

/** Prints the best of a few rounds; `once` does all the work and says how many spans that was. */
function measure(name: string, byteCount: number, once: () => number): void {
  const isSmoke = process.env['BENCH_SMOKE'] === '1';
  let best = Number.POSITIVE_INFINITY;
  let spanCount = once();
  const until = performance.now() + (isSmoke ? 0 : 2_000);
  do {
    const start = performance.now();
    spanCount = once();
    best = Math.min(best, performance.now() - start);
  } while (performance.now() < until);
  const rate = `${(spanCount / best).toFixed(0).padStart(6)} k spans/s`;
  const volume = `${(byteCount / best / 1000).toFixed(0).padStart(4)} MB/s`;
  console.log(`${name.padEnd(40)} ${rate} ${volume}  ${(byteCount / spanCount).toFixed(0)} B/span`);
}

const captured = demoBodies();
const bodies = captured.length > 0 ? captured : [encodeTracesProtobuf([madeUpTrace(2_000)])];
const traces = bodies.map(traceOf);
const jsonBodies = traces.map((trace) => encodeTracesJson([trace]));
const sizeOf = (list: readonly Uint8Array[]): number => list.reduce((sum, { length }) => sum + length, 0);

measure('decodeTracesProtobuf', sizeOf(bodies), () => {
  const sink = new CountingSink();
  for (const body of bodies) decodeTracesProtobuf(body, sink);
  return sink.spanCount;
});
measure('transcodeJsonToProtobuf', sizeOf(jsonBodies), () => {
  let spanCount = 0;
  for (let i = 0; i < jsonBodies.length; i++) {
    transcodeJsonToProtobuf(jsonBodies[i]);
    spanCount += traces[i].spans.length;
  }
  return spanCount;
});
measure('encodeTracesProtobuf', sizeOf(bodies), () => {
  encodeTracesProtobuf(traces);
  return traces.reduce((sum, { spans }) => sum + spans.length, 0);
});
measure('encodeTracesJson', sizeOf(jsonBodies), () => {
  encodeTracesJson(traces);
  return traces.reduce((sum, { spans }) => sum + spans.length, 0);
});
measure('pushSpans', sizeOf(bodies), () => {
  const sink = new CountingSink();
  for (const { spans } of traces) pushSpans(sink, spans);
  return sink.spanCount;
});
