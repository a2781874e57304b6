import { isNumeric, type Value } from './value.ts';
import { MISSING, type ValueNumbering } from './value-numbers.ts';

/** Numbers distinct values in the order in which they are met. Numbers are equal by value, whatever their type. */
export class ValueCodes implements ValueNumbering {
  readonly #numbers = new Map<number, number>();
  readonly #others = new Map<string, number>();
  #last = MISSING;

  /** the largest number so far */
  get last(): number {
    return this.#last;
  }

  of(value: Value | undefined): number {
    if (value === undefined) return MISSING;
    // 2^53 comes as an integer of 64 bits, and as a float.
    if (isNumeric(value) && isExact(value.value)) return this.#in(this.#numbers, Number(value.value));
    return this.#in(this.#others, keyOf(value));
  }

  #in<Key>(numbers: Map<Key, number>, key: Key): number {
    let number = numbers.get(key);
    if (number === undefined) numbers.set(key, (number = ++this.#last));
    return number;
  }
}

/** Whether the number is one that a float can be. */
function isExact(number: number | bigint): boolean {
  return typeof number === 'number' || BigInt(Number(number)) === number;
}

function keyOf(value: Value): string {
  if (value.type === 'string') return `s${value.value}`;
  // Columns do not say which bytes or which list.
  if (value.type === 'bytes' || value.type === 'kvlist') return 'opaque';
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}` : part));
}
