import { equal, match, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from '@spoor/model';
import { printExpression } from '@spoor/traceql';
import * as fc from 'fast-check';
import { compileFilter } from './compile-filter.ts';
import { parseFilter } from './filter-term.ts';

const attr = (key: string, level = '') => ({ attr: { key, level } });
const field = (level: string, name: string) => ({ field: { level, name } });
const scalar = (value: string, type = '') => ({ scalar: { value, type } });
const list = (values: string[], type = '') => ({ list: { values, type } });
const call = (op: string, ...args: object[]) => ({ op, args });

function compiled(filter: object): string {
  return printExpression(compileFilter(parseFilter(JSON.stringify(filter))));
}

const status = call('eq', attr('http.status_code', 'span'), scalar('500', 'int'));

test('compileFilter: levels, fields, operators and types', () => {
  const cases: readonly (readonly [filter: object, traceql: string])[] = [
    [status, 'span.http.status_code = 500'],
    [call('gte', attr('size', 'span'), scalar('5')), 'span.size >= 5'],
    [call('lt', scalar('5', 'double'), attr('size', 'resource')), 'resource.size > 5.0'],
    [call('eq', attr('a'), scalar('x')), 'span.a = "x" || resource.a = "x"'],
    [call('eq', attr('a', 'scope'), scalar('true')), 'instrumentation.a = "true" || instrumentation.a = true'],
    [call('ne', attr('a', 'span'), scalar('x', 'string')), 'span.a != nil && !(span.a = "x")'],
    [call('gt', field('span', 'duration'), scalar('2s')), 'duration > 2s'],
    [call('eq', field('span', 'kind'), scalar('server')), 'kind = server'],
    [call('in', field('span', 'status'), list(['ok', 'error'])), 'status = ok || status = error'],
    [call('not_in', field('span', 'name'), list(['a'])), 'name != nil && !(name = "a")'],
    [call('regex', field('resource', 'service'), scalar('^fr')), 'resource.service.name =~ ".*(?-s:^fr).*"'],
    [
      call('regex', field('span', 'kind'), scalar('e')),
      'kind = unspecified || kind = internal || kind = server || kind = client || kind = producer || kind = consumer',
    ],
    [call('exists', attr('a')), 'span.a != nil || resource.a != nil'],
    [call('not', { call: status }), '!(span.http.status_code = 500)'],
    [
      call('and', status, call('or', status, status)),
      'span.http.status_code = 500 && (span.http.status_code = 500 || span.http.status_code = 500)',
    ],
    [call('gt', attr('a', 'span'), attr('b', 'span')), 'span.a > span.b'],
    [call('eq', field('event', 'name'), scalar('x')), 'some(event:name = "x")'],
    [
      call('some', { nested: { level: 'event' } }, call('gt', field('event', 'timeSinceStart'), scalar('50us'))),
      'some(event:name != nil && event:timeSinceStart > 50us)',
    ],
    [
      call('fulltext', attr('prompt', 'span'), list(['refund'])),
      String.raw`span.prompt =~ "(?is)(?:.*[^\\pL\\pN])?refund(?:[^\\pL\\pN].*)?"`,
    ],
  ];
  for (const [filter, traceql] of cases) equal(compiled(filter), traceql);
});

test('compileFilter: refuses by name', () => {
  const cases: readonly (readonly [filter: object, why: RegExp])[] = [
    [call('like', attr('a'), scalar('x')), /unknown filter operator "like"/],
    [call('eq', attr('a', 'process'), scalar('x')), /unknown filter level "process"/],
    [call('eq', field('span', 'colour'), scalar('x')), /unknown built-in field "colour" at the "span" level/],
    [call('eq', field('span', 'startTime'), scalar('x')), /span\.startTime cannot be searched here/],
    [call('eq', attr('a'), scalar('x', 'text')), /unknown filter value type "text"/],
    [call('eq', attr('a'), scalar('x', 'int')), /strconv\.ParseInt: parsing "x": invalid syntax/],
    [call('gt', field('span', 'duration'), scalar('banana')), /time: invalid duration "banana"/],
    [call('eq', field('span', 'kind'), scalar('SERVER')), /"SERVER" is not one of unspecified, internal, server/],
    [call('gt', field('span', 'kind'), scalar('server')), /has no ordering for a kind/],
    [call('eq', field('span', 'duration'), field('span', 'name')), /compares a duration with a text/],
    [call('and', status), /operator "and" takes at least 2 argument\(s\), got 1/],
    [call('in', attr('a'), list([])), /a list with at least one element/],
    [call('regex', attr('a'), scalar('a)(b')), /invalid regular expression/],
    [call('phrase', attr('a'), list(['two words'])), /"two words" is not a word/],
    [call('some', attr('a'), status), /takes a collection as its first argument/],
    [{ ...status, extra: 1 }, /unknown member "extra"/],
    [attr('a'), /the whole must be an operator/],
    [call('eq', { attr: {}, field: {} }, scalar('x')), /exactly one of attr, field/],
  ];
  for (const [filter, message] of cases) throws(() => compiled(filter), { code: 'QUERY_INVALID', message });
  let deep: object = status;
  for (let i = 0; i < 40; i++) deep = call('not', deep);
  throws(() => compiled(deep), /more than 32 deep/);
});

test('compileFilter: whatever is sent, it compiles or is refused as invalid', () => {
  const leaf = fc.oneof(
    fc.record({ attr: fc.record({ key: fc.string(), level: fc.constantFrom('', 'span', 'event', 'link', 'x') }) }),
    fc.record({
      field: fc.record({
        level: fc.constantFrom('span', 'resource', 'scope', 'event', 'link', ''),
        name: fc.constantFrom('name', 'kind', 'duration', 'service', 'traceID', 'timeSinceStart', 'version', 'x'),
      }),
    }),
    fc.record({ nested: fc.record({ level: fc.constantFrom('event', 'link', 'span') }) }),
    fc.record({
      scalar: fc.record({ value: fc.string(), type: fc.constantFrom('', 'int', 'string', 'bool', 'double') }),
    }),
    fc.record({
      list: fc.record({ values: fc.array(fc.string(), { maxLength: 3 }), type: fc.constantFrom('', 'int') }),
    }),
    fc.jsonValue(),
  );
  const ops = ['and', 'not', 'eq', 'ne', 'gt', 'regex', 'exists', 'in', 'some', 'phrase', 'other'];
  const text = fc.constantFrom('x', '5', 'true', '2s', 'server', 'a.*b', '(', '');
  const reference = fc.oneof(
    fc.record({
      attr: fc.record({ key: fc.constantFrom('a', 'b'), level: fc.constantFrom('', 'span', 'event', 'link') }),
    }),
    fc.record({
      field: fc.record({ level: fc.constantFrom('span', 'event'), name: fc.constantFrom('name', 'duration') }),
    }),
  );
  const constant = fc.record({ scalar: fc.record({ value: text }) });
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('node'), tie('some'), tie('wild')),
    leaf: fc.oneof(
      fc.record({ op: fc.constantFrom('eq', 'ne', 'gt', 'lte', 'regex'), args: fc.tuple(reference, constant) }),
      fc.record({ op: fc.constant('exists'), args: fc.tuple(reference) }),
      fc.record({ op: fc.constant('not_in'), args: fc.tuple(reference, fc.constant(list(['x', '5']))) }),
    ),
    node: fc.record({ op: fc.constantFrom('and', 'or'), args: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }) }),
    some: fc.record({
      op: fc.constant('some'),
      args: fc.tuple(fc.constant({ nested: { level: 'event' } }), tie('tree')),
    }),
    wild: fc.oneof(leaf, fc.record({ op: fc.constantFrom(...ops), args: fc.array(tie('tree'), { maxLength: 3 }) })),
  }));
  let compiledCount = 0;
  fc.assert(
    fc.property(tree, (filter) => {
      try {
        match(printExpression(compileFilter(parseFilter(JSON.stringify(filter)))), /./);
        compiledCount++;
      } catch (error) {
        equal(codeOf(error), 'QUERY_INVALID', `${JSON.stringify(filter)}: ${String(error)}`);
      }
    }),
    { numRuns: 3000 },
  );
  equal(compiledCount > 300, true, `only ${compiledCount} are good`);
});
