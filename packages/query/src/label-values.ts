import { limits } from '@spoor/model';
import { matcherTest } from './label-matcher.ts';
import type { LabelMatcher } from './trace-store.ts';

/**
 * Distinct values of one label, numbered in order of appearance, each tried once on the label's matchers. A missing value
 * is the empty text, as in Prometheus.
 */
export class LabelValues {
  readonly name: string;
  readonly #matchers: readonly ((text: string) => boolean)[];
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, number>();
  #accepted = new Uint8Array(64);
  #isCut = false;

  /** @throws {QueryError} `QUERY_INVALID` when a regular expression is none */
  constructor(name: string, matchers: readonly LabelMatcher[] = []) {
    this.name = name;
    this.#matchers = matchers.filter((one) => one.name === name).map(matcherTest);
  }

  /** The number of a value; −1 when there were `limits.namesMax` others before. */
  number(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#texts.length;
    if (number >= limits.namesMax) {
      this.#isCut = true;
      return -1;
    }
    this.#texts.push(text);
    this.#numbers.set(text, number);
    if (number >= this.#accepted.length) {
      const larger = new Uint8Array(2 * this.#accepted.length);
      larger.set(this.#accepted);
      this.#accepted = larger;
    }
    this.#accepted[number] = this.#matchers.every((accepts) => accepts(text)) ? 1 : 0;
    return number;
  }

  text(number: number): string {
    return this.#texts[number];
  }

  /** Whether the value passes the matchers; false for −1. */
  accepts(number: number): boolean {
    return this.#accepted[number] === 1;
  }

  get isRestricted(): boolean {
    return this.#matchers.length > 0;
  }

  /** true when there were more values than can be told apart */
  get isCut(): boolean {
    return this.#isCut;
  }
}
