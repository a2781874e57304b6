import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Attribute,
  attributeAliases,
  type AttributeValue,
  serviceName,
  type Span,
  type UnixNano,
} from '@spoor/model';
import type { AttributeScope } from '@spoor/traceql';
import { listAttributeNames } from './list-attribute-names.ts';
import { listAttributeValues } from './list-attribute-values.ts';
import { listOperations } from './list-operations.ts';
import { listServices } from './list-services.ts';
import { randomSources } from './testing/partition.ts';
import { attributeNames, randomTrace, traceIdOf } from './testing/random-traces.ts';
import { SeededRandom, testSeed } from './testing/seeded-random.ts';
import type { TimeRange } from './trace-store.ts';

const scopes = ['resource', 'span', 'instrumentation', 'event', 'link'] as const;

function attributesAt(span: Span, scope: (typeof scopes)[number]): readonly Attribute[] {
  switch (scope) {
    case 'resource':
      return span.resource.attributes;
    case 'span':
      return span.attributes;
    case 'instrumentation':
      return span.scope.attributes;
    case 'event':
      return span.events.flatMap((event) => event.attributes);
    case 'link':
      return span.links.flatMap((link) => link.attributes);
  }
}

function scalars(value: AttributeValue): string[] {
  if (value.type === 'array') return value.value.flatMap(scalars);
  return value.type === 'string' || value.type === 'bool' || value.type === 'int' || value.type === 'double'
    ? [`${value.type} ${value.value}`]
    : [];
}

function modelNames(spans: readonly Span[]): string[] {
  const names = scopes.map((scope) => {
    const keys = spans.flatMap((span) =>
      attributesAt(span, scope).flatMap(({ key, value }) => (value.type === 'empty' ? [] : [key])),
    );
    return [...new Set(keys)].sort().map((name) => `${scope} ${name}`);
  });
  return names.flat();
}

function modelValues(spans: readonly Span[], scope: AttributeScope, name: string): string[] {
  const at = scope === 'any' ? (['span', 'resource'] as const) : ([scope] as const);
  const attributes = spans.flatMap((span) => at.flatMap((each) => attributesAt(span, each)));
  const values = attributes
    .filter(({ key }) => attributeAliases(name).includes(key))
    .flatMap(({ value }) => scalars(value));
  return [...new Set(values)].sort();
}

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
  for (const scope of [...scopes, 'any'] as const) {
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
