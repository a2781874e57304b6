/** One line of Prometheus' text format. */
export interface TextSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface TextFamily {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly TextSample[];
}

/**
 * Reads Prometheus' text format 0.0.4, strictly: a family is one block with HELP and TYPE first, no series comes twice, a
 * histogram's buckets ascend, end in `+Inf`, and agree with its count.
 * @throws with the line that is wrong
 */
export function parsePrometheusText(text: string): ReadonlyMap<string, TextFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, { type: string; help: string; samples: TextSample[] }>();
  const seen = new Set<string>();
  let current = '';
  let help: string | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const helpLine = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line);
    const typeLine = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)$/.exec(line);
    if (helpLine !== null) {
      [, current, help] = helpLine as unknown as [string, string, string];
      if (families.has(current)) throw new Error(`a second block: ${line}`);
    } else if (typeLine !== null) {
      if (typeLine[1] !== current || help === undefined) throw new Error(`TYPE without HELP: ${line}`);
      families.set(current, { type: typeLine[2], help, samples: [] });
      help = undefined;
    } else {
      const sample = parseSample(line);
      const key = `${sample.name}${JSON.stringify(Object.entries(sample.labels).sort(([a], [b]) => (a < b ? -1 : 1)))}`;
      if (seen.has(key)) throw new Error(`twice: ${line}`);
      seen.add(key);
      const family = families.get(current);
      const suffixes = family?.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
      if (!suffixes.some((suffix) => sample.name === current + suffix)) throw new Error(`not of ${current}: ${line}`);
      family!.samples.push(sample);
    }
  }
  for (const [name, family] of families) if (family.type === 'histogram') checkHistogram(name, family.samples);
  return families;
}

function parseSample(line: string): TextSample {
  const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
  if (match === null) throw new Error(`not a sample: ${line}`);
  const labels: Record<string, string> = {};
  let rest = match[2] ?? '';
  while (rest !== '') {
    const pair = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(?:,(?=.)|$)/.exec(rest);
    if (pair === null) throw new Error(`labels: ${line}`);
    labels[pair[1]] = pair[2].replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
    rest = rest.slice(pair[0].length);
  }
  const value = match[3] === '+Inf' ? Infinity : Number(match[3]);
  if (Number.isNaN(value) && match[3] !== 'NaN') throw new Error(`value: ${line}`);
  return { name: match[1], labels, value };
}

function checkHistogram(name: string, samples: readonly TextSample[]): void {
  const series = new Map<string, TextSample[]>();
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels;
    const key = JSON.stringify(labels);
    series.set(key, [...(series.get(key) ?? []), sample]);
  }
  for (const [key, members] of series) {
    const buckets = members.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => (labels['le'] === '+Inf' ? Infinity : Number(labels['le'])));
    const count = members.find((sample) => sample.name === `${name}_count`);
    const ascends = (values: readonly number[], isStrict: boolean) =>
      values.every((value, i) => i === 0 || value > values[i - 1] || (!isStrict && value === values[i - 1]));
    const isGood =
      ascends(bounds, true) &&
      ascends(
        buckets.map(({ value }) => value),
        false,
      ) &&
      bounds.at(-1) === Infinity &&
      buckets.at(-1)!.value === count?.value &&
      members.some((sample) => sample.name === `${name}_sum`);
    if (!isGood) throw new Error(`histogram ${name} ${key}`);
  }
}
