import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceName, type Span, type UnixNano } from '@spoor/model';
import { type Intrinsic, parseQuery, printQuery, type Query } from '@spoor/traceql';
import { listAttributeNames } from './list-attribute-names.ts';
import { listAttributeValues } from './list-attribute-values.ts';
import { listIntrinsicValues } from './list-intrinsic-values.ts';
import { listOperations } from './list-operations.ts';
import { listServices } from './list-services.ts';
import { attributeScopes, modelIntrinsics, modelNames, modelValues } from './testing/model-names.ts';
import { modelPipeline } from './testing/model-pipeline.ts';
import { ModelTrace } from './testing/model-trace.ts';
import { randomSources } from './testing/partition.ts';
import { randomPipeline } from './testing/random-pipelines.ts';
import { attributeNames, randomTrace, traceIdOf } from './testing/random-traces.ts';
import { SeededRandom, testSeed } from './testing/seeded-random.ts';
import type { TimeRange } from './trace-store.ts';

async function checkRound(random: SeededRandom): Promise<void> {
  const stored = Array.from({ length: 1 + random.below(5) }, (_, i) => randomTrace(random, traceIdOf(i + 1), 6)).flat();
  const sources = await randomSources(random, stored);
  const start = random.chance(0.5) ? undefined : ((2n ** 60n + BigInt(random.below(50))) as UnixNano);
  const range: TimeRange = { start };
  const spans = stored.filter((span) => start === undefined || span.startTimeUnixNano >= start);
  const services = [...new Set(spans.map((span) => serviceName(span.resource)))].sort();
  assert.deepEqual(await listServices(sources, range), { names: services, complete: true });
  const operations = [
    ...new Set(spans.map((span) => JSON.stringify([span.name, span.kind, serviceName(span.resource)]))),
  ].sort();
  const listed = await listOperations(sources, range);
  assert.deepEqual(listed.map(({ service, name, kind }) => JSON.stringify([name, kind, service])).sort(), operations);
  const kind = random.below(6);
  const ofService = await listOperations(sources, { ...range, service: 'api', kind });
  assert.deepEqual(
    ofService,
    listed.filter((operation) => operation.service === 'api' && operation.kind === kind),
  );
  assert.deepEqual(
    (await listAttributeNames(sources, range)).map(({ scope, name }) => `${scope} ${name}`),
    modelNames(spans),
  );
  for (const scope of [...attributeScopes, 'any'] as const) {
    const name = random.pick(attributeNames);
    const service = random.pick([undefined, 'api']);
    const answer = await listAttributeValues(sources, { ...range, scope, name, service, limit: 100 });
    const asked = spans.filter(({ resource }) => service === undefined || serviceName(resource) === service);
    assert.deepEqual(
      answer.values.map(({ type, value }) => `${type} ${value}`).sort(),
      modelValues(asked, scope, name),
      `${scope} ${name}`,
    );
    assert.equal(answer.complete, true);
    const limit = random.below(4);
    const cut = await listAttributeValues(sources, { ...range, scope, name, service, limit });
    assert.deepEqual(cut.values, answer.values.slice(0, limit));
    assert.equal(cut.complete, answer.values.length <= limit);
  }
}

test('listServices, listOperations, listAttributeNames, listAttributeValues: agree with plain loops over the spans', async () => {
  const seed = testSeed();
  for (let round = 0; round < 100; round++) {
    try {
      await checkRound(new SeededRandom(seed + round));
    } catch (error) {
      throw new Error(`SEED=${seed + round}`, { cause: error });
    }
  }
});

const intrinsics: readonly Intrinsic[] = [
  'span:name',
  'span:statusMessage',
  'span:status',
  'span:kind',
  'event:name',
  'instrumentation:name',
  'instrumentation:version',
  'trace:rootName',
  'trace:rootService',
];

