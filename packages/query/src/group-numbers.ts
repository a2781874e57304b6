import type { Attribute } from '@spoor/model';
import { type Field, printField } from '@spoor/traceql';
import type { ColumnSource } from '@spoor/store';
import { type BlockRows, fieldNumbers, type FieldNumbers } from './field-numbers.ts';
import { PairNumbers } from './pair-numbers.ts';
import { ScratchWords } from './scratch-words.ts';
import { MISSING, OPAQUE, UNNUMBERED, ValueNumbers } from './value-numbers.ts';

/** The groups of `by(…)`, over all sources of a query: spans with equal labels are one group, which is a number. */
export class GroupNumbers {
  readonly #fields: readonly Field[];
  readonly #scratch = new ScratchWords();
  readonly #values: readonly ValueNumbers[];
  /** entry k joins the groups of the first k + 1 fields with the next field's values */
  readonly #pairs: readonly PairNumbers[];

  /** @param countMax  past it values and groups are {@link UNNUMBERED} */
  constructor(fields: readonly Field[], countMax: number) {
    this.#fields = fields;
    this.#values = fields.map(() => new ValueNumbers(countMax));
    this.#pairs = fields.slice(1).map(() => new PairNumbers(countMax));
  }

  async bind(source: ColumnSource): Promise<FieldNumbers> {
    const readers: FieldNumbers[] = [];
    for (const [i, field] of this.#fields.entries()) {
      readers.push(await fieldNumbers(source, field, this.#values[i]));
    }
    return async (block) => this.#of(block, readers);
  }

  async #of(block: BlockRows, readers: readonly FieldNumbers[]): Promise<Uint32Array> {
    if (readers.length === 0) return this.#scratch.take(block.rows.length).fill(0);
    const groups = await this.#shown(block, readers, 0);
    for (let k = 1; k < readers.length; k++) join(groups, await this.#shown(block, readers, k), this.#pairs[k - 1]);
    return groups;
  }

  /** What no label can show is as what is missing. */
  async #shown(block: BlockRows, readers: readonly FieldNumbers[], k: number): Promise<Uint32Array> {
    const numbers = await readers[k](block);
    if (!this.#values[k].hasOpaque) return numbers;
    for (let i = 0; i < numbers.length; i++) if (numbers[i] === OPAQUE) numbers[i] = MISSING;
    return numbers;
  }

  labels(group: number): readonly Attribute[] {
    const numbers: number[] = [];
    let rest = group;
    for (let k = this.#pairs.length - 1; k >= 0; k--) {
      numbers.unshift(this.#pairs[k].second(rest));
      rest = this.#pairs[k].first(rest);
    }
    numbers.unshift(rest);
    return this.#fields.map((field, i) => ({ key: printField(field), value: this.#values[i].label(numbers[i]) }));
  }
}

function join(groups: Uint32Array, numbers: Uint32Array, pairs: PairNumbers): void {
  for (let i = 0; i < groups.length; i++) {
    const isNone = groups[i] === UNNUMBERED || numbers[i] === UNNUMBERED;
    groups[i] = isNone ? UNNUMBERED : pairs.of(groups[i], numbers[i]);
  }
}
