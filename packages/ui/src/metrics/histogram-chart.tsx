import { useMemo } from 'react';
import { formatDuration } from '../format/duration.ts';
import { bucketRows } from './bucket-rows.ts';
import { ChartFrame } from './chart-frame.tsx';
import type { ChartScale } from './chart-scale.ts';
import type { SeriesAnswer } from './metrics-data.ts';

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
  const rows = useMemo(() => bucketRows(answer.series), [answer.series]);
  const most = rows.reduce(
    (sum, { values }) => values.reduce<number>((top, value) => Math.max(top, value ?? 0), sum),
    1,
  );
  return (
    <ChartFrame
      {...{ answer, locale, onPoint, onOpen }}
      scale={bucketScale(rows.map(({ upper }) => upper))}
      format={(upper) => formatDuration(upper * 1e9).replace(/\.\d+/, '')}
      marks={(place) =>
        rows.map(({ upper, values }, row) => {
          const top = place.y((row + 1) / rows.length);
          const cellHeight = place.y(row / rows.length) - top;
          return values.map(
            (value, i) =>
              (value ?? 0) > 0 && (
                <rect
                  key={`${upper} ${i}`}
                  className="ho-cell"
                  x={place.x(i) - place.intervalWidth / 2}
                  y={top}
                  width={Math.max(0.5, place.intervalWidth - 1)}
                  height={Math.max(0.5, cellHeight - 1)}
                  opacity={0.25 + 0.75 * (Math.log1p(value ?? 0) / Math.log1p(most))}
                />
              ),
          );
        })
      }
    />
  );
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
