import { useMemo, useRef } from 'react';
import { formatDuration } from '../format/duration.ts';
import { Axes, chartSize, intervalAt, placesOf, useWidth } from './chart-frame.tsx';
import type { ChartScale } from './chart-scale.ts';
import type { Series, SeriesAnswer } from './metrics-data.ts';

const { height, left, right, bottom } = chartSize;
const bucketLabel = '__bucket';

/** True for what `histogram_over_time` gives without `by`: each series is a bucket. */
export function isHistogram({ series }: SeriesAnswer): boolean {
  return series.length > 1 && series.every(({ labels }) => labels.length === 1 && labels[0].name === bucketLabel);
}

/** Buckets over time, stronger where there are more spans. For the eye and the pointer: the table has the numbers. */
export function HistogramChart(props: {
  readonly answer: SeriesAnswer;
  readonly locale: string;
  readonly onPoint: (interval: number | undefined) => void;
  readonly onOpen: (interval: number) => void;
}) {
  const { answer, locale, onPoint, onOpen } = props;
  const { startMilli, stepMilli, endMilli } = answer;
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const rows = useMemo(() => bucketRows(answer.series), [answer.series]);
  const count = answer.series[0].values.length;
  const scale = bucketScale(rows.map(({ upper }) => upper));
  const place = placesOf(width, count, answer, scale);
  const most = rows.reduce(
    (sum, { values }) => values.reduce<number>((top, value) => Math.max(top, value ?? 0), sum),
    1,
  );
  const cellWidth = Math.max(1, (width - left - right) / count);
  const cellHeight = place.y(0) - place.y(1 / rows.length);
  return (
    <div ref={frame} className="mt-chart">
      <svg width={width} height={height} aria-hidden="true">
        <Axes
          {...{ width, place, scale, locale, endMilli }}
          startMilli={startMilli - stepMilli}
          format={(upper) => formatDuration(upper * 1e9).replace(/\.\d+/, '')}
        />
        {rows.map(({ upper, values }, row) =>
          values.map(
            (value, i) =>
              (value ?? 0) > 0 && (
                <rect
                  key={`${upper} ${i}`}
                  className="ho-cell"
                  x={place.x(i) - cellWidth / 2}
                  y={place.y((row + 1) / rows.length)}
                  width={Math.max(0.5, cellWidth - 1)}
                  height={cellHeight - 1}
                  opacity={0.25 + 0.75 * (Math.log1p(value ?? 0) / Math.log1p(most))}
                />
              ),
          ),
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
      </svg>
    </div>
  );
}

interface BucketRow {
  /** its upper bound */
  readonly upper: number;
  readonly values: Series['values'];
}

/** Every power of two from the lowest bucket to the highest, those without spans too, or the picture would have no scale. */
function bucketRows(series: readonly Series[]): readonly BucketRow[] {
  const known = new Map(series.map(({ labels, values }) => [exponentOf(Number(labels[0].text)), { labels, values }]));
  const exponents = [...known.keys()];
  const low = Math.min(...exponents);
  const high = Math.max(...exponents);
  const nothing = series[0].values.map(() => null);
  return Array.from({ length: high - low + 1 }, (_, i) => {
    const bucket = known.get(low + i);
    const reference = Number(known.get(low)!.labels[0].text);
    return { upper: reference * 2 ** i, values: bucket?.values ?? nothing };
  });
}

function exponentOf(upper: number): number {
  return Math.round(Math.log2(upper));
}

/** Rows of one height; the axis names upper bounds, not more than fit. */
function bucketScale(uppers: readonly number[]): ChartScale {
  const stride = Math.max(1, Math.ceil(uppers.length / 8));
  const ticks = uppers.filter((_, row) => row % stride === stride - 1);
  return {
    ticks,
    heightOf: (value) => (value === null ? undefined : (uppers.indexOf(value) + 1) / uppers.length),
  };
}
