import { type ReactNode, type RefObject, useLayoutEffect, useRef, useState } from 'react';
import { type ChartScale, timeTicks } from './chart-scale.ts';
import type { SeriesAnswer } from './metrics-data.ts';

/** Pixels; the width is that of the room there is. */
const height = 300;
const [left, right, top, bottom] = [64, 12, 10, 26];

/** The frame of charts over time: axes, and the pointer over them. For the eye and the pointer; tables have the numbers. */
export function ChartFrame(props: {
  readonly answer: SeriesAnswer;
  readonly scale: ChartScale;
  /** of the scale's values */
  readonly format: (value: number) => string;
  readonly locale: string;
  readonly marks: (place: Places) => ReactNode;
  /** marks that take clicks themselves */
  readonly above?: (place: Places) => ReactNode;
  /** is told the interval under the pointer */
  readonly onPoint: (interval: number | undefined) => void;
  readonly onOpen: (interval: number) => void;
}) {
  const { answer, scale, format, locale, marks, above, onPoint, onOpen } = props;
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const count = answer.series[0]?.values.length ?? 1;
  const place = placesOf(width, count, answer, scale);
  return (
    <div ref={frame} className="mt-chart">
      <svg width={width} height={height} aria-hidden="true">
        <Axes {...{ width, place, scale, format, answer, locale }} />
        {marks(place)}
        <rect
          className="sv-reach"
          x={left}
          y={0}
          width={Math.max(0, width - left - right)}
          height={height - bottom}
          onPointerMove={(event) => onPoint(intervalAt(event, count))}
          onPointerLeave={() => onPoint(undefined)}
          onClick={(event) => onOpen(intervalAt(event, count))}
        />
        {above?.(place)}
      </svg>
    </div>
  );
}

export interface Places {
  /** of an interval's middle */
  readonly x: (interval: number) => number;
  readonly intervalWidth: number;
  readonly xOfTime: (milli: number) => number;
  readonly y: (share: number) => number;
  readonly yOfValue: (value: number | null) => number | undefined;
}

function placesOf(width: number, count: number, { startMilli, stepMilli }: SeriesAnswer, scale: ChartScale): Places {
  const across = Math.max(1, width - left - right);
  const y = (share: number): number => top + (1 - share) * (height - top - bottom);
  return {
    x: (interval) => left + ((interval + 0.5) / count) * across,
    intervalWidth: across / count,
    xOfTime: (milli) => left + ((milli - startMilli + stepMilli) / (stepMilli * count)) * across,
    y,
    yOfValue: (value) => {
      const share = scale.heightOf(value);
      return share === undefined ? undefined : y(share);
    },
  };
}

/** The interval under the pointer, within an element that spans all of them. */
function intervalAt(event: { readonly clientX: number; readonly currentTarget: Element }, count: number): number {
  const box = event.currentTarget.getBoundingClientRect();
  return Math.min(count - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * count)));
}

function Axes(props: {
  readonly width: number;
  readonly place: Places;
  readonly scale: ChartScale;
  readonly format: (value: number) => string;
  readonly answer: SeriesAnswer;
  readonly locale: string;
}) {
  const { width, place, scale, format, answer, locale } = props;
  const { endMilli } = answer;
  const startMilli = answer.startMilli - answer.stepMilli;
  const ticks = timeTicks(startMilli, endMilli, Math.max(2, Math.floor(width / 130)));
  const isLong = endMilli - startMilli > 86_400_000;
  const hasSeconds = ticks.some((tick) => tick % 60_000 !== 0);
  const label = new Intl.DateTimeFormat(locale, {
    hourCycle: 'h23',
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

function useWidth(frame: RefObject<HTMLDivElement | null>): number {
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
