import { useRef } from 'react';
import { seriesColor, seriesDash } from '../format/service-color.ts';
import { Axes, chartSize, intervalAt, type Places, placesOf, useWidth } from './chart-frame.tsx';
import { type ChartScale, linearScale, logScale } from './chart-scale.ts';
import type { Exemplar, SeriesAnswer } from './metrics-data.ts';
import { formatMetric } from './metric-format.ts';

const { height, left, right, top, bottom } = chartSize;

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
  return (
    <div ref={frame} className="mt-chart">
      <svg width={width} height={height} aria-hidden="true">
        <Axes
          {...{ width, place, scale, locale }}
          format={(value) => formatMetric(value, unit, locale)}
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
          onPointerMove={(event) => onPoint(intervalAt(event, count))}
          onPointerLeave={() => onPoint(undefined)}
          onClick={(event) => onOpen(intervalAt(event, count))}
        />
        <Exemplars {...{ answer, place, scale, onExemplar, locale }} />
      </svg>
    </div>
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
