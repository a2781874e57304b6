import type { AttributeValue } from '@spoor/model';
import { labelOf } from './metric-label.ts';
import { StringHashes } from './string-hashes.ts';
import type { Value } from './value.ts';

/** In place of a value's number: there is none. */
export const MISSING = 0;
/** There is one, but it is an array, a list or bytes: none that a label could show. */
export const OPAQUE = 1;
/** There are too many: the value has no number of its own. */
export const UNNUMBERED = 0x7fff_ffff;

/** Integers up to here have their number in an array: status codes, ports, counts. */
const SMALL_MAX = 4096;

/** Gives equal numbers to equal values, whatever it takes as equal; {@link MISSING} for what is missing. */
export interface ValueNumbering {
  of(value: Value | undefined): number;
  /** The strings that have a number, once none is left for others; `undefined` before, and where there always is one. */
  readonly lastTexts?: StringHashes | undefined;
}

/** Numbers the values of one field, over all sources of a query, in the order in which they are met; equal labels are one. */
export class ValueNumbers implements ValueNumbering {
  readonly #labels: AttributeValue[] = [{ type: 'empty' }, { type: 'empty' }];
  /** by text: of strings, without a key to be made */
  readonly #texts = new Map<string, number>();
  /** by type and text */
  readonly #others = new Map<string, number>();
  readonly #countMax: number;
  #hasOpaque = false;
  #lastTexts: StringHashes | undefined;

  /** @param countMax  values past it are {@link UNNUMBERED} */
  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** Whether {@link OPAQUE} was given. */
  get hasOpaque(): boolean {
    return this.#hasOpaque;
  }

  get lastTexts(): StringHashes | undefined {
    if (this.#hasRoom) return undefined;
    return (this.#lastTexts ??= new StringHashes(this.#texts.keys()));
  }

  get #hasRoom(): boolean {
    return this.#texts.size + this.#others.size < this.#countMax;
  }

  label(number: number): AttributeValue {
    return this.#labels[number];
  }

  of(value: Value | undefined): number {
    if (value === undefined) return MISSING;
    if (value.type === 'string') return this.#in(this.#texts, value.value, value);
    const label = labelOf(value);
    if (label.type === 'string') return this.#in(this.#texts, label.value, label);
    if (label.type !== 'empty') {
      return this.#in(this.#others, `${label.type} ${String((label as { value: unknown }).value)}`, label);
    }
    this.#hasOpaque = true;
    return OPAQUE;
  }

  #in(numbers: Map<string, number>, key: string, label: AttributeValue): number {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    if (!this.#hasRoom) return UNNUMBERED;
    const number = this.#labels.push(label) - 1;
    numbers.set(key, number);
    return number;
  }
}

/** Codes of one column to numbers of their values: each code is looked up once, when it is first met. */
export class CodeNumbers {
  readonly #values: ValueNumbering;
  readonly #resolve: (codes: Uint32Array) => Promise<readonly (Value | undefined)[]>;
  /** by code, the number + 1; 0 while it is not known */
  #known: Uint32Array;

  /**
   * @param resolve  gives the values of codes, in their order
   * @param unnumbered  by code, 1 for those that are surely {@link UNNUMBERED}
   */
  constructor(
    values: ValueNumbering,
    resolve: (codes: Uint32Array) => Promise<readonly (Value | undefined)[]>,
    unnumbered = new Uint8Array(1024),
  ) {
    this.#values = values;
    this.#resolve = resolve;
    this.#known = Uint32Array.from(unnumbered, (isUnnumbered) => isUnnumbered * (1 + UNNUMBERED));
  }

  /** Replaces each code by the number of its value. */
  async translate(codes: Uint32Array): Promise<void> {
    const unknown = translateKnown(codes, this.#known);
    if (unknown.length === 0) return;
    const left = new Uint32Array(unknown.length);
    for (let i = 0; i < left.length; i++) left[i] = codes[unknown[i]]!;
    await this.#learn(Uint32Array.from(new Set(left)));
    for (let i = 0; i < left.length; i++) codes[unknown[i]] = this.#known[left[i]] - 1;
  }

  async #learn(codes: Uint32Array): Promise<void> {
    const values = await this.#resolve(codes);
    for (let i = 0; i < codes.length; i++) {
      if (codes[i] >= this.#known.length) this.#grow(codes[i] + 1);
      this.#known[codes[i]] = 1 + this.#values.of(values[i]);
    }
  }

  #grow(length: number): void {
    const larger = new Uint32Array(Math.max(length, 2 * this.#known.length));
    larger.set(this.#known);
    this.#known = larger;
  }
}

/** @returns positions of codes that are not known, and left as they are */
function translateKnown(codes: Uint32Array, known: Uint32Array): number[] {
  const unknown: number[] = [];
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i];
    const number = code < known.length ? known[code] : 0;
    if (number === 0) unknown.push(i);
    else codes[i] = number - 1;
  }
  return unknown;
}

/** Numbers of the values that the numbers in a column stand for. */
export class AmountNumbers {
  readonly #values: ValueNumbering;
  readonly #wrap: (amount: number) => Value;
  /** by number, for small integers; 0 where it is not known */
  readonly small = new Uint32Array(SMALL_MAX);
  readonly #others = new Map<number, number>();

  constructor(values: ValueNumbering, wrap: (amount: number) => Value) {
    this.#values = values;
    this.#wrap = wrap;
  }

  of(amount: number): number {
    const index = amount | 0;
    if (index === amount && index >= 0 && index < SMALL_MAX) {
      const known = this.small[index];
      return known === 0 ? (this.small[index] = this.#values.of(this.#wrap(index))) : known;
    }
    let number = this.#others.get(amount);
    if (number !== undefined) return number;
    number = this.#values.of(this.#wrap(amount));
    // What is past the limit is not remembered either.
    if (number !== UNNUMBERED) this.#others.set(amount, number);
    return number;
  }
}
