import { ZstdCompressor, ZstdDecompressor } from './zstd-context.ts';

const fast = new ZstdCompressor(1);
const thorough = new ZstdCompressor(3);
const decompressor = new ZstdDecompressor();

/**
 * zstd of `bytes`, or `undefined` when that does not save at least 1/32, in which case decompressing would cost more
 * than it saves. A call costs 5 µs whatever the size, so nothing below {@link COMPRESS_BYTES_MIN} is worth one.
 * Borrowed: the next call overwrites it.
 * @param level  1 for columns, where matches are rare; 3 for text
 */
export function compressed(bytes: Uint8Array, level: 1 | 3 = 1): Uint8Array | undefined {
  if (bytes.length < COMPRESS_BYTES_MIN) return undefined;
  const packed = (level === 1 ? fast : thorough).compress(bytes);
  return packed.length < bytes.length - (bytes.length >>> 5) ? packed : undefined;
}

const COMPRESS_BYTES_MIN = 256;

/**
 * The `length` bytes that were compressed; `undefined` when the input is damaged. Allocates no more than that.
 * @param out  to be filled and handed back, when it is long enough
 */
export function decompressed(bytes: Uint8Array, length: number, out?: Uint8Array): Uint8Array | undefined {
  return decompressor.decompress(bytes, length, out !== undefined && out.length >= length ? out : undefined);
}
