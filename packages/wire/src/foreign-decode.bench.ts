/**
 * Spans per second of the decoders of Jaeger's and Zipkin's protocols on one core, over what real clients sent (or, without
 * it, nothing): into a sink that only counts, so that the figure is the decoder's own.
 *
 *     node --conditions=source packages/wire/src/foreign-decode.bench.ts
 */
import process from 'node:process';
import { CountingSink } from './testing/counting-sink.ts';
import { type ForeignCapture, jaegerCaptures, zipkinBodies, foreignCorpusIsMissing } from './testing/foreign-corpus.ts';

/** Prints the best of a few rounds over all bodies. */
function measure(name: string, captures: readonly ForeignCapture[]): void {
  const isSmoke = process.env['BENCH_SMOKE'] === '1';
  const once = (): number => {
    const sink = new CountingSink();
    for (const { body, decode } of captures) decode(body, sink);
    return sink.spanCount;
  };
  // Small sets are repeated, so that one round takes long enough to be timed.
  const spansOnce = once();
  const repeat = isSmoke ? 1 : Math.ceil(2_000 / spansOnce);
  const byteCount = captures.reduce((sum, { body }) => sum + body.length, 0);
  let best = Number.POSITIVE_INFINITY;
  const until = performance.now() + (isSmoke ? 0 : 1_500);
  do {
    const start = performance.now();
    for (let i = 0; i < repeat; i++) once();
    best = Math.min(best, performance.now() - start);
  } while (performance.now() < until);
  const rate = `${((repeat * spansOnce) / best).toFixed(0).padStart(6)} k spans/s`;
  const volume = `${((repeat * byteCount) / best / 1000).toFixed(0).padStart(4)} MB/s`;
  console.log(`${name.padEnd(40)} ${rate} ${volume}  ${(byteCount / spansOnce).toFixed(0)} B/span`);
}

if (foreignCorpusIsMissing !== false) console.log(foreignCorpusIsMissing);
else {
  const compact = jaegerCaptures('jaeger-thrift-udp-compact-6831');
  measure(
    'Jaeger, compact Thrift, 100 spans each',
    compact.filter(({ name }) => name.includes('split')),
  );
  measure(
    'Jaeger, compact Thrift, few spans each',
    compact.filter(({ name }) => !name.includes('split')),
  );
  measure('Jaeger, binary Thrift (UDP)', jaegerCaptures('jaeger-thrift-udp-binary-6832'));
  measure('Jaeger, binary Thrift (HTTP)', jaegerCaptures('jaeger-thrift-http'));
  measure('Jaeger, protobuf', jaegerCaptures('jaeger-grpc-14250'));
  measure('Zipkin v2 JSON', zipkinBodies('v2-json'));
  measure('Zipkin v2 protobuf', zipkinBodies('v2-protobuf'));
  measure('Zipkin v1 JSON', zipkinBodies('v1-json'));
}
