import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { parseSpanId, parseTraceId, unixNano, type Resource, type Scope, type Span, type Trace } from '@spoor/model';
import { alignTraces } from './align-traces.ts';

const resource: Resource = { attributes: [], droppedAttributesCount: 0, schemaUrl: '', entityRefs: [] };
const scope: Scope = { name: '', version: '', attributes: [], droppedAttributesCount: 0, schemaUrl: '' };
const traceId = parseTraceId('1')!;

/** `id<parent name`, in order of start. */
function trace(text: string): Trace {
  const spans = text.split(', ').map((one, i): Span => {
    const [, id, parent, name] = /^(\w+)<(\w*) (.+)$/.exec(one)!;
    return {
      traceId,
      spanId: parseSpanId(id)!,
      parentSpanId: parent === '' ? '' : parseSpanId(parent)!,
      traceState: '',
      flags: 0,
      name,
      kind: 1,
      startTimeUnixNano: unixNano(BigInt(i)),
      endTimeUnixNano: unixNano(BigInt(i + 1)),
      attributes: [],
      droppedAttributesCount: 0,
      events: [],
      droppedEventsCount: 0,
      links: [],
      droppedLinksCount: 0,
      statusCode: 0,
      statusMessage: '',
      resource,
      scope,
      adjustedCount: 1,
    };
  });
  return { traceId, spans };
}

function aligned(base: string, compare: string): unknown {
  const { pairs, removed, added } = alignTraces(trace(base), trace(compare));
  const id = ({ spanId }: Span): string => spanId.replace(/^0+/, '');
  return [pairs.map(([a, b]) => `${id(a)}=${id(b)}`).join(' '), removed.map(id).join(' '), added.map(id).join(' ')];
}

test('alignTraces: the same work under other ids', () => {
  deepEqual(aligned('1< a, 2<1 b, 3<2 c', '7< a, 8<7 b, 9<8 c'), ['1=7 2=8 3=9', '', '']);
});

test('alignTraces: repeated children pair by order of start; what is over stands alone', () => {
  deepEqual(aligned('1< a, 2<1 b, 3<1 b, 4<1 c', '7< a, 8<7 b, 9<7 d'), ['1=7 2=8', '3 4', '9']);
});

test('alignTraces: below an unpaired span nothing is paired', () => {
  deepEqual(aligned('1< a, 2<1 b, 3<2 c', '7< a, 8<7 x, 9<8 c'), ['1=7', '2 3', '8 9']);
});

test('alignTraces: spans without their parent pair as roots do; circles hang from nowhere', () => {
  deepEqual(aligned('1<f a, 2<1 b', '7<e a, 8<7 b'), ['1=7 2=8', '', '']);
  deepEqual(aligned('1<2 a, 2<1 b', '7<8 a, 8<7 b'), ['', '1 2', '7 8']);
  deepEqual(aligned('1<1 a', '7< a'), ['1=7', '', '']);
});
