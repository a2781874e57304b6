import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from '@spoor/model';
import { FakeDisk } from './testing/fake-disk.ts';
import { seededRandom, testSeed } from './testing/seeded-random.ts';
import { readWal, readWalFileHeader, type WalDamage } from './wal-reader.ts';
import { removeWal } from './wal-removal.ts';
import { type RequestMeta, walFileName } from './wal-record.ts';
import { WalWriter } from './wal-writer.ts';

const meta: RequestMeta = {
  signal: 1,
  protocol: 1,
  contentType: 2,
  contentEncoding: 3,
  receivedMilli: 1_700_000_000_123,
  transformationVersion: 7,
};

async function newWriter(disk: FakeDisk, id = 1, windowMilli = 0, patientMilli = 0) {
  await disk.mkdir('/data/wal');
  await disk.syncDirectory('/data');
  const durable: number[] = [];
  const failures: string[] = [];
  const writer = new WalWriter<number>({
    disk,
    directory: '/data/wal',
    header: { id, tenant: 'default', abandoned: [{ id: 9, validBytes: 99 }] },
    windowMilli,
    patientMilli,
    onDurable: (mark) => durable.push(mark),
    onFailed: (error) => failures.push(error.message),
  });
  return { writer, durable, failures };
}

async function read(disk: FakeDisk, id = 1, validBytes?: number) {
  const bodies: string[] = [];
  const damage: WalDamage[] = [];
  const path = `/data/wal/${walFileName(id)}`;
  const end = await readWal({
    disk,
    path,
    id,
    validBytes,
    onRecord: (record) => bodies.push(Buffer.from(record.body).toString()),
    onDamage: (what) => void damage.push(what),
  });
  return { bodies, damage, end };
}

const path = `/data/wal/${walFileName(1)}`;

test('WalWriter: what was acknowledged is read back, header fields included', async () => {
  const disk = new FakeDisk();
  const { writer, durable } = await newWriter(disk);
  await Promise.all([writer.append(meta, Buffer.from('one'), 1), writer.append(meta, Buffer.from(''), 2)]);
  await writer.append(meta, Buffer.from('three'), 3);
  const after = disk.crash();
  assert.deepEqual((await read(after)).bodies, ['one', '', 'three']);
  assert.deepEqual(durable, [2, 3], 'one mark a group');
  assert.deepEqual(await readWalFileHeader(after, path), {
    id: 1,
    tenant: 'default',
    abandoned: [{ id: 9, validBytes: 99 }],
  });
  await readWal({
    disk: after,
    path,
    id: 1,
    onDamage: () => assert.fail(),
    onRecord: ({ header }) => assert.deepEqual({ ...header, ...meta }, header),
  });
});

test('WalWriter: an urgent request does not wait for the window, and takes along what does', async () => {
  const disk = new FakeDisk();
  const { writer, durable } = await newWriter(disk, 1, 1e9);
  await writer.append(meta, Buffer.from('first after an idle window'), 1);
  const patient = writer.append(meta, Buffer.from('patient'), 2);
  // The writer is in its pause, or on its way there: both must end it.
  await writer.append(meta, Buffer.from('urgent'), 3, 'urgent');
  await patient;
  void writer.append(meta, Buffer.from('patient again'), 4);
  await new Promise((resolve) => setImmediate(resolve));
  await writer.append(meta, Buffer.from('urgent'), 5, 'urgent');
  await writer.append(meta, Buffer.from('urgent'), 6, 'urgent');
  assert.deepEqual(durable, [1, 3, 5, 6]);
});

test('WalWriter: a whole group shares one write and one sync', async () => {
  const disk = new FakeDisk();
  const { writer } = await newWriter(disk);
  await writer.append(meta, Buffer.from('first'), 0);
  const before = disk.operations.length;
  await Promise.all(Array.from({ length: 50 }, (_, i) => writer.append(meta, Buffer.from(`body ${i}`), i)));
  assert.deepEqual(
    disk.operations.slice(before).map(({ kind }) => kind),
    ['write', 'datasync'],
  );
});

