import { equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { parseQuery, printQuery } from '@spoor/traceql';
import { compileTagSearch } from './tag-search.ts';

function compiled(tags: Readonly<Record<string, string>>, min?: number, max?: number): string {
  const query = compileTagSearch({
    tags: new Map(Object.entries(tags)),
    minDurationNano: min,
    maxDurationNano: max,
  });
  const text = printQuery(query);
  equal(printQuery(parseQuery(text)), text, 'it is what somebody could have written');
  return text;
}

test('compileTagSearch: each tag somewhere in the trace, the duration of the whole', () => {
  equal(compiled({}), '{ }');
  equal(compiled({ 'service.name': 'shop' }), '{ .service.name =~ ".*shop.*" }');
  equal(
    compiled({ name: 'GET', 'root.name': 'a', 'root.service.name': 'b' }),
    '{ name =~ ".*GET.*" } && { rootName =~ ".*a.*" } && { rootServiceName =~ ".*b.*" }',
  );
  equal(compiled({}, 1e6, 2e9), '{ traceDuration >= 1ms } && { traceDuration <= 2s }');
});

test('compileTagSearch: values are no patterns; numbers and truths are found as such', () => {
  equal(compiled({ path: '/a.b+(c)' }), String.raw`{ .path =~ ".*/a\\.b\\+\\(c\\).*" }`);
  equal(compiled({ code: '500' }), '{ .code =~ ".*500.*" || .code = 500.0 }');
  equal(compiled({ cached: 'true' }), '{ .cached =~ ".*true.*" || .cached = true }');
  equal(compiled({ 'status.code': 'error' }), '{ status = error }');
  equal(compiled({ error: 'true' }), '{ .error =~ ".*true.*" || .error = true || status = error }');
  throws(() => compiled({ 'status.code': '2' }), { code: 'QUERY_INVALID' });
});
