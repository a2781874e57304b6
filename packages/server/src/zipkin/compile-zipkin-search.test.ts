import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { printQuery } from '@spoor/traceql';
import { compileZipkinSearch } from './compile-zipkin-search.ts';

const now = 1_800_000_000_000;

function compiled(text: string): string {
  return printQuery(compileZipkinSearch(new URLSearchParams(text), now).query);
}

test('compileZipkinSearch: each condition may be met by another span of the service', () => {
  equal(compiled(''), '{ }');
  equal(compiled('serviceName=&spanName=all&annotationQuery='), '{ }');
  equal(compiled('serviceName=shop'), '{ resource.service.name = "shop" }');
  equal(compiled('spanName=get&serviceName=shop'), '{ resource.service.name = "shop" && name = "get" }');
  equal(
    compiled('serviceName=shop&spanName=get&remoteServiceName=db&minDuration=5'),
    '{ resource.service.name = "shop" && name = "get" } && { resource.service.name = "shop" && span.peer.service = "db" }' +
      ' && { resource.service.name = "shop" && duration >= 5us }',
  );
  equal(compiled('minDuration=1000&maxDuration=2000'), '{ duration >= 1ms && duration <= 2ms999ns }');
});

test('compileZipkinSearch: annotationQuery', () => {
  equal(
    compiled('annotationQuery=http.method%3DGET'),
    '{ span.http.method = "GET" || resource.http.method = "GET" || some(event.http.method = "GET") }',
  );
  equal(
    compiled('annotationQuery=retry+and+a%3D1+and+a'),
    '{ span.retry != nil || resource.retry != nil || event:name = "retry" } && { span.a = "1" || span.a = 1 ||' +
      ' (resource.a = "1" || resource.a = 1) || some(event.a = "1" || event.a = 1) }',
  );
  equal(
    compiled('annotationQuery=error'),
    '{ span.error != nil || resource.error != nil || event:name = "error" || status = error }',
  );
});

test('compileZipkinSearch: range and limit', () => {
  const search = (text: string): readonly unknown[] => {
    const { range, limit } = compileZipkinSearch(new URLSearchParams(text), now);
    return [range.start, range.end, limit];
  };
  deepEqual(search(''), [1_799_913_600_000_000_000n, 1_800_000_000_000_999_999n, 10]);
  deepEqual(search('endTs=5000&lookback=1000&limit=3'), [4_000_000_000n, 5_000_999_999n, 3]);
  deepEqual(search('endTs=5000&lookback=9000&limit=99999999'), [0n, 5_000_999_999n, 10_000]);
});

test("compileZipkinSearch: complaints are Zipkin's", () => {
  for (const [text, message] of [
    ['endTs=0', 'endTs <= 0'],
    ['lookback=-1', 'lookback <= 0'],
    ['limit=0', 'limit <= 0'],
    ['minDuration=0', 'minDuration <= 0'],
    ['minDuration=5&maxDuration=4', 'maxDuration < minDuration'],
    ['maxDuration=4', 'maxDuration is only valid with minDuration'],
    ['endTs=soon', 'endTs should be a number: soon'],
  ]) {
    throws(() => compileZipkinSearch(new URLSearchParams(text), now), { code: 'QUERY_INVALID', message });
  }
});
