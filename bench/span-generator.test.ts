import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldsOf, regroup } from './otlp-regroup.ts';
import { SpanGenerator } from './span-generator.ts';
import { synthesizeRequests } from './synthetic-requests.ts';

interface IdSets {
  readonly traces: Set<string>;
  readonly spans: Set<string>;
  readonly parents: Set<string>;
  spanCount: number;
}

/** The ids of all spans, as latin1 texts. */
function idsOf(bodies: readonly Uint8Array[]): IdSets {
  const ids: IdSets = { traces: new Set(), spans: new Set(), parents: new Set(), spanCount: 0 };
  for (const body of bodies) {
    for (const resourceSpans of fieldsOf(body)) {
      for (const scopeSpans of fieldsOf(body, resourceSpans.start, resourceSpans.end)) {
        if (scopeSpans.number !== 2) continue;
        for (const span of fieldsOf(body, scopeSpans.start, scopeSpans.end)) {
          if (span.number !== 2) continue;
          ids.spanCount++;
          for (const { number, start, end } of fieldsOf(body, span.start, span.end)) {
            const set = number === 1 ? ids.traces : number === 2 ? ids.spans : number === 4 ? ids.parents : undefined;
            if (end > start) set?.add(Buffer.from(body.subarray(start, end)).toString('latin1'));
          }
        }
      }
    }
  }
  return ids;
}

const copyOf = (generator: SpanGenerator, copy: number): readonly Uint8Array[] =>
  Array.from({ length: generator.requestsPerCopy }, (_, request) =>
    generator.request(copy, request, 1_800_000_000_000_000_000n),
  );

test('regroup: keeps every span, in requests of the size asked for', () => {
  const requests = synthesizeRequests();
  const before = idsOf(requests);
  const regrouped = regroup(requests, 512);
  const after = idsOf(regrouped);
  assert.equal(after.spanCount, before.spanCount);
  assert.deepEqual(after.spans, before.spans);
  assert.equal(idsOf(regrouped.slice(0, 1)).spanCount, 512);
});

test('synthesizeRequests: has the statistics of the capture', () => {
  const requests = synthesizeRequests();
  const { spanCount, traces } = idsOf(requests);
  const bytesPerSpan = requests.reduce((sum, body) => sum + body.length, 0) / spanCount;
  assert.ok(spanCount > 4000 && spanCount < 6500, `${spanCount} spans`);
  assert.equal(traces.size, 1021);
  assert.ok(bytesPerSpan > 430 && bytesPerSpan < 530, `${bytesPerSpan} bytes a span`);
});

for (const source of ['synthetic', undefined] as const) {
  test(`SpanGenerator (${source ?? 'capture when there'}): copies share no id, and keep their shape`, () => {
    const generator = new SpanGenerator({ spansPerRequest: 47, seed: 7, source });
    const [first, second] = [idsOf(copyOf(generator, 0)), idsOf(copyOf(generator, 1))];
    assert.equal(first.spanCount, generator.spansPerCopy);
    for (const kind of ['traces', 'spans', 'parents'] as const) {
      assert.equal(first[kind].size, second[kind].size, kind);
      assert.equal(first[kind].intersection(second[kind]).size, 0, kind);
    }
    // Parents refer to spans of the same copy as often as in the source.
    assert.equal(first.parents.intersection(first.spans).size, second.parents.intersection(second.spans).size);
    assert.ok(first.parents.intersection(first.spans).size > 1000);
  });
}

test('SpanGenerator: the same seed makes the same bytes, another seed others', () => {
  const bodies = [7, 7, 8].map((seed) =>
    new SpanGenerator({ spansPerRequest: 47, seed, source: 'synthetic' }).request(3, 2, 10n ** 18n),
  );
  assert.deepEqual(bodies[0], bodies[1]);
  assert.notDeepEqual(bodies[0], bodies[2]);
});

test('SpanGenerator: times lie before the end asked for, and starts before ends', () => {
  const endUnixNano = 1_800_000_000_000_000_000n;
  const generator = new SpanGenerator({ spansPerRequest: 512, seed: 7 });
  for (const body of copyOf(generator, 5)) {
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    for (const resourceSpans of fieldsOf(body)) {
      for (const scopeSpans of fieldsOf(body, resourceSpans.start, resourceSpans.end)) {
        if (scopeSpans.number !== 2) continue;
        for (const span of fieldsOf(body, scopeSpans.start, scopeSpans.end)) {
          if (span.number !== 2) continue;
          const fields = [...fieldsOf(body, span.start, span.end)];
          const [start, end] = [7, 8].map((number) =>
            view.getBigUint64(fields.find((field) => field.number === number)?.start ?? 0, true),
          );
          assert.ok(start <= end && end <= endUnixNano && endUnixNano - start < 600_000_000_000n, `${start} ${end}`);
        }
      }
    }
  }
});

test('SpanGenerator: knownSpan names ids and values that are in the request', () => {
  const generator = new SpanGenerator({ spansPerRequest: 512, seed: 7 });
  const body = Buffer.from(generator.request(4, 1, 1_800_000_000_000_000_000n));
  const known = Array.from({ length: 512 }, (_, index) => generator.knownSpan(4, 1, index));
  for (const { traceId, unique } of known.slice(0, 50)) {
    assert.ok(body.includes(Buffer.from(traceId, 'hex')));
    if (unique !== undefined) assert.ok(body.includes(unique.value));
  }
  assert.ok(known.some(({ unique }) => unique?.key === 'guid:x-request-id'));
});
