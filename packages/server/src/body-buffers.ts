/** Bodies up to here come in one chunk of the socket, which is their memory. */
const lentBytesMin = 64 * 1024;
/** Above it requests are rare, and memory that waits for them would be wasted. */
const lentBytesMax = 1024 * 1024;
const spareBytesMax = 16 * 1024 * 1024;

/**
 * Memory for request bodies, lent to one request after the other. Fresh memory costs twice: its first touch (1.6 µs a page)
 * and, since the collector counts what it did not allocate itself, a full collection every 64 MB.
 */
export class BodyBuffers {
  /** by size, powers of two */
  readonly #spares = new Map<number, ArrayBuffer[]>();
  #spareBytes = 0;

  /** @returns exactly so many bytes with any content, `undefined` when this size is better allocated */
  lend(bytes: number): Uint8Array | undefined {
    if (bytes <= lentBytesMin || bytes > lentBytesMax) return undefined;
    const sizeBytes = 2 ** Math.ceil(Math.log2(bytes));
    const spare = this.#spares.get(sizeBytes)?.pop();
    if (spare !== undefined) this.#spareBytes -= sizeBytes;
    return new Uint8Array(spare ?? new ArrayBuffer(sizeBytes), 0, bytes);
  }

  /** Nobody may look at it any more. */
  giveBack({ buffer }: Uint8Array): void {
    const { byteLength } = buffer;
    // A buffer that was transferred to another thread has no bytes left.
    if (byteLength === 0 || this.#spareBytes + byteLength > spareBytesMax) return;
    const spares = this.#spares.get(byteLength) ?? [];
    spares.push(buffer as ArrayBuffer);
    this.#spares.set(byteLength, spares);
    this.#spareBytes += byteLength;
  }
}
