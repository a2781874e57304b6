import zlib from 'node:zlib';

const { ZSTD_c_compressionLevel } = zlib.constants;

/**
 * zstd of `bytes`, or `undefined` when that does not save at least 1/32, in which case decompressing would cost more
 * than it saves. A call costs 25 µs whatever the size, so nothing below {@link compressBytesMin} is worth one.
 */
export function compressed(bytes: Uint8Array, level = 1): Uint8Array | undefined {
  if (bytes.length < compressBytesMin) return undefined;
  const packed = zlib.zstdCompressSync(bytes, { params: { [ZSTD_c_compressionLevel]: level } });
  return packed.length < bytes.length - (bytes.length >>> 5) ? packed : undefined;
}

export const compressBytesMin = 256;

/** The `length` bytes that were compressed; `undefined` when the input is damaged. Allocates no more than that. */
export function decompressed(bytes: Uint8Array, length: number): Uint8Array | undefined {
  try {
    const raw = zlib.zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, length) });
    return raw.length === length ? raw : undefined;
  } catch {
    return undefined; // the caller knows file and offset and reports them
  }
}
