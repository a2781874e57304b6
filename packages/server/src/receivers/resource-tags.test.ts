import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { ValueType, type SpanSink } from '@spoor/model';
import { tagResources } from './resource-tags.ts';

/** A sink that keeps the attributes of every open set, by what ended it. */
function recorder(): { sink: SpanSink; sets: string[] } {
  const texts = [''];
  const sets: string[] = [];
  let open: string[] = [];
  const end = (what: string) => (): void => {
    sets.push(`${what} ${open.join(' ')}`.trim());
    open = [];
  };
  const sink: SpanSink = {
    intern(bytes, start, stop) {
      const text = new TextDecoder().decode(bytes.subarray(start, stop));
      if (!texts.includes(text)) texts.push(text);
      return texts.indexOf(text);
    },
    attribute: (key, type, value) =>
      void open.push(`${texts[key]}:${type === ValueType.string ? texts[value] : value}`),
    endResource: end('resource'),
    endScope: end('scope'),
    endAttributes: end('attributes'),
    endEvent: end('event'),
    endLink: end('link'),
    endSpan: end('span'),
  };
  return { sink, sets };
}

test('tagResources: resources get the tags that they have not, and nothing else gets any', () => {
  const { sink, sets } = recorder();
  const tagged = tagResources([
    { key: 'region', value: 'eu' },
    { key: 'cluster', value: 'a' },
  ])(sink);
  const text = (value: string): number => tagged.intern(Buffer.from(value), 0, Buffer.byteLength(value));
  for (const region of [undefined, 'us']) {
    if (region !== undefined) tagged.attribute(text('region'), ValueType.string, text(region));
    tagged.endResource(0, 0, 0);
    tagged.attribute(text('cluster'), ValueType.string, text('mine'));
    tagged.endScope(0, 0, 0, 0);
    tagged.attribute(text('cluster'), ValueType.int, 5);
    tagged.endAttributes();
    tagged.endEvent(0, 0, 0, 0);
    tagged.endLink(0, 0, 0, 0, 0);
  }
  deepEqual(sets, [
    'resource region:eu cluster:a',
    'scope cluster:mine',
    'attributes cluster:5',
    'event',
    'link',
    'resource region:us cluster:a',
    'scope cluster:mine',
    'attributes cluster:5',
    'event',
    'link',
  ]);
});

test('tagResources: without tags the sink is the sink', () => {
  const { sink } = recorder();
  equal(tagResources([])(sink), sink);
});
