import type { SpanDraft, SpanSink } from '@spoor/model';

/** Test only: takes everything and keeps a sum, so that nothing can be optimised away. */
export class CountingSink implements SpanSink {
  spanCount = 0;
  sum = 0;

  intern(bytes: Uint8Array, start: number, end: number): number {
    return end - start + bytes[start];
  }

  attribute(keyCode: number, type: number, value: number): void {
    this.sum += keyCode + type + value;
  }

  endResource(schemaUrlCode: number): void {
    this.sum += schemaUrlCode;
  }

  endScope(nameCode: number): void {
    this.sum += nameCode;
  }

  endAttributes(): void {
    this.sum++;
  }

  endEvent(nameCode: number): void {
    this.sum += nameCode;
  }

  endLink(traceIdCode: number): void {
    this.sum += traceIdCode;
  }

  endSpan(draft: SpanDraft): void {
    this.spanCount++;
    this.sum += draft.nameCode;
  }
}
