import { type RefObject, useLayoutEffect, useState } from 'react';
import { type ChartScale, timeTicks } from './chart-scale.ts';
import type { SeriesAnswer } from './metrics-data.ts';

/** The frame of charts over time: where things are, the axes, and the room that is measured. Pixels. */
export const chartSize = Object.freeze({ height: 300, left: 64, right: 12, top: 10, bottom: 26 });
const { height, left, right, top, bottom } = chartSize;

export interface Places {
  /** of an interval's middle */
  readonly x: (interval: number) => number;
  readonly xOfTime: (milli: number) => number;
  readonly y: (share: number) => number;
  readonly yOfValue: (value: number | null) => number | undefined;
}

export function placesOf(
  width: number,
  count: number,
  { startMilli, stepMilli }: SeriesAnswer,
  scale: ChartScale,
): Places {
  const across = Math.max(1, width - left - right);
  const y = (share: number): number => top + (1 - share) * (height - top - bottom);
  return {
    x: (interval) => left + ((interval + 0.5) / count) * across,
    xOfTime: (milli) => left + ((milli - startMilli + stepMilli) / (stepMilli * count)) * across,
    y,
    yOfValue: (value) => {
      const share = scale.heightOf(value);
      return share === undefined ? undefined : y(share);
    },
  };
}

/** The interval under the pointer, within an element that spans all of them. */
export function intervalAt(
  event: { readonly clientX: number; readonly currentTarget: Element },
  count: number,
): number {
  const box = event.currentTarget.getBoundingClientRect();
  return Math.min(count - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * count)));
}

export function Axes(props: {
  readonly width: number;
  readonly place: Places;
  readonly scale: ChartScale;
  readonly format: (value: number) => string;
  readonly startMilli: number;
  readonly endMilli: number;
  readonly locale: string;
}) {
  const { width, place, scale, format, startMilli, endMilli, locale } = props;
  const ticks = timeTicks(startMilli, endMilli, Math.max(2, Math.floor(width / 130)));
  const isLong = endMilli - startMilli > 86_400_000;
  const hasSeconds = ticks.some((tick) => tick % 60_000 !== 0);
  const label = new Intl.DateTimeFormat(locale, {
    hour12: false,
    hour: '2-digit',
    minute: '2-digit',
    ...(hasSeconds && { second: '2-digit' }),
    ...(isLong && { month: 'short', day: 'numeric' }),
  });
  return (
    <g className="sv-axis">
      {scale.ticks.map((tick) => {
        const y = place.y(scale.heightOf(tick) ?? 0);
        return (
          <g key={tick}>
            <line x1={left} x2={width - right} y1={y} y2={y} />
            <text x={left - 8} y={y + 4} textAnchor="end">
              {format(tick)}
            </text>
          </g>
        );
      })}
      {ticks.map((tick) => (
        <text
          key={tick}
          x={place.xOfTime(tick)}
          y={height - 8}
          textAnchor={place.xOfTime(tick) > width - 40 ? 'end' : 'middle'}
        >
          {label.format(tick)}
        </text>
      ))}
    </g>
  );
}

export function useWidth(frame: RefObject<HTMLDivElement | null>): number {
  const [width, setWidth] = useState(800);
  useLayoutEffect(() => {
    const element = frame.current!;
    const measure = (): void => setWidth(Math.max(240, element.clientWidth));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame]);
  return width;
}
