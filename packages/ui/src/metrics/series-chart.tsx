import { type RefObject, useLayoutEffect, useRef, useState } from 'react';
import { seriesColor, seriesDash } from '../format/service-color.ts';
import { type ChartScale, linearScale, logScale, timeTicks } from './chart-scale.ts';
import type { Exemplar, SeriesAnswer } from './metrics-data.ts';
import { formatMetric } from './metric-format.ts';

const height = 300;
const left = 64;
const right = 12;
const top = 10;
const bottom = 26;

/**
 * Series as lines over time, as SVG. For the eye and the pointer: what it shows stands in the table below, example spans
 * in a list.
 */
export function SeriesChart(props: {
  readonly answer: SeriesAnswer;
  readonly scale: 'linear' | 'log';
  readonly locale: string;
  /** the line that stands out */
  readonly marked: number | undefined;
  readonly pointed: number | undefined;
  /** is told the interval under the pointer */
  readonly onPoint: (interval: number | undefined) => void;
  readonly onOpen: (interval: number) => void;
  readonly onExemplar: (exemplar: Exemplar) => void;
}) {
  const { answer, marked, pointed, onPoint, onOpen, onExemplar, locale } = props;
  const { series, startMilli, stepMilli, unit } = answer;
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const count = series[0]?.values.length ?? 1;
  const values = series.flatMap((each) => each.values.filter((value) => value !== null));
  const examples = unit === 'seconds' ? series.flatMap(({ exemplars }) => exemplars.map(({ value }) => value)) : [];
  const scale = (props.scale === 'log' ? logScale : linearScale)([...values, ...examples]);
  const place = placesOf(width, count, answer, scale);
  const intervalAt = (event: { readonly clientX: number; readonly currentTarget: Element }): number => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(count - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * count)));
  };
  return (
    <div ref={frame} className="mt-chart">
      <svg width={width} height={height} aria-hidden="true">
        <Axes
          {...{ width, place, scale, locale }}
          unit={unit}
          startMilli={startMilli - stepMilli}
          endMilli={answer.endMilli}
        />
        {series.map((each, i) => (
          <path
            key={i}
            className={`mt-line${marked === undefined ? '' : marked === i ? ' marked' : ' faint'}`}
            style={{ stroke: seriesColor(i) }}
            strokeDasharray={seriesDash(i)}
            d={pathOf(each.values, place)}
          />
        ))}
        {pointed !== undefined && (
          <line className="sv-pointer" x1={place.x(pointed)} x2={place.x(pointed)} y1={top} y2={height - bottom} />
        )}
        <rect
          className="sv-reach"
          x={left}
          y={0}
          width={Math.max(0, width - left - right)}
          height={height - bottom}
          onPointerMove={(event) => onPoint(intervalAt(event))}
          onPointerLeave={() => onPoint(undefined)}
          onClick={(event) => onOpen(intervalAt(event))}
        />
        <Exemplars {...{ answer, place, scale, onExemplar, locale }} />
      </svg>
    </div>
  );
}

interface Places {
  /** of an interval's middle */
  readonly x: (interval: number) => number;
  readonly xOfTime: (milli: number) => number;
  readonly y: (share: number) => number;
  readonly yOfValue: (value: number | null) => number | undefined;
}

function placesOf(width: number, count: number, { startMilli, stepMilli }: SeriesAnswer, scale: ChartScale): Places {
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

function Axes(props: {
  readonly width: number;
  readonly place: Places;
  readonly scale: ChartScale;
  readonly unit: SeriesAnswer['unit'];
  readonly startMilli: number;
  readonly endMilli: number;
  readonly locale: string;
}) {
  const { width, place, scale, unit, startMilli, endMilli, locale } = props;
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
              {formatMetric(tick, unit, locale)}
            </text>
          </g>
        );
      })}
      {ticks.map((tick) => (
        <text key={tick} x={place.xOfTime(tick)} y={height - 8} textAnchor="middle">
          {label.format(tick)}
        </text>
      ))}
    </g>
  );
}

const diamond = 'M0 -5L5 0L0 5L-5 0Z';

/** Times at their height; other values would say nothing there, so that their marks stand on the axis. */
function Exemplars(props: {
  readonly answer: SeriesAnswer;
  readonly place: Places;
  readonly scale: ChartScale;
  readonly onExemplar: (exemplar: Exemplar) => void;
  readonly locale: string;
}) {
  const { answer, place, scale, onExemplar, locale } = props;
  return answer.series.map(({ exemplars }, i) =>
    exemplars.map((exemplar) => {
      const { traceId, spanId, milli, value } = exemplar;
      const share = answer.unit === 'seconds' ? scale.heightOf(value) : 0;
      if (share === undefined) return null;
      return (
        <path
          key={`${i} ${traceId} ${spanId}`}
          className="mt-exemplar"
          style={{ fill: seriesColor(i) }}
          d={diamond}
          transform={`translate(${place.xOfTime(milli).toFixed(1)} ${place.y(share).toFixed(1)})`}
          onClick={() => onExemplar(exemplar)}
        >
          <title>{formatMetric(value, 'seconds', locale)}</title>
        </path>
      );
    }),
  );
}

/** A value alone between gaps is a short dash, or it would not be seen. */
function pathOf(values: readonly (number | null)[], { x, yOfValue }: Places): string {
  const heights = values.map(yOfValue);
  return heights
    .map((y, i) => {
      if (y === undefined) return '';
      const isStart = heights[i - 1] === undefined;
      if (isStart && heights[i + 1] === undefined) return `M${(x(i) - 2).toFixed(1)} ${y.toFixed(1)}h4`;
      return `${isStart ? 'M' : 'L'}${x(i).toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
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
