/**
 * Decoded blocks and pages of all open segments of one thread, least recently used out first once they exceed the budget.
 * What was handed out stays valid: eviction only forgets it.
 */
export class BlockCache {
  readonly #bytesMax: number;
  readonly #entries = new Map<string, { value: unknown; sizeBytes: number }>();
  #sizeBytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The caller knows the type from the key. */
  get<T>(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value as T;
  }

  put(key: string, value: unknown, sizeBytes: number): void {
    this.#sizeBytes += sizeBytes - (this.#entries.get(key)?.sizeBytes ?? 0);
    this.#entries.delete(key);
    this.#entries.set(key, { value, sizeBytes });
    for (const [oldest, entry] of this.#entries) {
      if (this.#sizeBytes <= this.#bytesMax) return;
      this.#entries.delete(oldest);
      this.#sizeBytes -= entry.sizeBytes;
    }
  }
}
