import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import zlib from 'node:zlib';
import { seededRandom, testSeed } from './testing/seeded-random.ts';
import { ZstdCompressor, ZstdDecompressor } from './zstd-context.ts';

const seed = testSeed();
console.log(`SEED=${seed}`);
const random = seededRandom(seed);
const skewed = (length: number): Uint8Array => Uint8Array.from({ length }, () => 256 * random() ** 5);

describe('zstd contexts', () => {
  it('make and read the frames that zlib makes and reads, one after the other', () => {
    for (const level of [1, 3]) {
      const compressor = new ZstdCompressor(level);
      const decompressor = new ZstdDecompressor();
      for (const length of [256, 1, 8192, 0, 300, 70_000, 2_000_000, 5000]) {
        const bytes = skewed(length);
        const frame = compressor.compress(bytes);
        const params = { [zlib.constants.ZSTD_c_compressionLevel]: level };
        assert.deepEqual(Buffer.from(frame), zlib.zstdCompressSync(bytes, { params }));
        assert.deepEqual(Uint8Array.from(decompressor.decompress(frame, length)!), bytes);
      }
    }
  });

  it('read on after a damaged frame, whatever state it left', () => {
    const compressor = new ZstdCompressor(1);
    const decompressor = new ZstdDecompressor();
    const good = skewed(3000);
    const frame = compressor.compress(good);
    for (let round = 0; round < 2000; round++) {
      const damaged = frame.slice(0, round % 2 === 0 ? frame.length : Math.floor(random() * frame.length));
      if (damaged.length > 0) damaged[Math.floor(random() * damaged.length)] ^= 1 << Math.floor(8 * random());
      decompressor.decompress(damaged, good.length);
      assert.deepEqual(Uint8Array.from(decompressor.decompress(frame, good.length)!), good);
    }
    for (const length of [0, 1, good.length - 1, good.length + 1])
      assert.equal(decompressor.decompress(frame, length), undefined);
  });
});
