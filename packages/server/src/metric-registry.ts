/**
 * The program's own metrics in Prometheus' text form (exposition format 0.0.4), written by hand: a counter is a
 * number in a map, and a scrape is one loop. Metric names carry their unit, counters end in `_total`.
 */
export class MetricRegistry {
  readonly #metrics: Renderable[] = [];

  counter(name: string, help: string, labels: readonly string[] = []): Counter {
    return this.#add(new Counter(name, help, labels));
  }

  histogram(name: string, help: string, bounds: readonly number[], labels: readonly string[] = []): Histogram {
    return this.#add(new Histogram(name, help, bounds, labels));
  }

  /** A value read when scraped. `read` may give one number or several with labels. */
  observed(type: 'gauge' | 'counter', name: string, help: string, read: () => number | readonly LabelledValue[]): void {
    this.#add(new Observed(type, name, help, read));
  }

  /** A histogram kept elsewhere, read when scraped. Milliseconds become seconds, Prometheus' unit. */
  observedDurations(name: string, help: string, read: () => Durations): void {
    this.#add({ render: () => durationsText(name, help, read()) });
  }

  /** Metrics that are written elsewhere, each with its header, read when scraped. */
  text(read: () => string): void {
    this.#add({ render: read });
  }

  render(): string {
    return this.#metrics.map((metric) => metric.render()).join('');
  }

  #add<M extends Renderable>(metric: M): M {
    this.#metrics.push(metric);
    return metric;
  }
}

/** `counts[i]` observations are in (bound i−1, bound i]; the last count is of what is above every bound. */
export interface Durations {
  readonly boundsMilli: readonly number[];
  readonly counts: readonly number[];
  readonly count: number;
  readonly sumMilli: number;
}

export interface LabelledValue {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Renderable {
  render(): string;
}

/** Only ever grows. Label values are given in the order the names were declared. */
export class Counter {
  readonly #name: string;
  readonly #help: string;
  readonly #labels: readonly string[];
  readonly #values = new Map<string, number>();

  constructor(name: string, help: string, labels: readonly string[]) {
    this.#name = name;
    this.#help = help;
    this.#labels = labels;
    if (labels.length === 0) this.#values.set('', 0);
  }

  add(amount: number, ...labelValues: readonly string[]): void {
    const key = labelValues.join(separator);
    this.#values.set(key, (this.#values.get(key) ?? 0) + amount);
  }

  /** The sum over all series, or over those with that value of a label. */
  sumWhere(label?: string, value?: string): number {
    const position = label === undefined ? -1 : this.#labels.indexOf(label);
    let sum = 0;
    for (const [key, count] of this.#values) if (position < 0 || key.split(separator)[position] === value) sum += count;
    return sum;
  }

  value(...labelValues: readonly string[]): number {
    return this.#values.get(labelValues.join(separator)) ?? 0;
  }

  render(): string {
    let text = header(this.#name, this.#help, 'counter');
    for (const [key, value] of this.#values) {
      text += `${this.#name}${braced(labelsOfKey(this.#labels, key))} ${numberText(value)}\n`;
    }
    return text;
  }
}

/** Counts observations at or below each bound. */
export class Histogram {
  readonly #name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #labels: readonly string[];
  readonly #series = new Map<string, { readonly buckets: Float64Array; sum: number; count: number }>();

  /** @param bounds  upper bounds, ascending; +Inf is added */
  constructor(name: string, help: string, bounds: readonly number[], labels: readonly string[]) {
    this.#name = name;
    this.#help = help;
    this.#bounds = bounds;
    this.#labels = labels;
  }

  observe(value: number, ...labelValues: readonly string[]): void {
    const key = labelValues.join(separator);
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { buckets: new Float64Array(this.#bounds.length), sum: 0, count: 0 };
      this.#series.set(key, series);
    }
    const bucket = this.#bounds.findIndex((bound) => value <= bound);
    if (bucket >= 0) series.buckets[bucket]++;
    series.sum += value;
    series.count++;
  }

  render(): string {
    let text = header(this.#name, this.#help, 'histogram');
    for (const [key, { buckets, sum, count }] of this.#series) {
      const labels = labelsOfKey(this.#labels, key);
      let cumulative = 0;
      for (let i = 0; i < buckets.length; i++) {
        cumulative += buckets[i];
        text += `${this.#name}_bucket${braced(joined(labels, `le="${this.#bounds[i]}"`))} ${cumulative}\n`;
      }
      text += `${this.#name}_bucket${braced(joined(labels, 'le="+Inf"'))} ${count}\n`;
      text += `${this.#name}_sum${braced(labels)} ${numberText(sum)}\n${this.#name}_count${braced(labels)} ${count}\n`;
    }
    return text;
  }
}

class Observed implements Renderable {
  readonly #type: string;
  readonly #name: string;
  readonly #help: string;
  readonly #read: () => number | readonly LabelledValue[];

  constructor(type: string, name: string, help: string, read: () => number | readonly LabelledValue[]) {
    this.#type = type;
    this.#name = name;
    this.#help = help;
    this.#read = read;
  }

  render(): string {
    const value = this.#read();
    let text = header(this.#name, this.#help, this.#type);
    if (typeof value === 'number') return `${text}${this.#name} ${numberText(value)}\n`;
    for (const one of value) {
      const labels = labelText(Object.keys(one.labels), Object.values(one.labels));
      text += `${this.#name}${braced(labels)} ${numberText(one.value)}\n`;
    }
    return text;
  }
}

function durationsText(name: string, help: string, { boundsMilli, counts, count, sumMilli }: Durations): string {
  let text = header(name, help, 'histogram');
  let cumulative = 0;
  for (let i = 0; i < boundsMilli.length; i++) {
    cumulative += counts[i];
    text += `${name}_bucket{le="${boundsMilli[i] / 1000}"} ${cumulative}\n`;
  }
  return `${text}${name}_bucket{le="+Inf"} ${count}\n${name}_sum ${numberText(sumMilli / 1000)}\n${name}_count ${count}\n`;
}

export function header(name: string, help: string, type: string): string {
  return `# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}\n# TYPE ${name} ${type}\n`;
}

/** Between the label values of a series' key: adding, which is often, joins them; escaping waits for the scrape. */
const separator = '\u0000';

function labelsOfKey(names: readonly string[], key: string): string {
  return names.length === 0 ? '' : labelText(names, key.split(separator));
}

export function labelText(names: readonly string[], values: readonly string[]): string {
  return names.map((name, i) => `${name}="${escapeLabel(values[i] ?? '')}"`).join(',');
}

function escapeLabel(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}

function joined(labels: string, more: string): string {
  return labels === '' ? more : `${labels},${more}`;
}

function braced(labels: string): string {
  return labels === '' ? '' : `{${labels}}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(value);
}
