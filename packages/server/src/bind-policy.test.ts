import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { isContainer, isLoopback, listenAddresses } from './bind-policy.ts';
import { nearestWord } from './nearest-word.ts';

test('listenAddresses: loopback of both families, everywhere in a container, what was asked otherwise', () => {
  deepEqual(listenAddresses(undefined, false), ['127.0.0.1', '::1']);
  deepEqual(listenAddresses(undefined, true), ['::']);
  deepEqual(listenAddresses('0.0.0.0', true), ['0.0.0.0']);
  deepEqual(listenAddresses('localhost', true), ['127.0.0.1', '::1']);
});

test('isContainer: by file or variable', () => {
  equal(
    isContainer({}, () => false),
    false,
  );
  equal(
    isContainer({}, (path) => path === '/run/.containerenv'),
    true,
  );
  equal(
    isContainer({ KUBERNETES_SERVICE_HOST: '10.0.0.1' }, () => false),
    true,
  );
});

test('isLoopback', () => {
  deepEqual(['127.0.0.1', '127.1.2.3', '::1', '0.0.0.0', '::', '10.0.0.1'].map(isLoopback), [
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('nearestWord: close enough, or nothing', () => {
  equal(nearestWord('/v1/trace', ['/v1/traces', '/v1/logs']), '/v1/traces');
  equal(nearestWord('/api/services', ['/v1/traces', '/v1/logs']), undefined);
});
