import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Completion, complete } from './completion.ts';

/** Completes at the `▮` of the text. */
function completeAt(marked: string): Completion {
  const offset = marked.indexOf('▮');
  return complete(marked.replace('▮', ''), offset);
}

function itemsAt(marked: string): string {
  return completeAt(marked)
    .items.map((item) => item.text)
    .join(' ');
}

const SPANSET_OPS = '&& || > < >> << ~ !> !< !>> !<< !~ &> &< &>> &<< &~';

const exact: readonly (readonly [marked: string, items: string])[] = [
  ['▮', 'by coalesce select count min max sum avg { ('],
  ['{} ▮', `with ${SPANSET_OPS} |`],
  ['{ sta▮', 'status statusMessage'],
  ['{ STA▮', 'status statusMessage'],
  ['{ trace:▮', 'trace:duration trace:rootName trace:rootService trace:id'],
  ['{ status ▮', '= != }'],
  ['{ name ▮', '= != < <= > >= =~ !~ }'],
  ['{ duration ▮ }', '= != < <= > >= + - * / % ^ }'],
  ['{ .a ▮', '= != < <= > >= =~ !~ && || + - * / % ^ }'],
  ['{ kind = cl▮ } | count() > 1', 'client'],
  ['{ status = o▮', 'ok'],
  ['{} | qua▮', 'quantile_over_time'],
  ['{} | count() ▮', '> < = != <= >= + - * / % ^'],
  ['{} | count▮', 'count_over_time'],
  ['{} | rate() ▮', 'by with = != < <= > >= |'],
  ['{} | rate() | ▮', 'topk bottomk'],
  ['{} | rate() with(▮', 'most_recent sample span_sample trace_sample exemplars extrapolate'],
  ['{} | rate() with(ex▮', 'exemplars extrapolate'],
  ['{ // comment▮', ''],
  ['{ .a = "x" ▮', '= != && || }'],
  ['{ .a + 1 ▮', '= != < <= > >= + - * / % ^ }'],
];

test('complete: what may come', () => {
  for (const [marked, items] of exact) assert.equal(itemsAt(marked), items, marked);
});

test('complete: constants of the compared field come first, and its values are asked for', () => {
  const { items, valuesOf } = completeAt('{ status = ▮ }');
  assert.deepEqual(
    items.slice(0, 3).map(({ text }) => text),
    ['unset', 'ok', 'error'],
  );
  assert.deepEqual(valuesOf, { kind: 'intrinsic', name: 'span:status' });
});

test('complete: values of attributes, also in an open string', () => {
  for (const marked of ['{ span.http.method = ▮', '{ span.http.method != "GE▮', '{ .x && span.http.method =~ ▮ }']) {
    const { from, prefix, valuesOf } = completeAt(marked);
    assert.deepEqual(valuesOf, { kind: 'attribute', scope: 'span', name: 'http.method' }, marked);
    assert.equal(marked.slice(from, marked.indexOf('▮')), prefix, marked);
  }
  assert.equal(completeAt('{ name = "GE▮').prefix, '"GE');
});

test('complete: names of attributes by scope', () => {
  const rows: readonly (readonly [marked: string, scope: string, prefix: string])[] = [
    ['{ .▮', 'any', ''],
    ['{ .ht▮', 'any', 'ht'],
    ['{ span.http.st▮ }', 'span', 'http.st'],
    ['{ resource.▮', 'resource', ''],
    ['{} | by(event.ex▮', 'event', 'ex'],
    ['{} | rate() by(link.▮', 'link', ''],
    ['{} | select(.a, instrumentation.s▮', 'instrumentation', 's'],
  ];
  for (const [marked, scope, prefix] of rows) {
    const completion = completeAt(marked);
    assert.equal(completion.attributeNames, scope, marked);
    assert.equal(completion.prefix, prefix, marked);
    assert.deepEqual(completion.items, [], marked);
  }
});

test('complete: scopes and intrinsics where a field may stand', () => {
  for (const marked of [
    '{ ▮',
    '{ .a && ▮',
    '{} | by(▮',
    '{} | select(name, ▮',
    '{} | avg(▮',
    '{} | min_over_time(▮',
    '{ !▮',
  ]) {
    const items = itemsAt(marked).split(' ');
    assert.deepEqual(items.slice(0, 6), ['.', 'span.', 'resource.', 'event.', 'link.', 'instrumentation.'], marked);
    assert.ok(items.includes('duration') && items.includes('span:childCount'), marked);
  }
});

test('complete: what is broken before the braces at hand does not matter', () => {
  assert.equal(itemsAt('{ .a == 1 } && { kind = con▮'), 'consumer');
  assert.equal(itemsAt("{ name = 'x' } | { sta▮"), 'status statusMessage');
});

test('complete: what comes after the cursor does not matter', () => {
  assert.equal(itemsAt('{ sta▮ = error } | by(name'), 'status statusMessage');
});
