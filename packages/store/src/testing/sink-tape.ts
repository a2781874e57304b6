import { type SpanDraft, type SpanSink, type ValueType, isCoded } from '@spoor/model';

const Op = Object.freeze({
  intern: 0,
  attribute: 1,
  coded: 2,
  resource: 3,
  scope: 4,
  attributes: 5,
  event: 6,
  link: 7,
  span: 8,
});

/**
 * Records what is pushed into it and plays it into another sink, so that a benchmark measures that sink and not a
 * decoder. Strings have numbers on the tape, and the sink's own codes once it is played.
 */
export class SinkTape implements SpanSink {
  /** the calls: an {@link Op} and its arguments, one after the other */
  readonly #calls: number[] = [];
  readonly #drafts: SpanDraft[] = [];
  readonly #strings = new Map<string, number>([['', 0]]);
  #bytes = new Uint8Array(1 << 20);
  #end = 0;

  play(sink: SpanSink): void {
    const codes = new Uint32Array(this.#strings.size);
    const calls = this.#calls;
    const bytes = this.#bytes;
    const drafts = this.#drafts[Symbol.iterator]();
    for (let at = 0; at < calls.length;) {
      const [op, a, b, c, d, e] = [
        calls[at],
        calls[at + 1],
        calls[at + 2],
        calls[at + 3],
        calls[at + 4],
        calls[at + 5],
      ];
      at += ARGUMENTS[op] + 1;
      if (op === Op.intern) codes[a] = sink.intern(bytes, b, c);
      else if (op === Op.attribute) sink.attribute(codes[a], b as ValueType, c);
      else if (op === Op.coded) sink.attribute(codes[a], b as ValueType, codes[c]);
      else if (op === Op.attributes) sink.endAttributes();
      else if (op === Op.event) sink.endEvent(codes[a], b, c, d);
      else if (op === Op.link) sink.endLink(codes[a], codes[b], codes[c], d, e);
      else if (op === Op.resource) sink.endResource(codes[a], b, codes[c]);
      else if (op === Op.scope) sink.endScope(codes[a], codes[b], codes[c], d);
      else playSpan(sink, drafts.next().value as SpanDraft, codes);
    }
  }

  intern(bytes: Uint8Array, start: number, end: number): number {
    const text = Buffer.from(bytes.subarray(start, end)).toString('latin1');
    const number = this.#strings.get(text) ?? this.#strings.size;
    this.#strings.set(text, number);
    const at = this.#append(bytes.subarray(start, end));
    this.#calls.push(Op.intern, number, at, this.#end);
    return number;
  }

  attribute(key: number, type: ValueType, value: number): void {
    this.#calls.push(isCoded(type) ? Op.coded : Op.attribute, key, type, value);
  }

  endResource(schemaUrl: number, dropped: number, entityRefs: number): void {
    this.#calls.push(Op.resource, schemaUrl, dropped, entityRefs);
  }

  endScope(name: number, version: number, schemaUrl: number, dropped: number): void {
    this.#calls.push(Op.scope, name, version, schemaUrl, dropped);
  }

  endAttributes(): void {
    this.#calls.push(Op.attributes);
  }

  endEvent(name: number, timeLow: number, timeHigh: number, dropped: number): void {
    this.#calls.push(Op.event, name, timeLow, timeHigh, dropped);
  }

  endLink(traceId: number, spanId: number, traceState: number, flags: number, dropped: number): void {
    this.#calls.push(Op.link, traceId, spanId, traceState, flags, dropped);
  }

  endSpan(draft: SpanDraft): void {
    this.#calls.push(Op.span);
    this.#drafts.push({ ...draft });
  }

  #append(bytes: Uint8Array): number {
    const at = this.#end;
    this.#end += bytes.length;
    if (this.#end > this.#bytes.length) {
      const longer = new Uint8Array(2 * this.#end);
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    this.#bytes.set(bytes, at);
    return at;
  }
}

/** How many arguments each {@link Op} has. */
const ARGUMENTS = [3, 3, 3, 3, 4, 0, 4, 5, 0];

function playSpan(sink: SpanSink, draft: SpanDraft, codes: Uint32Array): void {
  const { nameCode, traceStateCode, statusMessageCode } = draft;
  draft.nameCode = codes[nameCode];
  draft.traceStateCode = codes[traceStateCode];
  draft.statusMessageCode = codes[statusMessageCode];
  sink.endSpan(draft);
  draft.nameCode = nameCode;
  draft.traceStateCode = traceStateCode;
  draft.statusMessageCode = statusMessageCode;
}
