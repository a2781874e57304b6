import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { unixNano } from '@spoor/model';
import { compileSearch } from './compile-search.ts';
import { compileV3Search } from './compile-v3-search.ts';

const min = '2021-08-01T12:00:00Z';
const max = '2021-08-01T13:00:00Z';
const times = { 'query.startTimeMin': min, 'query.startTimeMax': max };

test('compileV3Search: asks for what the older API’s parameters ask for', () => {
  const v3 = compiled({
    ...times,
    'query.serviceName': 'shop',
    'query.operationName': 'GET /',
    'query.attributes': '{"http.status_code":">=500"}',
    'query.durationMin': '1ms',
    'query.durationMax': '2s',
    'query.searchDepth': '7',
    'query.rawTraces': 'true',
  });
  const older = compileSearch(
    new URLSearchParams({
      service: 'shop',
      operation: 'GET /',
      tags: '{"http.status_code":">=500"}',
      minDuration: '1ms',
      maxDuration: '2s',
      limit: '7',
    }),
  );
  if (older.kind !== 'search') throw new Error('a search is expected');
  deepEqual(v3.request.query, older.query);
  deepEqual([v3.request.limit, v3.raw], [7, true]);
  deepEqual(v3.request.range, {
    start: unixNano(1_627_819_200_000_000_000n),
    end: unixNano(1_627_822_800_000_000_000n),
  });
});

test('compileV3Search: older spellings mean the same', () => {
  const camel = compiled({
    ...times,
    'query.serviceName': 'shop',
    'query.operationName': 'GET /',
    'query.durationMin': '1ms',
    'query.durationMax': '2s',
    'query.searchDepth': '7',
    'query.rawTraces': 't',
  });
  const snake = {
    'query.service_name': 'shop',
    'query.operation_name': 'GET /',
    'query.start_time_min': min,
    'query.start_time_max': max,
    'query.duration_min': '1ms',
    'query.duration_max': '2s',
    'query.raw_traces': '1',
  };
  deepEqual(compiled({ ...snake, 'query.search_depth': '7' }), camel);
  deepEqual(compiled({ ...snake, 'query.num_traces': '7' }), camel);
});

test('compileV3Search: defaults', () => {
  const { request, raw } = compiled(times);
  deepEqual([request.limit, request.order, raw], [100, 'newest', false]);
  equal(compiled({ ...times, 'query.searchDepth': '0' }).request.limit, 100);
  equal(compiled({ ...times, 'query.searchDepth': '999999999' }).request.limit, 10_000);
});

test('compileV3Search: refuses in Jaeger’s words, naming the parameter as it was given', () => {
  const cases: readonly (readonly [Readonly<Record<string, string>>, string | RegExp])[] = [
    [{}, 'query.startTimeMin and query.startTimeMax are required'],
    [{ 'query.startTimeMin': min }, 'query.startTimeMin and query.startTimeMax are required'],
    [{ 'query.startTimeMin': max, 'query.startTimeMax': min }, 'query.startTimeMin must be before query.startTimeMax'],
    [{ ...times, 'query.startTimeMin': 'NaN' }, /^malformed parameter query\.startTimeMin: parsing time "NaN" as /],
    [
      { 'query.start_time_min': min, 'query.start_time_max': 'x' },
      /^malformed parameter query\.start_time_max: parsing time "x" as /,
    ],
    [
      { ...times, 'query.num_traces': 'NaN' },
      'malformed parameter query.num_traces: strconv.Atoi: parsing "NaN": invalid syntax',
    ],
    [{ ...times, 'query.durationMin': 'NaN' }, 'malformed parameter query.durationMin: time: invalid duration "NaN"'],
    [
      { ...times, 'query.raw_traces': 'maybe' },
      'malformed parameter query.raw_traces: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
    [{ ...times, 'query.attributes': '[]' }, 'malformed parameter query.attributes: an object is expected'],
    [
      { ...times, 'query.filter': '{}', 'query.serviceName': 'a' },
      'query.filter and query.serviceName exclude each other',
    ],
  ];
  for (const [parameters, message] of cases) throws(() => compiled(parameters), { code: 'QUERY_INVALID', message });
});

function compiled(parameters: Readonly<Record<string, string>>): ReturnType<typeof compileV3Search> {
  return compileV3Search(new URLSearchParams(parameters));
}