test('WalWriter: the patient wait for others, for a close, or for so long', async () => {
  const disk = new FakeDisk();
  const { writer, durable } = await newWriter(disk, 1, 0, 1e9);
  const patient = [1, 2].map((mark) => writer.append(meta, Buffer.from(`${mark}`), mark, 'patient'));
  // The file is there, and they could have been written.
  while (writer.durableBytes === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  await writer.append(meta, Buffer.from('three'), 3);
  await Promise.all(patient);
  const last = writer.append(meta, Buffer.from('four'), 4, 'patient');
  await Promise.all([writer.close(), last]);
  assert.deepEqual(durable, [3, 4]);
  assert.deepEqual((await read(disk.crash())).bodies, ['1', '2', 'three', 'four']);
  const other = await newWriter(new FakeDisk(), 1, 0, 1);
  await other.writer.append(meta, Buffer.from('alone'), 1, 'patient');
  assert.deepEqual(other.durable, [1]);
});

test('WalWriter: after a failed write or sync every waiting request fails and the file is left alone', async () => {
  for (const kind of ['write', 'datasync', 'open', 'syncDirectory'] as const) {
    const disk = new FakeDisk();
    const isAtCreation = kind === 'open' || kind === 'syncDirectory';
    const fail = () => {
      disk.failWith = (operation) =>
        operation.kind === kind && operation.path.startsWith('/data/wal') ? 'ENOSPC' : undefined;
    };
    if (isAtCreation) fail();
    const { writer, failures } = await newWriter(disk);
    if (!isAtCreation) await writer.append(meta, Buffer.from('kept'), 1);
    fail();
    const results = await Promise.allSettled([
      writer.append(meta, Buffer.from('a'), 2),
      writer.append(meta, Buffer.from('b'), 3),
    ]);
    for (const result of results)
      assert.equal(result.status === 'rejected' && codeOf(result.reason), 'STORE_UNAVAILABLE');
    disk.failWith = () => undefined;
    const before = disk.operations.length;
    await assert.rejects(writer.append(meta, Buffer.from('c'), 4), { code: 'STORE_UNAVAILABLE' });
    await writer.close();
    assert.equal(disk.operations.length, before, 'nothing touches the file again');
    assert.equal(failures.length, 1);
    assert.match(failures[0], /0000000001\.wal/);
  }
});

test('WalWriter.close: drains, then refuses', async () => {
  const disk = new FakeDisk();
  const { writer } = await newWriter(disk);
  const pending = writer.append(meta, Buffer.from('last'), 1);
  await writer.close();
  await pending;
  await assert.rejects(writer.append(meta, Buffer.from('late'), 2), { code: 'STORE_CLOSED' });
  assert.deepEqual((await read(disk)).bodies, ['last']);
});

test('readWal: a file cut at every byte gives the whole records before the cut', async () => {
  const disk = new FakeDisk();
  const { writer } = await newWriter(disk);
  const ends: number[] = [];
  for (const body of ['alpha', 'beta', 'gamma']) {
    await writer.append(meta, Buffer.from(body), 0);
    ends.push(writer.durableBytes);
  }
  const content = disk.peek(path);
  for (let cut = 0; cut <= content.length; cut++) {
    disk.poke(path, content.subarray(0, cut));
    const { bodies, damage } = await read(disk);
    assert.equal(bodies.length, ends.filter((end) => end <= cut).length, `cut at ${cut}`);
    assert.ok(damage.length <= 1 && damage.every((what) => what.kind === 'torn' && what.path === path));
  }
});

test('readWal: a flipped bit loses one record only, and its place is told', async () => {
  const disk = new FakeDisk();
  const { writer } = await newWriter(disk);
  const bodies = Array.from({ length: 8 }, (_, i) => `body number ${i}`);
  for (const body of bodies) await writer.append(meta, Buffer.from(body), 0);
  await writer.close();
  const content = disk.peek(path);
  for (let bit = 0; bit < 8 * content.length; bit += 5) {
    const flipped = content.slice();
    flipped[bit >> 3] ^= 1 << (bit & 7);
    disk.poke(path, flipped);
    const result = await read(disk);
    assert.ok(result.bodies.length >= 7, `bit ${bit}: ${result.bodies.length} records left`);
    assert.ok(result.bodies.every((body) => bodies.includes(body)));
    assert.equal(result.damage.length, 1);
    const [{ kind, offset, endOffset }] = result.damage;
    assert.ok(offset <= bit >> 3 && bit >> 3 < endOffset, `bit ${bit} lies in [${offset}, ${endOffset})`);
    // Only the end record itself may pass for a torn tail.
    assert.ok(kind === 'corrupt' || result.bodies.length === 8);
  }
});

test('readWal: a record inside a body is not a record', async () => {
  const disk = new FakeDisk();
  const { writer } = await newWriter(disk);
  await writer.append(meta, Buffer.from('inner'), 0);
  const inner = disk.peek(path);
  await writer.append(meta, inner, 0);
  await writer.append(meta, Buffer.from('after'), 0);
  const content = disk.peek(path);
  content[inner.length + 56] ^= 1;
  disk.poke(path, content);
  assert.deepEqual((await read(disk)).bodies, ['inner', 'after']);
});

test('readWal: stops at the valid end of an abandoned file', async () => {
  const disk = new FakeDisk();
  const { writer } = await newWriter(disk);
  await writer.append(meta, Buffer.from('valid'), 0);
  const validBytes = writer.durableBytes;
  await writer.append(meta, Buffer.from('never acknowledged'), 0);
  const { bodies, damage } = await read(disk, 1, validBytes);
  assert.deepEqual(bodies, ['valid']);
  assert.deepEqual(damage, []);
  disk.poke(path, disk.peek(path).subarray(0, validBytes - 1));
  assert.equal((await read(disk, 1, validBytes)).damage.at(-1)?.kind, 'corrupt');
});

test('readWal: random crashes keep every acknowledged request, in order, and call nothing corrupt', async () => {
  const seed = testSeed();
  console.log(`SEED=${seed}`);
  const random = seededRandom(seed);
  for (let round = 0; round < 150; round++) {
    const disk = new FakeDisk();
    const { writer } = await newWriter(disk);
    disk.operationsLeft = Math.floor(random() * 40);
    const acknowledged: string[] = [];
    const work = (async () => {
      for (let i = 0; i < 100; i++) {
        const count = 1 + Math.floor(random() * 5);
        const bodies = Array.from({ length: count }, (_, k) => `${i}.${k} ${'x'.repeat(Math.floor(random() * 300))}`);
        await Promise.all(
          bodies.map((body) => writer.append(meta, Buffer.from(body), 0).then(() => acknowledged.push(body))),
        );
      }
    })();
    await Promise.race([work, disk.stopped]);
    const after = disk.crash(random);
    if (!after.paths().includes(path)) {
      assert.equal(acknowledged.length, 0, `round ${round}`);
      continue;
    }
    const { bodies, damage } = await read(after);
    assert.deepEqual(bodies.slice(0, acknowledged.length), acknowledged, `round ${round}`);
    assert.ok(
      damage.every(({ kind }) => kind === 'torn'),
      `round ${round}`,
    );
  }
});

test('removeWal: takes a large file away in steps, and does not mind a missing one', async () => {
  const disk = new FakeDisk();
  const { writer } = await newWriter(disk);
  await writer.append(meta, new Uint8Array(50 << 20), 0);
  await removeWal(disk, path);
  assert.equal(disk.operations.filter(({ kind }) => kind === 'truncate').length, 3);
  assert.deepEqual(disk.paths(), []);
  await removeWal(disk, path);
});
