import { useState } from 'react';
import { axisStepNano } from '../format/duration.ts';
import { linePath } from '../metrics/line-path.ts';

export interface ChartLine {
  readonly label: string;
  /** one value a bucket; `undefined` leaves a gap */
  readonly values: readonly (number | undefined)[];
  readonly look: 'first' | 'second' | 'third' | 'error';
}

const width = 480;
const height = 150;
const left = 58;
const bottom = 20;
const top = 8;

/**
 * Lines over time, as SVG. For the eye and the pointer only: the page has the same numbers in a table.
 *
 * @param props.onOpen  is told the bucket that was clicked
 */
export function TimeChart(props: {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  readonly format: (value: number) => string;
  readonly timeOf: (bucket: number) => string;
  readonly onOpen: (bucket: number) => void;
}) {
  const { title, lines, format, timeOf, onOpen } = props;
  const [pointed, setPointed] = useState<number>();
  const count = lines[0].values.length;
  const most = Math.max(0, ...lines.flatMap(({ values }) => values.map((value) => value ?? 0)));
  const step = most === 0 ? 1 : axisStepNano(most, 4);
  const ceiling = Math.max(step, Math.ceil(most / step) * step);
  const x = (bucket: number): number => left + ((bucket + 0.5) / count) * (width - left);
  const y = (value: number): number => top + (1 - value / ceiling) * (height - top - bottom);
  const bucketAt = (event: { readonly clientX: number; readonly currentTarget: Element }): number => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(count - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * count)));
  };
  return (
    <figure className="sv-chart">
      <figcaption>
        <h3>{title}</h3>
        <Legend lines={lines} bucket={pointed} format={format} time={pointed === undefined ? '' : timeOf(pointed)} />
      </figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
        {Array.from({ length: Math.round(ceiling / step) + 1 }, (_, i) => (
          <g key={i} className="sv-axis">
            <line x1={left} x2={width} y1={y(i * step)} y2={y(i * step)} />
            <text x={left - 6} y={y(i * step) + 4} textAnchor="end">
              {format(i * step)}
            </text>
          </g>
        ))}
        <g className="sv-axis">
          <text x={left} y={height - 4}>
            {timeOf(0)}
          </text>
          <text x={width} y={height - 4} textAnchor="end">
            {timeOf(count)}
          </text>
        </g>
        {lines.map(({ label, values, look }) => (
          <path
            key={label}
            className={`sv-line ${look}`}
            d={linePath(
              values.map((value) => (value === undefined ? undefined : y(value))),
              x,
            )}
          />
        ))}
        {pointed !== undefined && (
          <line className="sv-pointer" x1={x(pointed)} x2={x(pointed)} y1={top} y2={height - bottom} />
        )}
        <rect
          className="sv-reach"
          x={left}
          y={0}
          width={width - left}
          height={height - bottom}
          onPointerMove={(event) => setPointed(bucketAt(event))}
          onPointerLeave={() => setPointed(undefined)}
          onClick={(event) => onOpen(bucketAt(event))}
        />
      </svg>
    </figure>
  );
}

function Legend(props: {
  readonly lines: readonly ChartLine[];
  readonly bucket: number | undefined;
  readonly format: (value: number) => string;
  readonly time: string;
}) {
  const { lines, bucket, format, time } = props;
  return (
    <p className="sv-legend">
      {lines.map(({ label, values, look }) => {
        const value = bucket === undefined ? undefined : values[bucket];
        return (
          <span key={label}>
            <svg viewBox="0 0 18 8" aria-hidden="true">
              <path className={`sv-line ${look}`} d="M0 4H18" />
            </svg>
            {label}
            {bucket !== undefined && ` ${value === undefined ? '–' : format(value)}`}
          </span>
        );
      })}
      <span>{time}</span>
    </p>
  );
}
