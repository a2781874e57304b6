import { HeadFullError } from './head-full-error.ts';
import type { HeadBuffers } from './head-buffers.ts';
import type { SpanTableCounts } from './span-table.ts';

/**
 * Gives equal byte strings of a head equal codes, in order of first sight. The writer's side;
 * {@link findStringCode} is the readers'. Works on the head's `counts.strings` and `counts.stringBytes`.
 */
export class StringInterner {
  readonly #counts: SpanTableCounts;
  readonly #bytes: Uint8Array;
  readonly #offsets: Uint32Array;
  readonly #slots: Uint32Array;
  readonly #seed: number;
  readonly #stringsMax: number;
  readonly #bytesMax: number;

  constructor(buffers: HeadBuffers, counts: SpanTableCounts) {
    this.#counts = counts;
    this.#bytes = buffers.stringBytes;
    this.#offsets = buffers.stringOffset;
    this.#slots = buffers.stringSlots;
    this.#seed = buffers.hashSeed;
    this.#stringsMax = buffers.capacity.strings;
    this.#bytesMax = buffers.capacity.stringBytes;
  }

  /** @throws {HeadFullError} when the string is new and does not fit; nothing was changed */
  intern(bytes: Uint8Array, start: number, end: number): number {
    if (start === end) return 0;
    const slots = this.#slots;
    const mask = slots.length - 1;
    const hash = hashBytes(bytes, start, end, this.#seed);
    let slot = (hash << 1) & mask;
    for (let entry = slots[slot + 1]!; entry !== 0; entry = slots[slot + 1]!) {
      if (slots[slot] === hash && this.#equals(entry - 1, bytes, start, end)) return entry - 1;
      slot = (slot + 2) & mask;
    }
    return this.#add(slot, hash, bytes, start, end);
  }

  /** Forgets the newest strings, down to `count`. Slots are freed newest first, which leaves no probe chain broken. */
  truncate(count: number): void {
    const { stringBytes, slots } = { stringBytes: this.#bytes, slots: this.#slots };
    const offsets = this.#offsets;
    for (let code = this.#counts.strings - 1; code >= count; code--) {
      const hash = hashBytes(stringBytes, offsets[code]!, offsets[code + 1]!, this.#seed);
      let slot = (hash << 1) & (slots.length - 1);
      while (slots[slot + 1] !== code + 1) slot = (slot + 2) & (slots.length - 1);
      slots[slot] = slots[slot + 1] = 0;
    }
    this.#counts.strings = count;
    this.#counts.stringBytes = offsets[count]!;
  }

  #equals(code: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.#bytes;
    let at = this.#offsets[code]!;
    if (this.#offsets[code + 1]! - at !== end - start) return false;
    for (let i = start; i < end; i++) {
      if (own[at++] !== bytes[i]) return false;
    }
    return true;
  }

  #add(slot: number, hash: number, bytes: Uint8Array, start: number, end: number): number {
    const counts = this.#counts;
    const at = counts.stringBytes;
    const after = at + end - start;
    const code = counts.strings;
    if (code >= this.#stringsMax) throw new HeadFullError('strings');
    if (after > this.#bytesMax) throw new HeadFullError('stringBytes');
    const own = this.#bytes;
    if (end - start > 64) own.set(bytes.subarray(start, end), at);
    else for (let i = start, to = at; i < end; i++) own[to++] = bytes[i]!;
    this.#offsets[code + 1] = after;
    this.#slots[slot] = hash;
    this.#slots[slot + 1] = code + 1;
    counts.strings = code + 1;
    counts.stringBytes = after;
    return code;
  }
}

/**
 * Code of a string among the first `count` of a head, from any thread. A string older than the reader's counts is
 * met before any newer one, because it took the first free slot of its chain; so a newer one ends the search.
 */
export function findStringCode(buffers: HeadBuffers, count: number, bytes: Uint8Array): number | undefined {
  if (bytes.length === 0) return 0;
  const { stringSlots: slots, stringBytes, stringOffset } = buffers;
  const mask = slots.length - 1;
  const hash = hashBytes(bytes, 0, bytes.length, buffers.hashSeed);
  for (let slot = (hash << 1) & mask; ; slot = (slot + 2) & mask) {
    const code = slots[slot + 1]! - 1;
    if (code < 0 || code >= count) return undefined;
    if (slots[slot] !== hash || stringOffset[code + 1]! - stringOffset[code]! !== bytes.length) continue;
    const at = stringOffset[code]!;
    let same = 0;
    while (same < bytes.length && stringBytes[at + same] === bytes[same]) same++;
    if (same === bytes.length) return code;
  }
}

/** Four bytes a step: the multiply's latency, not the loads, bounds a byte-wise hash. Not for storing on disk. */
export function hashBytes(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let hash = seed ^ (end - start);
  let i = start;
  for (; i + 4 <= end; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return mixWord(hash);
}

/** Spreads every input bit over the word (the finaliser of MurmurHash3). Unsigned. */
export function mixWord(word: number): number {
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return (word ^ (word >>> 16)) >>> 0;
}
