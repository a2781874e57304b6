import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DiskOperation } from '../../packages/store/src/testing/fake-disk.ts';
import { testSeed } from '../../packages/store/src/testing/seeded-random.ts';
import { crashRound, type RoundRules } from './crash-rounds.ts';

const roundCount = Number(process.env['ROUNDS'] ?? 60);

async function firstFailure(rules: RoundRules, rounds: number, firstSeed: number): Promise<string | undefined> {
  for (let seed = firstSeed; seed < firstSeed + rounds; seed++) {
    try {
      await crashRound(seed, rules);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_ASSERTION') throw error;
      return `SEED=${seed}: ${(error as Error).stack}`;
    }
  }
  return undefined;
}

test('Store: crashes lose nothing acknowledged and double nothing', async () => {
  const seed = testSeed();
  console.log(`SEED=${seed}`);
  assert.equal(await firstFailure({}, roundCount, seed), undefined);
});

test('Store: crashes of a disk that also fails now and then', async () => {
  const seed = testSeed();
  console.log(`SEED=${seed}`);
  assert.equal(await firstFailure({ failureRate: 0.03 }, roundCount, seed), undefined);
});

/** Every place where the store syncs; leaving out any of them must be noticed above. */
const syncPoints: Record<string, (operation: DiskOperation, before: readonly DiskOperation[]) => boolean> = {
  'data directory, for the tenant': ({ kind, path }) => kind === 'syncDirectory' && path === '/data',
  'tenant directory, for the folders': (operation, before) =>
    isTenantSync(operation) && before.at(-2)?.kind !== 'rename',
  'WAL data': ({ kind, path }) => kind === 'datasync' && path.endsWith('.wal'),
  'WAL directory': ({ kind, path }) => kind === 'syncDirectory' && path.endsWith('/wal'),
  'segment data': ({ kind, path }) => kind === 'datasync' && path.includes('/segments/'),
  'segment directory': ({ kind, path }) => kind === 'syncDirectory' && path.endsWith('/segments'),
  'manifest data, rewritten': (operation, before) =>
    isManifestSync(operation) && isFirstSince(before, 'open', operation),
  'manifest data, appended': (operation, before) =>
    isManifestSync(operation) && !isFirstSince(before, 'open', operation),
  'tenant directory, for the renamed manifest': (operation, before) =>
    isTenantSync(operation) && before.at(-2)?.kind === 'rename',
};

function isTenantSync({ kind, path }: DiskOperation): boolean {
  return kind === 'syncDirectory' && path === '/data/default';
}

function isManifestSync({ kind, path }: DiskOperation): boolean {
  return kind === 'datasync' && path.includes('/manifest');
}

function isFirstSince(before: readonly DiskOperation[], kind: DiskOperation['kind'], { path }: DiskOperation): boolean {
  const start = before.findLastIndex((operation) => operation.kind === kind && operation.path === path);
  return (
    before.slice(start).filter((operation) => operation.kind === 'datasync' && operation.path === path).length === 1
  );
}

for (const [name, skipSync] of Object.entries(syncPoints)) {
  test(`Store without the sync of: ${name}: a crash shows it`, async () => {
    assert.notEqual(await firstFailure({ skipSync }, 400, 1), undefined);
  });
}

test('Store: syncs nowhere else', async () => {
  const elsewhere = new Set<string>();
  const skipSync: RoundRules['skipSync'] = (operation, before) => {
    if (!Object.values(syncPoints).some((matches) => matches(operation, before)))
      elsewhere.add(`${operation.kind} ${operation.path}`);
    return false;
  };
  for (let seed = 1; seed <= 20; seed++) await crashRound(seed, { skipSync });
  assert.deepEqual([...elsewhere], []);
});
