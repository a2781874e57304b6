import { promisify } from 'node:util';
import {
  gunzip,
  gunzipSync,
  inflate,
  inflateRaw,
  inflateRawSync,
  inflateSync,
  zstdDecompress,
  zstdDecompressSync,
} from 'node:zlib';
import { WireError } from '@spoor/model';

export type ContentCoding = 'identity' | 'gzip' | 'deflate' | 'zstd';

/** What a request may be sent in, as an answer to an unknown one names it. */
export const contentCodings = 'gzip, deflate, zstd, identity';

/** Reads a `Content-Encoding` header in any case; `undefined` for one that is not known, or several at once. */
export function parseContentCoding(header: string | undefined): ContentCoding | undefined {
  const name = (header ?? '').trim().toLowerCase();
  if (name === '' || name === 'identity' || name === 'none') return 'identity';
  if (name === 'gzip' || name === 'x-gzip') return 'gzip';
  return name === 'deflate' || name === 'zstd' ? name : undefined;
}

/**
 * Bodies up to this many compressed bytes are inflated at once on the calling thread, which is cheaper than the
 * way through the thread pool; the output of that is bounded, so that no small body can hold the thread for long.
 */
const syncInputBytesMax = 256 * 1024;
const syncOutputBytesMax = 2 * 1024 * 1024;
const chunkBytesMin = 4 * 1024;
const chunkBytesMax = 512 * 1024;

/**
 * Undoes a content coding. Inflating stops at `bytesMax`: a bomb costs no more than the limit.
 *
 * @throws {WireError} `WIRE_LIMIT` past `bytesMax`; `WIRE_MALFORMED` when the data is cut off or not of that coding
 */
export async function decodeContent(body: Uint8Array, coding: ContentCoding, bytesMax: number): Promise<Uint8Array> {
  if (coding === 'identity') return body;
  if (body.length <= syncInputBytesMax) {
    try {
      return decodeSync(body, coding, Math.min(syncOutputBytesMax, bytesMax));
    } catch (error) {
      if (!isTooLarge(error)) throw refusal(error, coding, bytesMax);
    }
  }
  try {
    return await decodeAsync(body, coding, bytesMax);
  } catch (error) {
    throw refusal(error, coding, bytesMax);
  }
}

/** As {@link decodeContent}, at once: for replay, which has nothing else to do. */
export function decodeContentSync(body: Uint8Array, coding: ContentCoding, bytesMax: number): Uint8Array {
  if (coding === 'identity') return body;
  try {
    return decodeSync(body, coding, bytesMax);
  } catch (error) {
    throw refusal(error, coding, bytesMax);
  }
}

function decodeSync(body: Uint8Array, coding: Exclude<ContentCoding, 'identity'>, bytesMax: number): Uint8Array {
  const options = { maxOutputLength: bytesMax, chunkSize: likelyOutputBytes(body, coding) };
  if (coding === 'gzip') return gunzipSync(body, options);
  if (coding === 'zstd') return zstdDecompressSync(body, options);
  return hasZlibHeader(body) ? inflateSync(body, options) : inflateRawSync(body, options);
}

function decodeAsync(
  body: Uint8Array,
  coding: Exclude<ContentCoding, 'identity'>,
  bytesMax: number,
): Promise<Uint8Array> {
  const options = { maxOutputLength: bytesMax, chunkSize: chunkBytesMax };
  if (coding === 'gzip') return promisify(gunzip)(body, options);
  if (coding === 'zstd') return promisify(zstdDecompress)(body, options);
  return hasZlibHeader(body) ? promisify(inflate)(body, options) : promisify(inflateRaw)(body, options);
}

/**
 * One output buffer of the right size saves joining pieces. gzip ends with the size (modulo 2^32) of what it holds;
 * it is only a hint, and clamped, since anyone can write anything there.
 */
function likelyOutputBytes(body: Uint8Array, coding: ContentCoding): number {
  let bytes = body.length * 6;
  if (coding === 'gzip' && body.length >= 18) {
    const end = body.length;
    bytes = (body[end - 4] | (body[end - 3] << 8) | (body[end - 2] << 16) | (body[end - 1] << 24)) >>> 0;
  }
  return Math.min(chunkBytesMax, Math.max(chunkBytesMin, bytes + 1));
}

/** HTTP's “deflate” is zlib's format, but clients exist that send the bare stream. RFC 1950 §2.2 has the check. */
function hasZlibHeader(body: Uint8Array): boolean {
  return body.length >= 2 && (body[0] & 0x0f) === 8 && ((body[0] << 8) | body[1]) % 31 === 0;
}

function isTooLarge(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
}

function refusal(error: unknown, coding: ContentCoding, bytesMax: number): WireError {
  if (isTooLarge(error)) {
    return new WireError('WIRE_LIMIT', `the body is larger than ${bytesMax} bytes when decompressed`, -1, {
      cause: error,
    });
  }
  return new WireError('WIRE_MALFORMED', `the body is not valid ${coding}: ${(error as Error).message}`, -1, {
    cause: error,
  });
}
