import zlib from 'node:zlib';

const { ZSTD_c_compressionLevel, ZSTD_e_end, ZSTD_e_continue } = zlib.constants;

/**
 * zstd contexts that serve one call after the other. `zlib.zstdCompressSync` and its twin construct a context, a stream
 * around it and an output buffer a call: 27 µs, where compressing 300 bytes takes 6 and 8 KiB 17. Node has no public
 * way to keep a context, so this calls the one inside a stream (`_handle`, as npm's own tar does), and only where it is what it
 * is known to be; elsewhere, and whenever it does not succeed, the public function has the word. One thread each.
 */
export class ZstdCompressor {
  readonly #level: number;
  readonly #context = new ReusedContext(() => zlib.createZstdCompress(this.#options));

  constructor(level: number) {
    this.#level = level;
  }

  /** A frame that says how long its content is. Borrowed: the next call on this thread overwrites it. */
  compress(bytes: Uint8Array): Uint8Array {
    const boundBytes = bytes.length + (bytes.length >>> 8) + 64; // ZSTD_COMPRESSBOUND, rounded up
    if (boundBytes > scratch.length) return zlib.zstdCompressSync(bytes, this.#options);
    const length = this.#context.run(ZSTD_e_end, bytes, scratch, boundBytes);
    return length < 0 ? zlib.zstdCompressSync(bytes, this.#options) : scratch.subarray(0, length);
  }

  get #options(): zlib.ZstdOptions {
    return { params: { [ZSTD_c_compressionLevel]: this.#level } };
  }
}

/** The other direction of {@link ZstdCompressor}. */
export class ZstdDecompressor {
  readonly #context = new ReusedContext(() => zlib.createZstdDecompress());

  /**
   * The `length` bytes of a frame; `undefined` when the frame is damaged or holds another number of them.
   * @param out  at least `length` bytes that become the answer; without it, the answer is in a buffer of its own
   */
  decompress(frame: Uint8Array, length: number, out?: Uint8Array): Uint8Array | undefined {
    if (length <= scratch.length) {
      const bytes = out?.subarray(0, length) ?? new Uint8Array(length);
      if (this.#context.run(ZSTD_e_continue, frame, bytes, length) === length) return bytes;
    }
    try {
      const bytes = zlib.zstdDecompressSync(frame, { maxOutputLength: Math.max(1, length) });
      return bytes.length === length ? bytes : undefined;
    } catch {
      return undefined; // the caller knows file and offset and reports them
    }
  }
}

/** Larger things are rare, and then the cost of a call is little beside the rest. */
const scratch = new Uint8Array(1 << 20);

interface NativeContext {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputBytes: number,
    output: Uint8Array,
    outputAt: number,
    outputBytes: number,
  ): void;
}

/** A stream of which nothing is used but its native context. A frame at a time, so that no state stays behind. */
class ReusedContext {
  readonly #make: () => object;
  #native: NativeContext | undefined;
  /** bytes left of output and input after a write */
  #left: Uint32Array | undefined;
  #isUsable = true;
  #hasFailed = false;

  constructor(make: () => object) {
    this.#make = make;
  }

  /** @returns bytes written, or −1 when not all of `input` went into them */
  run(flush: number, input: Uint8Array, output: Uint8Array, outputBytes: number): number {
    if (this.#native === undefined && !this.#open()) return -1;
    this.#hasFailed = false;
    this.#native!.writeSync(flush, input, 0, input.length, output, 0, outputBytes);
    if (!this.#hasFailed && this.#left![1] === 0) return outputBytes - this.#left![0];
    this.#native = undefined; // it may be in the middle of a frame
    return -1;
  }

  #open(): boolean {
    if (!this.#isUsable) return false;
    const stream = this.#make() as { readonly _handle?: Partial<NativeContext>; readonly _writeState?: unknown };
    const { _handle: native, _writeState: left } = stream;
    this.#isUsable = typeof native?.writeSync === 'function' && left instanceof Uint32Array && left.length >= 2;
    if (!this.#isUsable) return false;
    this.#native = native as NativeContext;
    this.#left = left as Uint32Array;
    Object.assign(this.#native, { onerror: () => (this.#hasFailed = true) });
    return true;
  }
}
