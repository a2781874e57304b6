import { equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { parseGoTime } from './go-time.ts';

test('parseGoTime: RFC 3339 with any fraction and zone', () => {
  const cases: readonly (readonly [string, bigint])[] = [
    ['1970-01-01T00:00:01Z', 1_000_000_000n],
    ['2021-08-01T12:30:45.123456789Z', 1_627_821_045_123_456_789n],
    ['2021-08-01T14:30:45.5+02:00', 1_627_821_045_500_000_000n],
    ['2021-08-01T07:00:45-05:30', 1_627_821_045_000_000_000n],
    ['2024-02-29T00:00:00Z', 1_709_164_800_000_000_000n],
    ['2021-08-01T12:30:45.1234567899Z', 1_627_821_045_123_456_789n],
    ['1969-12-31T23:59:59Z', 0n],
  ];
  for (const [text, nano] of cases) equal(parseGoTime(text), nano, text);
});

test('parseGoTime: a plus that became a blank on the way is a plus', () => {
  equal(parseGoTime('2021-08-01T14:30:45 02:00'), parseGoTime('2021-08-01T14:30:45+02:00'));
  equal(parseGoTime('2021-08-01 12:30:45z'), parseGoTime('2021-08-01T12:30:45Z'));
});

test('parseGoTime: complains in Go’s words', () => {
  const as = 'as "2006-01-02T15:04:05.999999999Z07:00"';
  const cases: readonly (readonly [string, string])[] = [
    ['bad', `parsing time "bad" ${as}: cannot parse "bad" as "2006"`],
    ['2021-08-01', `parsing time "2021-08-01" ${as}: cannot parse "" as "T"`],
    ['2021-08-01T12:30:45', `parsing time "2021-08-01T12:30:45" ${as}: cannot parse "" as "Z07:00"`],
    ['2021-13-01T12:30:45Z', 'parsing time "2021-13-01T12:30:45Z": month out of range'],
    ['2023-02-29T00:00:00Z', 'parsing time "2023-02-29T00:00:00Z": day out of range'],
    ['2021-08-01T12:30:45Zx', 'parsing time "2021-08-01T12:30:45Zx": extra text: "x"'],
  ];
  for (const [text, message] of cases) throws(() => parseGoTime(text), { code: 'QUERY_INVALID', message });
});
