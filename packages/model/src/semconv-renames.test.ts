import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { attributeAliases } from './semconv-renames.ts';

const published = new URL('../../../../shared/data/captures/semconv/attribute-renames-1.44.0.json', import.meta.url);
const isMissing = existsSync(published) ? false : 'no ../shared/data beside the repository';

test('attributeAliases: from an old name to its new one and back to all old ones', () => {
  assert.deepEqual(attributeAliases('http.status_code'), ['http.status_code', 'http.response.status_code']);
  assert.deepEqual(attributeAliases('http.response.status_code'), ['http.response.status_code', 'http.status_code']);
  assert.deepEqual(attributeAliases('net.peer.port'), ['net.peer.port', 'server.port']);
  assert.deepEqual(
    new Set(attributeAliases('server.port')),
    new Set(['server.port', 'net.host.port', 'net.peer.port']),
  );
  assert.equal(attributeAliases('server.address')[0], 'server.address');
});

test('attributeAliases: an unknown name is alone, also one that objects inherit', () => {
  for (const name of ['my.attribute', '', 'constructor', '__proto__', 'http.target', 'state']) {
    assert.deepEqual(attributeAliases(name), [name]);
  }
});

test('attributeAliases: agrees with the published renames', { skip: isMissing }, () => {
  const { renamed } = JSON.parse(readFileSync(published, 'utf8')) as { renamed: Record<string, string> };
  for (const [oldName, newName] of Object.entries(renamed)) {
    if (oldName === 'state' || oldName === 'pool.name') continue;
    assert.deepEqual(attributeAliases(oldName), [oldName, newName]);
    assert.ok(attributeAliases(newName).includes(oldName));
  }
});
