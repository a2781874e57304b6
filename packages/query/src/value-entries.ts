import type { AttributeValue } from '@spoor/model';
import type { AttributeValuesAnswer } from './trace-store.ts';
import { orderOfTexts } from './value.ts';

type ValueEntry = AttributeValuesAnswer['values'][number];
const typeOrder = Object.freeze({ bool: 0, int: 1, double: 2, keyword: 3, string: 4 } as const);

/** Distinct values, of which the answer has the first `limit` by type and value. */
export class ValueEntries {
  readonly limit: number;
  /** whether there were values that were not even added */
  isCut = false;
  readonly #texts = new Set<string>();
  readonly #others = new Map<string, { readonly entry: ValueEntry; readonly number: number | bigint }>();

  constructor(limit: number) {
    this.limit = limit;
  }

  add(value: AttributeValue): void {
    switch (value.type) {
      case 'string':
        this.#texts.add(value.value);
        return;
      case 'bool':
        return this.#put({ type: 'bool', value: String(value.value) }, Number(value.value));
      case 'int':
      case 'double':
        return this.#put({ type: value.type, value: String(value.value) }, value.value);
      case 'array':
        for (const element of value.value) this.add(element);
        return;
      case 'bytes':
      case 'kvlist':
      case 'empty':
    }
  }

  addKeyword(word: string): void {
    this.#put({ type: 'keyword', value: word }, 0);
  }

  #put(entry: ValueEntry, number: number | bigint): void {
    this.#others.set(`${entry.type} ${entry.value}`, { entry, number });
  }

  answer(): AttributeValuesAnswer {
    const values = this.#sorted();
    return { values: values.slice(0, this.limit), complete: values.length <= this.limit && !this.isCut };
  }

  #sorted(): readonly ValueEntry[] {
    const others = [...this.#others.values()].sort((a, b) => {
      if (a.entry.type !== b.entry.type) return typeOrder[a.entry.type] - typeOrder[b.entry.type];
      return a.number < b.number ? -1 : a.number > b.number ? 1 : orderOfTexts(a.entry.value, b.entry.value);
    });
    const texts = [...this.#texts].sort(orderOfTexts);
    return [...others.map(({ entry }) => entry), ...texts.map((value) => ({ type: 'string', value }) as const)];
  }
}
