import { isUtf8 } from 'node:buffer';
import type { AttributeColumn, CodedColumn, ColumnSource } from '@spoor/store';

/** In place of a hash: the bytes are no UTF-8, so that they become the text of other bytes. */
const NOT_UTF8 = 0;

/**
 * Strings known by their hashes: what a dictionary surely lacks of them is found without a look at its strings, whose
 * hashes are made once.
 */
export class StringHashes {
  readonly #hashes = new Set<number>();

  constructor(texts: Iterable<string>) {
    for (const text of texts) {
      const bytes = Buffer.from(text);
      this.#hashes.add(hashOf(bytes, 0, bytes.length));
    }
  }

  /** By place in the column's dictionary, 1 for strings that are surely none of these. */
  async surelyOthers(
    source: ColumnSource,
    column: CodedColumn | AttributeColumn,
    dictionary: Uint32Array,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const name = typeof column === 'string' ? column : `${column.level} ${column.index}`;
    const hashes = await source.remembered(`hashes of ${name}`, async () => {
      const value = await hashesOf(source, dictionary);
      return { value, sizeBytes: value.byteLength };
    });
    const others = new Uint8Array(hashes.length);
    for (let i = 0; i < hashes.length; i++) {
      const hash = hashes[i];
      others[i] = hash === NOT_UTF8 || this.#hashes.has(hash) ? 0 : 1;
    }
    return others;
  }
}

async function hashesOf(source: ColumnSource, dictionary: Uint32Array): Promise<Uint32Array> {
  const hashes = new Uint32Array(dictionary.length);
  let at = 0;
  for await (const { firstCode, count, offset, bytes } of source.stringPages(dictionary)) {
    for (; at < dictionary.length && dictionary[at] < firstCode + count; at++) {
      const place = dictionary[at] - firstCode;
      hashes[at] = hashOf(bytes, offset[place], offset[place + 1]);
    }
  }
  return hashes;
}

/** Of 30 bits, which the engine keeps without an object. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c_9dc5;
  let all = 0;
  for (let i = from; i < to; i++) {
    hash = Math.imul(hash ^ bytes[i], 0x0100_0193);
    all |= bytes[i];
  }
  if (all > 127 && !isUtf8(bytes.subarray(from, to))) return NOT_UTF8;
  return (hash ^ (hash >>> 15)) & 0x3fff_ffff || 1;
}
