import { type Span, pushSpans } from '@spoor/model';
import type { ColumnSource } from './column-source.ts';
import { Head } from './head.ts';
import { HeadFullError } from './head-full-error.ts';
import { allocateHeadBuffers, headCapacity } from './head-buffers.ts';
import { TableSource } from './table-source.ts';

/**
 * Spans as an ordered source of their own: traces whose parts lie in several sources are evaluated whole in one.
 * Equal spans fold. Costs some microseconds a span; the memory goes with the source.
 */
export async function temporarySource(spans: readonly Span[]): Promise<ColumnSource> {
  const { buffers, table } = filledHead(spans);
  return new TableSource({ id: 'temporary', table, index: buffers }).ordered();
}

/** There is no telling from outside how many values and strings there are: when it does not fit, twice as much. */
function filledHead(spans: readonly Span[]): Head {
  for (let size = Math.max(64, spans.length); ; size *= 2) {
    const head = new Head(allocateHeadBuffers(headCapacity(size)));
    try {
      pushSpans(head, spans);
      return head;
    } catch (error) {
      if (!(error instanceof HeadFullError)) throw error;
    }
  }
}
