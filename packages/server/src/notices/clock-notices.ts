import { limits } from '@spoor/model';
import type { ArrivedRows } from '@spoor/store';
import { throttled, type Log } from '../log.ts';
import type { MetricRegistry } from '../metric-registry.ts';
import { serviceOfResource, textOf } from './arrived-names.ts';

/** Spans of one service that start where nobody looks for them. */
export interface ClockNotice {
  readonly service: string;
  readonly direction: ClockDirection;
  readonly count: number;
  /** name and start (Unix milliseconds) of one of the latest */
  readonly spanName: string;
  readonly startMilli: number;
  /** when it arrived, to within seconds; Unix milliseconds */
  readonly lastMilli: number;
}

/** Where a span starts, as seen from its arrival. */
export type ClockDirection = 'future' | 'past';

const directions = ['future', 'past'] as const;
const logMilli = 60_000;
/** Of the high word of a time in nanoseconds: 4.3 s, by which the limits are off at most. */
const milliPerHigh = 2 ** 32 / 1e6;

interface OffSpans {
  count: number;
  row: number;
}

/**
 * Notices spans that start long before or after they arrive: they are stored as ever, but a search of the last hour does
 * not find them. Told of rows after they are durable, it costs those who send nothing, and a comparison or two a span.
 */
export class ClockNotices {
  readonly #log: Log;
  /** by direction and service, the latest last */
  readonly #notices = new Map<string, ClockNotice>();
  readonly #totals: Record<ClockDirection, number> = { future: 0, past: 0 };

  constructor(registry: MetricRegistry, log: Log) {
    this.#log = throttled(log, logMilli);
    const help = 'Spans that start more than 5 min after, or more than 24 h before they arrived.';
    registry.observed('counter', 'spoor_spans_clock_off_total', help, () =>
      directions.map((direction) => ({ labels: { direction }, value: this.#totals[direction] })),
    );
  }

  /** @param nowMilli  when they arrived, Unix milliseconds */
  arrived({ head, firstRow }: ArrivedRows, nowMilli: number): void {
    const { startHigh, resource } = head.buffers;
    const latest = (nowMilli + limits.clockAheadMilliMax) / milliPerHigh;
    const earliest = (nowMilli - limits.clockBehindMilliMax) / milliPerHigh - 1;
    const off = { future: new Map<number, OffSpans>(), past: new Map<number, OffSpans>() };
    for (let row = firstRow; row < head.counts.spans; row++) {
      const high = startHigh[row];
      if (high > latest) note(off.future, resource[row], row);
      else if (high < earliest) note(off.past, resource[row], row);
    }
    for (const direction of directions) {
      for (const [resourceRow, spans] of off[direction]) {
        this.#note(direction, serviceOfResource(head.buffers, resourceRow), spans, head, nowMilli);
      }
    }
  }

  /** newest first */
  list(): readonly ClockNotice[] {
    return [...this.#notices.values()].reverse();
  }

  #note(
    direction: ClockDirection,
    service: string,
    { count, row }: OffSpans,
    { buffers }: ArrivedRows['head'],
    lastMilli: number,
  ): void {
    this.#totals[direction] += count;
    const key = `${direction} ${service}`;
    const notice: ClockNotice = {
      service,
      direction,
      count: count + (this.#notices.get(key)?.count ?? 0),
      spanName: textOf(buffers, buffers.name[row]),
      // Lossy, as milliseconds are.
      startMilli: Math.round((buffers.startHigh[row] * 2 ** 32 + buffers.startLow[row]) / 1e6),
      lastMilli,
    };
    // Deleted first, so that the map keeps the latest last.
    this.#notices.delete(key);
    this.#notices.set(key, notice);
    if (this.#notices.size > limits.clockNoticesMax) this.#notices.delete(this.#notices.keys().next().value!);
    const offSeconds = Math.round((notice.startMilli - lastMilli) / 1000);
    const fields = { code: direction, service, span: notice.spanName, offSeconds, count: notice.count };
    this.#log.warn(`spans start far in the ${direction}: look at the clock of their sender`, fields);
  }
}

function note(spans: Map<number, OffSpans>, resource: number, row: number): void {
  const seen = spans.get(resource);
  if (seen === undefined) return void spans.set(resource, { count: 1, row });
  seen.count++;
  seen.row = row;
}
