import type { Labels, PromSeries, PromValue } from './prom-value.ts';
import type { EvaluationSteps } from './evaluate-promql.ts';

/** The `data` of an instant question's answer. */
export function instantData(value: PromValue, { start }: EvaluationSteps): string {
  const time = secondsText(start);
  if (value.kind === 'scalar') return `{"resultType":"scalar","result":[${time},${numberJson(value.values[0])}]}`;
  const result = value.series
    .filter(({ isPresent }) => isPresent[0] === 1)
    .map(({ labels, values }) => `{"metric":${labelsJson(labels)},"value":[${time},${numberJson(values[0])}]}`);
  return `{"resultType":"vector","result":[${result.join(',')}]}`;
}

/** The `data` of a range's answer. A scalar is a series without labels. */
export function rangeData(value: PromValue, steps: EvaluationSteps): string {
  const times = Array.from({ length: steps.count }, (_, i) => secondsText(steps.start + BigInt(i) * steps.stepNano));
  const series: readonly Pick<PromSeries, 'labels' | 'values' | 'isPresent'>[] =
    value.kind === 'vector'
      ? value.series
      : [{ labels: new Map(), values: value.values, isPresent: new Uint8Array(steps.count).fill(1) }];
  const result = series.flatMap(({ labels, values, isPresent }) => {
    const points: string[] = [];
    for (let i = 0; i < values.length; i++)
      if (isPresent[i] === 1) points.push(`[${times[i]},${numberJson(values[i])}]`);
    return points.length === 0 ? [] : [`{"metric":${labelsJson(labels)},"values":[${points.join(',')}]}`];
  });
  return `{"resultType":"matrix","result":[${result.join(',')}]}`;
}

export function labelsJson(labels: Labels): string {
  return JSON.stringify(Object.fromEntries([...labels].sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** Seconds with milliseconds, where there are any. */
function secondsText(nano: bigint): string {
  return String(Number(nano / 1_000_000n) / 1000);
}

function numberJson(value: number): string {
  return `"${numberText(value)}"`;
}

/** A number as Go's `strconv.FormatFloat(value, 'f', -1, 64)` writes it: all digits, never an exponent. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const text = Object.is(value, -0) ? '-0' : String(value);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (match === null) return text;
  const [, sign, whole, fraction = '', exponent] = match;
  const digits = whole + fraction;
  const point = 1 + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0')}`;
}
