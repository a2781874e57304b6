import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { EditorState } from '@codemirror/state';
import { printField } from '@spoor/traceql';
import { traceqlCompletion, type TraceqlOffers } from './traceql-completion.ts';

const stored = [
  { scope: 'span', name: 'http.route' },
  { scope: 'resource', name: 'http.host' },
  { scope: 'event', name: 'http.x y' },
] as const;

const offers: TraceqlOffers = {
  names: async (scopes, prefix) =>
    stored.filter(({ scope, name }) => (scopes?.includes(scope) ?? true) && name.includes(prefix)),
  values: async (field, prefix) =>
    ['"frontend"', '"cart"', '500'].filter((value) => printField(field) === 'span.a' && value.includes(prefix)),
};
const source = traceqlCompletion(offers, (kind) => kind);

/** The caret is drawn as `▮`. */
function contextOf(drawn: string, isExplicit = false): CompletionContext {
  const state = EditorState.create({ doc: drawn.replace('▮', '') });
  return new CompletionContext(state, drawn.indexOf('▮'), isExplicit);
}

async function offeredAt(drawn: string, isExplicit = false): Promise<readonly string[]> {
  const result = await source(contextOf(drawn, isExplicit));
  return (result?.options ?? []).map(({ label }) => label);
}

test('traceqlCompletion: attributes behind a scope, quoted where they must be', async () => {
  assert.deepEqual(await offeredAt('{ span.ht▮'), ['http.route']);
  assert.deepEqual(await offeredAt('{ event.▮'), ['"http.x y"']);
  assert.deepEqual(await offeredAt('{ .http▮'), ['http.route', 'http.host']);
});

test('traceqlCompletion: a word where a field may stand finds attributes of all scopes, two letters on', async () => {
  assert.deepEqual(await offeredAt('{ ht▮'), ['span.http.route', 'resource.http.host', 'event."http.x y"']);
  assert.deepEqual(await offeredAt('{ h▮'), []);
  assert.deepEqual(await offeredAt('{} | ra▮'), ['rate']);
});

test('traceqlCompletion: values of the field as TraceQL writes them', async () => {
  assert.deepEqual((await offeredAt('{ span.a = "fr▮')).slice(0, 1), ['"frontend"']);
  assert.ok((await offeredAt('{ status = ▮')).includes('error'));
});

test('traceqlCompletion: an empty text is left in peace until offers are asked for', async () => {
  assert.deepEqual(await offeredAt('▮'), []);
  assert.ok((await offeredAt('▮', true)).includes('{'));
});

test('traceqlCompletion: one letter more narrows the list; another word asks anew', async () => {
  const first = (await source(contextOf('{ span.a = "▮')))!;
  const narrowed = (drawn: string): CompletionResult | null => {
    const context = contextOf(drawn);
    return first.update!(first, first.from, context.pos, context);
  };
  assert.deepEqual(
    narrowed('{ span.a = "ca▮')?.options.map(({ label }) => label),
    ['"cart"'],
  );
  assert.equal(narrowed('{ span.a = "cart" ▮'), null);
  assert.equal(narrowed('{ span.a = "zz▮'), null);
});
