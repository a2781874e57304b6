import { isNumeric, type Value } from './value.ts';

/** Stands for a missing value. */
export const MISSING = 0;

/** Numbers distinct values densely, in order of first appearance. Numbers are equal by value, whatever their type. */
export class ValueCodes {
  readonly #values: (Value | undefined)[] = [undefined];
  readonly #numbers = new Map<number, number>();
  readonly #others = new Map<string, number>();

  /** one more than the last code */
  get size(): number {
    return this.#values.length;
  }

  valueOf(code: number): Value | undefined {
    return this.#values[code];
  }

  codeOf(value: Value | undefined): number {
    if (value === undefined) return MISSING;
    if (isNumeric(value) && typeof value.value === 'number') return this.ofNumber(value.value, () => value);
    const key = keyOf(value);
    let code = this.#others.get(key);
    if (code === undefined) this.#others.set(key, (code = this.#values.push(value) - 1));
    return code;
  }

  /** @param wrap  makes the value, when the number is new */
  ofNumber(number: number, wrap: (number: number) => Value): number {
    let code = this.#numbers.get(number);
    if (code === undefined) this.#numbers.set(number, (code = this.#values.push(wrap(number)) - 1));
    return code;
  }
}

function keyOf(value: Value): string {
  if (value.type === 'string') return `s${value.value}`;
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}` : part));
}
