import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Edge, shownGraph } from './service-graph.ts';

const edge = (parent: string, child: string, callCount = 1): Edge => ({ parent, child, callCount });

//    web → api → db        job → db → disk
const small = [edge('web', 'api'), edge('api', 'db', 9), edge('job', 'db'), edge('db', 'disk')];

test('shownGraph: everything when it is small, with services that call nobody', () => {
  const graph = shownGraph(small, undefined, undefined, ['lonely']);
  assert.deepEqual(graph.services, ['api', 'db', 'disk', 'job', 'lonely', 'web']);
  assert.deepEqual([graph.edges.length, graph.focus, graph.leftOutCount], [4, undefined, 0]);
});

test('shownGraph: around a service, by hops', () => {
  assert.deepEqual(shownGraph(small, 'web', 1).services, ['api', 'web']);
  assert.deepEqual(shownGraph(small, 'web', 2).services, ['api', 'db', 'web']);
  assert.deepEqual(shownGraph(small, 'web', 3).edges.length, 4);
  assert.equal(shownGraph(small, 'nobody', 1).focus, undefined);
});

test('shownGraph: of a large one the busiest neighbourhood, cut where it matters least', () => {
  const star = Array.from({ length: 300 }, (_, i) => edge('hub', `leaf ${i}`, 1 + i));
  const graph = shownGraph(star, undefined, undefined);
  assert.equal(graph.focus, 'hub');
  assert.equal(graph.services.length, 80);
  assert.equal(graph.leftOutCount, 221);
  assert.ok(graph.services.includes('leaf 299') && !graph.services.includes('leaf 0'));
});
