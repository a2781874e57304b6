/** Characters gathered before they become bytes; one string of a whole answer could pass V8's limit of 2^29. */
const CHUNK_LENGTH = 1 << 18;

/** Builds a long UTF-8 text from pieces. */
export class TextChunks {
  readonly #encoder = new TextEncoder();
  readonly #chunks: Uint8Array[] = [];
  #pieces: string[] = [];
  #length = 0;

  push(text: string): void {
    this.#pieces.push(text);
    this.#length += text.length;
    if (this.#length >= CHUNK_LENGTH) this.#flush();
  }

  finish(): Uint8Array {
    this.#flush();
    const [first] = this.#chunks;
    if (this.#chunks.length === 1) return first;
    const bytes = new Uint8Array(this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let offset = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, offset);
      offset += chunk.length;
    }
    return bytes;
  }

  #flush(): void {
    this.#chunks.push(this.#encoder.encode(this.#pieces.join('')));
    this.#pieces = [];
    this.#length = 0;
  }
}
