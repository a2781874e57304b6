import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { decodeContent, decodeContentSync, parseContentCoding } from './content-coding.ts';

const mebibyte = 1024 * 1024;
const small = Buffer.from('a trace is a tree of spans '.repeat(100));
const large = Buffer.alloc(5 * mebibyte, 'spans ');
const compressed = {
  gzip: gzipSync,
  deflate: deflateSync,
  zstd: zstdCompressSync,
} as const;

test('parseContentCoding: any case, one coding', () => {
  const cases = ['GZIP', ' Deflate ', 'zstd', '', undefined, 'identity', 'br', 'gzip, gzip'].map(parseContentCoding);
  deepEqual(cases, ['gzip', 'deflate', 'zstd', 'identity', 'identity', 'identity', undefined, undefined]);
});

test('decodeContent: undoes every coding, small and large', async () => {
  for (const coding of ['gzip', 'deflate', 'zstd'] as const) {
    for (const body of [Buffer.alloc(0), small, large]) {
      const decoded = await decodeContent(compressed[coding](body), coding, 64 * mebibyte);
      equal(Buffer.compare(decoded, body), 0, `${coding} of ${body.length} bytes`);
    }
    equal(Buffer.compare(decodeContentSync(compressed[coding](large), coding, 64 * mebibyte), large), 0);
  }
  equal(Buffer.compare(await decodeContent(deflateRawSync(small), 'deflate', mebibyte), small), 0, 'raw deflate');
});

test('decodeContent: stops at the limit', async () => {
  for (const coding of ['gzip', 'deflate', 'zstd'] as const) {
    const exact = await decodeContent(compressed[coding](small), coding, small.length);
    equal(exact.length, small.length);
    const limit = { code: 'WIRE_LIMIT' };
    await rejects(decodeContent(compressed[coding](small), coding, small.length - 1), limit, coding);
    await rejects(decodeContent(compressed[coding](large), coding, 3 * mebibyte), limit, coding);
  }
});

test('decodeContent: refuses what is cut off at any byte, or of another coding', async () => {
  for (const coding of ['gzip', 'deflate', 'zstd'] as const) {
    const whole = compressed[coding](small);
    for (let end = 0; end < whole.length; end++) {
      await rejects(
        decodeContent(whole.subarray(0, end), coding, mebibyte),
        { code: 'WIRE_MALFORMED' },
        `${coding} cut at ${end}`,
      );
    }
    await rejects(decodeContent(small, coding, mebibyte), { code: 'WIRE_MALFORMED' });
  }
});

test('decodeContent: a wrong size in a gzip trailer is no more than a wrong hint', async () => {
  const lying = Buffer.concat([gzipSync(small), gzipSync(small)]);
  equal((await decodeContent(lying, 'gzip', mebibyte)).length, 2 * small.length, 'members are joined');
});
