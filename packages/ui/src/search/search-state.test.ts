import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiParametersOf, searchParametersOf, searchStateOf } from './search-state.ts';

function read(query: string): string {
  return searchParametersOf(searchStateOf(new URLSearchParams(query)))
    .toString()
    .replaceAll('+', ' ');
}

const jaegerForms: readonly (readonly [name: string, query: string, expected: string])[] = [
  [
    'its form',
    'end=1700000000000000&limit=20&lookback=1h&maxDuration&minDuration=1s&service=a&start=1699996400000000',
    'service=a&minDuration=1s&lookback=1h',
  ],
  [
    'custom range',
    'end=1700000000000000&lookback=custom&service=a&start=1699996400000000',
    'service=a&start=1699996400000000&end=1700000000000000',
  ],
  [
    'JSON tags',
    `service=a&tags=${encodeURIComponent('{"http.status_code":"500","error":"true"}')}`,
    'q=http.status_code%3D500 error%3Dtrue&service=a',
  ],
  [
    'tag pairs',
    'service=a&tag=db.statement:SELECT%201&tag=k:v:w',
    'q=db.statement%3D%22SELECT 1%22 k%3Dv%3Aw&service=a',
  ],
  [
    'our comparison in tags',
    `tags=${encodeURIComponent('{"http.status_code":">=500"}')}`,
    'q=http.status_code%3E%3D500',
  ],
  ['all operations', 'service=a&operation=all', 'service=a'],
  ['trace ids', 'traceID=1&traceID=2', 'traceID=1&traceID=2'],
  ['nothing', '', ''],
];

for (const [name, query, expected] of jaegerForms) {
  test(`searchStateOf: Jaeger's link with ${name}`, () => assert.equal(read(query), expected));
}

test('apiParametersOf: a lookback becomes a start', () => {
  const state = searchStateOf(new URLSearchParams('lookback=5m&service=a'));
  assert.equal(apiParametersOf(state, 1_000_000).toString(), 'service=a&start=700000000');
});