/** Lists of the spans that a random query gives. */
async function checkQueried(random: SeededRandom): Promise<void> {
  const stored = Array.from({ length: 1 + random.below(5) }, (_, i) => randomTrace(random, traceIdOf(i + 1), 6));
  const sources = await randomSources(random, stored.flat());
  const start = random.chance(0.7) ? undefined : ((2n ** 60n + BigInt(random.below(50))) as UnixNano);
  const query: Query | undefined = random.chance(0.2)
    ? undefined
    : { kind: 'search', pipeline: randomPipeline(random), hints: [] };
  const found = stored.map((spans): readonly [ModelTrace, readonly Span[]] => {
    const trace = new ModelTrace(spans);
    const given = query === undefined ? trace.spans : [...modelPipeline(trace, query.pipeline)];
    return [trace, given.filter((span) => start === undefined || span.startTimeUnixNano >= start)];
  });
  const spans = found.flatMap(([, given]) => given);
  const text = query === undefined ? 'no query' : printQuery(query);
  const names = await listAttributeNames(sources, { start, query });
  assert.deepEqual(
    names.map(({ scope, name }) => `${scope} ${name}`),
    modelNames(spans),
    text,
  );
  const scope = random.pick([...attributeScopes, 'any'] as const);
  const name = random.pick(attributeNames);
  const values = await listAttributeValues(sources, { start, query, scope, name, limit: 100 });
  assert.deepEqual(
    values.values.map(({ type, value }) => `${type} ${value}`).sort(),
    modelValues(spans, scope, name),
    `${scope} ${name} of ${text}`,
  );
  for (const intrinsic of intrinsics) {
    const { values: listed } = await listIntrinsicValues(sources, { start, query, name: intrinsic, limit: 100 });
    const expected = found.flatMap(([trace, given]) => modelIntrinsics(trace, given, intrinsic));
    assert.deepEqual(listed.map(({ value }) => value).sort(), [...new Set(expected)].sort(), `${intrinsic} of ${text}`);
  }
}

test('listAttributeNames, listAttributeValues, listIntrinsicValues: of the spans that a query gives', async () => {
  const seed = testSeed();
  for (let round = 0; round < 100; round++) {
    try {
      await checkQueried(new SeededRandom(seed + round));
    } catch (error) {
      throw new Error(`SEED=${seed + round}`, { cause: error });
    }
  }
});

test('listIntrinsicValues: statuses and kinds are keywords, what has a value a span is not listed', async () => {
  const sources = await randomSources(new SeededRandom(7), randomTrace(new SeededRandom(7), traceIdOf(1), 30));
  const { values } = await listIntrinsicValues(sources, { name: 'span:status', limit: 10 });
  assert.ok(values.length > 0 && values.every(({ type }) => type === 'keyword'));
  const cut = await listIntrinsicValues(sources, { name: 'span:name', limit: 1 });
  assert.equal(cut.values.length, 1);
  assert.equal(cut.complete, false);
  for (const name of ['span:id', 'span:duration', 'nestedSetLeft'] as const) {
    assert.deepEqual(await listIntrinsicValues(sources, { name, limit: 10 }), { values: [], complete: true });
  }
  const query = parseQuery('{ } | rate()');
  await assert.rejects(listIntrinsicValues(sources, { name: 'span:name', limit: 10, query }), /finds no traces/);
});

test('listAttributeValues: values are sorted within their types, and a cut answer says so', async () => {
  const random = new SeededRandom(7);
  const sources = await randomSources(
    random,
    Array.from({ length: 20 }, (_, i) => randomTrace(random, traceIdOf(i + 1))).flat(),
  );
  const whole = await listAttributeValues(sources, { scope: 'span', name: 'a', limit: 100 });
  const types = whole.values.map(({ type }) => type);
  assert.deepEqual(
    types,
    [...types].sort(
      (a, b) => ['bool', 'int', 'double', 'string'].indexOf(a) - ['bool', 'int', 'double', 'string'].indexOf(b),
    ),
  );
  const cut = await listAttributeValues(sources, { scope: 'span', name: 'a', limit: 3 });
  assert.deepEqual(cut, { values: whole.values.slice(0, 3), complete: false });
});
