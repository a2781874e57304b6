import { seriesColor, seriesDash } from '../format/service-color.ts';
import { ChartFrame, type Places } from './chart-frame.tsx';
import { type ChartScale, linearScale, logScale } from './chart-scale.ts';
import { linePath } from './line-path.ts';
import type { Exemplar, SeriesAnswer } from './metrics-data.ts';
import { formatMetric } from './metric-format.ts';

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
  const { series, unit } = answer;
  const values = series.flatMap((each) => each.values.filter((value) => value !== null));
  const examples = unit === 'seconds' ? series.flatMap(({ exemplars }) => exemplars.map(({ value }) => value)) : [];
  const scale = (props.scale === 'log' ? logScale : linearScale)([...values, ...examples]);
  return (
    <ChartFrame
      {...{ answer, scale, locale, onPoint, onOpen }}
      format={(value) => formatMetric(value, unit, locale)}
      marks={(place) => (
        <>
          {series.map((each, i) => (
            <path
              key={i}
              className={`mt-line${marked === undefined ? '' : marked === i ? ' marked' : ' faint'}`}
              style={{ stroke: seriesColor(i) }}
              strokeDasharray={seriesDash(i)}
              d={linePath(each.values.map(place.yOfValue), place.x)}
            />
          ))}
          {pointed !== undefined && (
            <line className="sv-pointer" x1={place.x(pointed)} x2={place.x(pointed)} y1={place.y(1)} y2={place.y(0)} />
          )}
        </>
      )}
      above={(place) => <Exemplars {...{ answer, place, scale, onExemplar, locale }} />}
    />
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
