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
    if (isNumeric(value) && typeof value.value === 'number') return this.#in(this.#numbers, value.value);
    return this.#in(this.#others, keyOf(value));
  }

  #in<Key>(numbers: Map<Key, number>, key: Key): number {
    let number = numbers.get(key);
    if (number === undefined) numbers.set(key, (number = ++this.#last));
    return number;
  }
}

function keyOf(value: Value): string {
  if (value.type === 'string') return `s${value.value}`;
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}` : part));
}
