import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { serviceName, type Span, type SpanId, SpanKind, type Trace, WireError } from '@spoor/model';
import { randomTrace } from '../testing/random-trace.ts';
import { decodeSkeleton } from './decode-skeleton.ts';
import { encodeSkeleton } from './encode-skeleton.ts';
import { SpanFlag } from './skeleton-format.ts';
import { skeletonInputOf } from './skeleton-input.ts';
import { traceTree } from './trace-tree.ts';

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));

function encoded(trace: Trace): Uint8Array {
  return encodeSkeleton(trace.traceId, skeletonInputOf(trace));
}

/** The slow twin: what the skeleton must say of each span, found by walking the spans themselves. */
function assertEqualToSpans(trace: Trace): void {
  const skeleton = decodeSkeleton(encoded(trace));
  const tree = traceTree(skeletonInputOf(trace));
  assert.equal(skeleton.spanCount, trace.spans.length);
  assert.deepEqual(new Set(tree.order).size, trace.spans.length, 'every span has one row');
  for (let row = 0; row < skeleton.spanCount; row++) {
    const span = trace.spans[tree.order[row]];
    const operation = skeleton.operations[skeleton.operation[row]];
    assert.equal(operation.name, span.name);
    assert.equal(operation.kind, span.kind);
    assert.equal(skeleton.services[operation.service], serviceName(span.resource));
    assert.equal(skeleton.startUnixNano + BigInt(skeleton.startNano[row]), span.startTimeUnixNano);
    assert.equal(BigInt(skeleton.durationNano[row]), span.endTimeUnixNano - span.startTimeUnixNano);
    assert.equal(skeleton.flags[row] & SpanFlag.statusMask, span.statusCode);
    const parent = skeleton.parentRow[row];
    if (parent >= 0) {
      assert.equal(trace.spans[tree.order[parent]].spanId, span.parentSpanId);
      assert.ok(parent < row);
    } else if (span.parentSpanId !== '') assert.equal(skeleton.missingParents.get(row), span.parentSpanId);
  }
}

test(`skeleton: comes back equal to the spans of random traces (SEED=${seed})`, () => {
  for (let i = 0; i < 30; i++) {
    assertEqualToSpans(
      randomTrace({ seed: seed + i, spanCount: 1 + i * 7, orphanShare: 0.1, isMicrosecond: i % 2 === 0 }),
    );
  }
});

test('skeleton: an empty trace', () => {
  assert.equal(decodeSkeleton(encoded({ traceId: '1'.padStart(32, '0') as Trace['traceId'], spans: [] })).spanCount, 0);
});

/** A span id that carries a short name. */
function idOf(name: string): SpanId {
  return Buffer.from(name.padStart(8, '_')).toString('hex') as SpanId;
}

function withParents(parents: Readonly<Record<string, string>>): Span[] {
  const [template] = randomTrace({ seed: 1, spanCount: 1 }).spans;
  return Object.entries(parents).map(([spanId, parentSpanId]) => ({
    ...template,
    spanId: idOf(spanId),
    parentSpanId: parentSpanId === '' ? ('' as const) : idOf(parentSpanId),
  }));
}

function shape(parents: Readonly<Record<string, string>>): string[] {
  const spans = withParents(parents);
  const tree = traceTree(skeletonInputOf({ traceId: spans[0].traceId, spans }));
  const nameOf = (index: number): string => Buffer.from(spans[index].spanId, 'hex').toString().replaceAll('_', '');
  return [...tree.order].map(
    (index, row) => `${'-'.repeat(tree.depth[row])}${nameOf(index)}${tree.cut[row] === 1 ? ' cut' : ''}`,
  );
}

test('traceTree: roots, then orphans, then circles cut at their first span; a span that is its own parent', () => {
  //   r ─ a ─ b        o (parent gone) ─ p        x → y → x        s → s
  assert.deepEqual(shape({ x: 'y', o: 'gone', b: 'a', r: '', y: 'x', a: 'r', p: 'o', s: 's' }), [
    'r',
    '-a',
    '--b',
    'o',
    '-p',
    's',
    'x cut',
    '-y',
  ]);
});

test('traceTree: a server span is the child of the client span whose id it shares, and has what hangs on that id', () => {
  //   root client 1, server 1 ─ client 2, server 2 ─ query 3; the clocks of the second pair are at odds
  const template = randomTrace({ seed: 4, spanCount: 1 }).spans[0];
  const span = (name: string, id: number, parent: number, kind: number): Span => {
    const idOf = (n: number): SpanId => n.toString(16).padStart(16, '0') as SpanId;
    return { ...template, name, kind, spanId: idOf(id), parentSpanId: parent === 0 ? '' : idOf(parent) };
  };
  const { client, server } = SpanKind;
  const spans = [
    span('client 1', 1, 0, client),
    span('server 1', 1, 0, server),
    span('server 2', 2, 1, server),
    span('client 2', 2, 1, client),
    span('query', 3, 2, client),
  ];
  const tree = traceTree(skeletonInputOf({ traceId: template.traceId, spans }));
  const drawn = Array.from(tree.order, (index, row) => '-'.repeat(tree.depth[row]) + spans[index].name);
  assert.deepEqual(drawn, ['client 1', '-server 1', '--client 2', '---server 2', '----query']);
});

test('traceTree: 100,000 spans, each the parent of the next', () => {
  const parents = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`s${i}`, i === 0 ? '' : `s${i - 1}`]));
  const spans = withParents(parents);
  const tree = traceTree(skeletonInputOf({ traceId: spans[0].traceId, spans }));
  assert.equal(tree.depth[99_999], 99_999);
});

test('decodeSkeleton: only WireError comes out of truncated or flipped bytes', () => {
  const bytes = encoded(randomTrace({ seed: 3, spanCount: 20 }));
  for (let end = 0; end < bytes.length; end++) {
    assert.throws(() => decodeSkeleton(bytes.slice(0, end)), WireError);
  }
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice();
    flipped[bit >>> 3] ^= 1 << (bit & 7);
    try {
      decodeSkeleton(flipped);
    } catch (error) {
      assert.ok(error instanceof WireError, `bit ${bit}: ${String(error)}`);
    }
  }
});

test('skeleton: bytes a span, gzipped', (t) => {
  for (const isMicrosecond of [true, false]) {
    const trace = randomTrace({ seed: 5, spanCount: 20_000, isMicrosecond });
    const size = gzipSync(encoded(trace), { level: 6 }).length / trace.spans.length;
    t.diagnostic(`${isMicrosecond ? 'microsecond' : 'nanosecond'} clocks: ${size.toFixed(2)} B a span`);
    assert.ok(size < 14);
  }
});
