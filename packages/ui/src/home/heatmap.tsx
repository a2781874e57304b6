import { useState } from 'react';
import { useLocation } from 'wouter';
import { formatDuration } from '../format/duration.ts';
import { formatCount } from '../format/number.ts';
import { formatTime } from '../format/time.ts';
import { useLanguage } from '../strings/use-strings.tsx';
import type { Overview } from './overview-data.ts';

const cellWidth = 10;
/** Rows are lower where there are many: the picture keeps its shape, and with it its size in the card. */
const picture = { heightMax: 224, cellHeightMin: 5, cellHeightMax: 12 };
const axisWidth = 72;

/** Fewer rows than this would make a strip rather than a picture. */
const shownRowsMin = 16;

/** First and last row to draw, whole decades at the bottom. */
function shownRows(rows: readonly number[]): [low: number, high: number] {
  const low = Math.max(0, Math.min(...rows, 36) - 3);
  return [low, Math.max(Math.max(...rows, 0) + 1, low + shownRowsMin)];
}

/** Root spans by time and duration, darker where there are more; a cell leads to its traces. Drawn as SVG: at most a few hundred cells are filled. */
export function HeatmapCard({ overview }: { readonly overview: Overview }) {
  const { strings: t, locale } = useLanguage();
  const { columnCount, rowsPerDecade, cells } = overview.heatmap;
  const [, navigate] = useLocation();
  const [hovered, setHovered] = useState('');
  const rows = cells.map(([, row]) => row);
  const [low, high] = shownRows(rows);
  const most = Math.max(...cells.map(([, , count]) => count));
  const startNano = BigInt(overview.start);
  const columnNano = Number(BigInt(overview.end) - startNano) / columnCount;
  const width = axisWidth + columnCount * cellWidth;
  const rowCount = high - low + 1;
  const fitting = Math.floor(picture.heightMax / rowCount);
  const cellHeight = Math.min(picture.cellHeightMax, Math.max(picture.cellHeightMin, fitting));
  const height = rowCount * cellHeight;
  const rowNano = (row: number): number => 10 ** (3 + row / rowsPerDecade);
  const milliOf = (column: number): number => Number(startNano / 1_000_000n) + (column * columnNano) / 1e6;
  const labelOf = (column: number, row: number, count: number): string =>
    t.heatmapCell(
      formatCount(Math.round(count), locale),
      formatDuration(rowNano(row + 0.5)),
      formatTime(milliOf(column), locale),
    );
  const open = (column: number, row: number): void => {
    const micro = (nano: number): string => String((startNano + BigInt(Math.round(nano))) / 1000n);
    const from = row === 0 ? '' : `&minDuration=${Math.floor(rowNano(row))}ns`;
    navigate(
      `/search?start=${micro(column * columnNano)}&end=${micro((column + 1) * columnNano)}${from}&maxDuration=${Math.ceil(rowNano(row + 1))}ns`,
    );
  };
  return (
    <section className="sp-card ho-heat">
      <h2>{t.heatmap}</h2>
      <svg viewBox={`0 0 ${width} ${height + 18}`} role="group" aria-label={t.heatmap}>
        <DurationAxis {...{ low, high, rowsPerDecade, width, height, cellHeight }} />
        {cells.map(([column, row, count, errors]) => {
          const label = labelOf(column, row, count);
          return (
            <rect
              key={`${column} ${row}`}
              className={errors > 0 ? 'ho-cell error' : 'ho-cell'}
              x={axisWidth + column * cellWidth}
              y={height - (row - low + 1) * cellHeight}
              width={cellWidth - 1}
              height={cellHeight - 1}
              opacity={0.35 + 0.65 * (Math.log1p(count) / Math.log1p(most))}
              aria-hidden="true"
              onClick={() => open(column, row)}
              onPointerEnter={() => setHovered(label)}
              onPointerLeave={() => setHovered('')}
            />
          );
        })}
        <g className="ho-axis">
          <text x={axisWidth} y={height + 14}>
            {formatTime(milliOf(0), locale)}
          </text>
          <text x={width} y={height + 14} textAnchor="end">
            {formatTime(milliOf(columnCount), locale)}
          </text>
        </g>
      </svg>
      <p className="sp-soft">{hovered === '' ? t.heatmapHint : hovered}</p>
    </section>
  );
}

/** `10 ms`, `1000 s`: a decade in one unit, which is short. */
function decadeText(nano: number): string {
  return nano >= 60e9 ? `${Math.round(nano / 1e9)} s` : formatDuration(nano).replace(/\.\d+/, '');
}

/** A line and a label for each decade. */
function DurationAxis(props: {
  readonly low: number;
  readonly high: number;
  readonly rowsPerDecade: number;
  readonly width: number;
  readonly height: number;
  readonly cellHeight: number;
}) {
  const { low, high, rowsPerDecade, width, height, cellHeight } = props;
  const decades = Array.from({ length: high - low + 1 }, (_, index) => low + index).filter(
    (row) => row % rowsPerDecade === 0,
  );
  return decades.map((row) => {
    const y = height - (row - low) * cellHeight;
    return (
      <g key={row} className="ho-axis">
        <text x={axisWidth - 6} y={y + 4} textAnchor="end">
          {decadeText(10 ** (3 + row / rowsPerDecade))}
        </text>
        <line x1={axisWidth} x2={width} y1={y} y2={y} />
      </g>
    );
  });
}
