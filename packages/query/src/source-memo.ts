import type { ColumnSource } from '@spoor/store';

/**
 * What was found out about whole sources, for as long as somebody has them. A source never changes, so a list of names
 * over all its spans is made once. Owned by a query thread, and shared by its queries.
 */
export class SourceMemo {
  readonly #known = new WeakMap<ColumnSource, Map<string, unknown>>();

  /**
   * @param name  says what it is; the caller knows the type from it
   * @param isSmall  whether it is worth its memory
   */
  async of<T>(
    source: ColumnSource,
    name: string,
    make: () => Promise<T>,
    isSmall: (value: T) => boolean = () => true,
  ): Promise<T> {
    let values = this.#known.get(source);
    if (values?.has(name)) return values.get(name) as T;
    const value = await make();
    if (!isSmall(value)) return value;
    values = this.#known.get(source) ?? new Map<string, unknown>();
    this.#known.set(source, values.set(name, value));
    return value;
  }
}
