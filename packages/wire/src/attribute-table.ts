import { type SpanSink, ValueType, WireError, integerFromWords, limits } from '@spoor/model';

/**
 * Attributes of one span of a foreign protocol, as numbers: which ranges of the body are key and value. Such protocols
 * hide scope, kind, status and service among a span's tags, which the sink wants in another order, so a span is first
 * read as a whole, then judged, then pushed. Rows are only ever appended until {@link clear}; one table serves all spans
 * of a request.
 */
export class AttributeTable {
  count = 0;
  readonly keyStart: number[] = [];
  readonly keyEnd: number[] = [];
  readonly type: ValueType[] = [];
  /** of a string or bytes: the range of the value; of a big integer: its halves */
  readonly valueStart: number[] = [];
  readonly valueEnd: number[] = [];
  /** of a number or bool */
  readonly number: number[] = [];
  /** a row that is not to be pushed, since it became something else than an attribute */
  readonly isLifted: boolean[] = [];
  readonly #integer = new Uint8Array(8);
  readonly #integerView = new DataView(this.#integer.buffer);

  clear(): void {
    this.count = 0;
  }

  /** Appends a string or bytes. */
  text(keyStart: number, keyEnd: number, type: ValueType, start: number, end: number): void {
    this.#row(keyStart, keyEnd, type, start, end, 0);
  }

  bool(keyStart: number, keyEnd: number, value: boolean): void {
    this.#row(keyStart, keyEnd, ValueType.bool, 0, 0, value ? 1 : 0);
  }

  double(keyStart: number, keyEnd: number, value: number): void {
    this.#row(keyStart, keyEnd, ValueType.double, 0, 0, value);
  }

  /** Appends a signed 64-bit integer from its unsigned halves. */
  integer(keyStart: number, keyEnd: number, low: number, high: number): void {
    const value = integerFromWords(low, high);
    if (typeof value === 'number') this.#row(keyStart, keyEnd, ValueType.int, 0, 0, value);
    else this.#row(keyStart, keyEnd, ValueType.bigInt, low, high, 0);
  }

  /** Appends a row of another table over the same bytes. */
  copyRow(other: AttributeTable, row: number): void {
    const { keyStart, keyEnd, type, valueStart, valueEnd, number } = other;
    this.#row(keyStart[row], keyEnd[row], type[row], valueStart[row], valueEnd[row], number[row]);
  }

  /**
   * Pushes one row.
   *
   * @param bytes  what the ranges are of
   * @param keyCode  of the key, or of what stands in for it
   */
  pushValue(sink: SpanSink, bytes: Uint8Array, row: number, keyCode: number): void {
    const type = this.type[row];
    const start = this.valueStart[row];
    const end = this.valueEnd[row];
    if (type === ValueType.string || type === ValueType.bytes) {
      sink.attribute(keyCode, type, start === end ? 0 : sink.intern(bytes, start, end));
    } else if (type === ValueType.bigInt) {
      this.#integerView.setUint32(0, start, true);
      this.#integerView.setUint32(4, end, true);
      sink.attribute(keyCode, type, sink.intern(this.#integer, 0, 8));
    } else sink.attribute(keyCode, type, this.number[row]);
  }

  #row(keyStart: number, keyEnd: number, type: ValueType, start: number, end: number, number: number): void {
    const row = this.count++;
    if (row >= limits.foreignSpanEntriesMax) {
      throw new WireError('WIRE_LIMIT', `a span has more than ${limits.foreignSpanEntriesMax} entries`, keyStart);
    }
    if (keyEnd - keyStart > limits.attributeKeyBytesMax) {
      throw new WireError('WIRE_LIMIT', `a key is longer than ${limits.attributeKeyBytesMax} bytes`, keyStart);
    }
    this.keyStart[row] = keyStart;
    this.keyEnd[row] = keyEnd;
    this.type[row] = type;
    this.valueStart[row] = start;
    this.valueEnd[row] = end;
    this.number[row] = number;
    this.isLifted[row] = false;
  }
}
