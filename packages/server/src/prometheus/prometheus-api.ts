import type { IncomingMessage, ServerResponse } from 'node:http';
import { codeOf } from '@spoor/model';
import { labelNameOf, type LabelMatcher, type TraceStore } from '@spoor/query';
import type { Authorize } from '../authorize.ts';
import { ByteBudget } from '../byte-budget.ts';
import { publicMessage, statusOf } from '../error-status.ts';
import { clientGone, reply, replyCompressed } from '../http-reply.ts';
import { RequestAborted } from '../request-body.ts';
import { wholeBody } from '../whole-body.ts';
import { type EvaluationSteps, familiesOf, PromEvaluation, readFamily } from './evaluate-promql.ts';
import { boundText, metricFamilies, type MetricFamily } from './metric-family.ts';
import { parsePromql, parseSelector } from './parse-promql.ts';
import { PromError, promErrorStatus, type PromErrorType } from './prom-error.ts';
import { instantData, labelsJson, rangeData } from './prom-json.ts';
import { promStep, promTime, stepsMax } from './prom-time.ts';
import type { Selector } from './promql-tree.ts';

export interface PrometheusApiOptions {
  readonly traces: TraceStore;
  readonly authorize: Authorize;
  /** told of every failure that is the server's, not of bad questions */
  readonly onError: (path: string, error: unknown) => void;
  readonly now?: () => number;
}

/** Forms that are posted: longer than any query, and small. */
const formsBytesMax = 16 * 1024 * 1024;

/**
 * As much of Prometheus' HTTP API as Grafana asks for service graphs and tables of span metrics, over metrics worked out from
 * the stored spans when they are asked for: nothing is scraped, any time that is stored can be asked about.
 * Source: Prometheus, "HTTP API"; what Grafana sends, `docs/metrics.md`.
 */
export class PrometheusApi {
  readonly #options: PrometheusApiOptions;
  readonly #bodyBytes = new ByteBudget(formsBytesMax);

  constructor(options: PrometheusApiOptions) {
    this.#options = options;
  }

  /** Where the address is one of this API, with `/prometheus` in front or without, the path below it. */
  static pathOf(path: string): string | undefined {
    const below = path.startsWith('/prometheus/') ? path.slice('/prometheus'.length) : path;
    if (below.startsWith('/api/v1/') || below === '/-/healthy' || below === '/-/ready') return below;
    return undefined;
  }

  /** Answers a request to a port without base path. @returns false when the address is not of this API */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const [rawPath, ...query] = (request.url ?? '/').split('?');
    const path = PrometheusApi.pathOf(rawPath);
    if (path === undefined) return false;
    void this.handle(request, response, path, new URLSearchParams(query.join('?')));
    return true;
  }

  /** @param path  what {@link pathOf} gave */
  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    parameters: URLSearchParams,
  ): Promise<void> {
    if (path.startsWith('/-/')) {
      const what = path === '/-/ready' ? 'Ready' : 'Healthy';
      return reply(request, response, 200, 'text/plain; charset=utf-8', `Prometheus Server is ${what}.\n`);
    }
    try {
      const tenant = this.#options.authorize({
        protocol: 'http',
        path,
        headers: request.headers,
        remoteAddress: request.socket.remoteAddress,
      });
      const asked = await this.#asked(request, parameters);
      const ask: PromAsk = { tenant, parameters: asked, signal: clientGone(response) };
      const { data, warnings } = await this.#route(path.slice('/api/v1/'.length), ask);
      const notes = warnings === undefined || warnings.length === 0 ? '' : `,"warnings":${JSON.stringify(warnings)}`;
      const body = Buffer.from(`{"status":"success","data":${data}${notes}}`);
      replyCompressed(request, response, 200, 'application/json', body);
    } catch (error) {
      this.#fail(request, response, path, error);
    }
  }

  async #asked(request: IncomingMessage, parameters: URLSearchParams): Promise<URLSearchParams> {
    if (request.method === 'GET' || request.method === 'HEAD') return parameters;
    if (request.method !== 'POST') throw new PromError('bad_data', `method ${request.method} is not allowed here`);
    using hold = this.#bodyBytes.open();
    const form = new URLSearchParams(Buffer.from(await wholeBody(request, hold)).toString());
    for (const [name, value] of parameters) if (!form.has(name)) form.append(name, value);
    return form;
  }

  #route(path: string, ask: PromAsk): Promise<PromAnswer> {
    switch (path) {
      case 'query':
        return this.#query(ask);
      case 'query_range':
        return this.#queryRange(ask);
      case 'series':
        return this.#series(ask);
      case 'labels':
        return this.#labels(ask);
      case 'metadata':
        return Promise.resolve({ data: metadataJson(ask.parameters) });
      case 'status/buildinfo':
        return Promise.resolve({ data: JSON.stringify(buildInfo) });
      case 'query_exemplars':
        return Promise.resolve({ data: '[]' });
      case 'rules':
        return Promise.resolve({ data: '{"groups":[]}' });
      case 'alerts':
        return Promise.resolve({ data: '{"alerts":[]}' });
      default: {
        const label = /^label\/([^/]+)\/values$/.exec(path)?.[1];
        if (label !== undefined) return this.#labelValues(ask, decodeURIComponent(label));
        throw new PromError('not_found', `there is no /api/v1/${path} here`);
      }
    }
  }

  async #query(ask: PromAsk): Promise<PromAnswer> {
    const time = ask.parameters.get('time');
    const start = time ? promTime('time', time) : this.#now();
    const steps: EvaluationSteps = { start, stepNano: 1_000_000n, count: 1 };
    const { value, warnings } = await this.#evaluate(ask, steps);
    return { data: instantData(value, steps), warnings };
  }

  async #queryRange(ask: PromAsk): Promise<PromAnswer> {
    const start = promTime('start', required(ask.parameters, 'start'));
    const end = promTime('end', required(ask.parameters, 'end'));
    const stepNano = promStep('step', required(ask.parameters, 'step'));
    if (end < start)
      throw new PromError('bad_data', 'invalid parameter "end": end timestamp must not be before start time');
    const count = (end - start) / stepNano + 1n;
    if (count > stepsMax) {
      throw new PromError(
        'bad_data',
        'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
      );
    }
    const steps: EvaluationSteps = { start, stepNano, count: Number(count) };
    const { value, warnings } = await this.#evaluate(ask, steps);
    return { data: rangeData(value, steps), warnings };
  }

  async #evaluate({ tenant, parameters, signal }: PromAsk, steps: EvaluationSteps) {
    const { traces } = this.#options;
    let expression;
    try {
      expression = parsePromql(parameters.get('query') ?? '');
    } catch (error) {
      if (!(error instanceof PromError)) throw error;
      throw new PromError(error.type, `invalid parameter "query": ${error.message}`);
    }
    const evaluation = new PromEvaluation({ traces, tenant, steps, signal });
    const value = await evaluation.evaluate(expression);
    return { value, warnings: [...evaluation.warnings] };
  }

  async #series(ask: PromAsk): Promise<PromAnswer> {
    const selectors = matchParameters(ask.parameters);
    if (selectors.length === 0) throw new PromError('bad_data', 'no match[] parameter provided');
    const warnings: string[] = [];
    const found = new Map<string, string>();
    for (const selector of selectors) {
      for (const family of familiesOf(selector)) {
        const { series, incomplete } = await this.#read(ask, family, selector.matchers);
        if (incomplete !== undefined) warnings.push(`${family.name}: ${incomplete}`);
        for (const { labels } of series) {
          const text = labelsJson(new Map([['__name__', family.name], ...labels]));
          found.set(text, text);
        }
      }
    }
    return { data: `[${cut([...found.values()].sort(), ask.parameters, warnings).join(',')}]`, warnings };
  }

  /** The labels that series have, and the attributes that can be asked for as if they were. */
  async #labels(ask: PromAsk): Promise<PromAnswer> {
    const families = this.#families(ask.parameters);
    const names = new Set(families.length === 0 ? [] : ['__name__']);
    for (const { labels, part } of families) {
      for (const label of labels) names.add(label);
      if (part === 'bucket') names.add('le');
    }
    if (families.some(({ kind }) => kind === 'span')) {
      const { start, end } = this.#range(ask.parameters);
      const attributes = await this.#options.traces.attributeNames(ask.tenant, { start, end }, ask.signal);
      for (const { scope, name } of attributes)
        if (scope === 'span' || scope === 'resource') names.add(labelNameOf(name));
      // An attribute may have no name at all; a label may not, and clients refuse the whole answer for it.
      names.delete('');
    }
    const warnings: string[] = [];
    return { data: JSON.stringify(cut([...names].sort(), ask.parameters, warnings)), warnings };
  }

  async #labelValues(ask: PromAsk, label: string): Promise<PromAnswer> {
    const values = new Set<string>();
    const warnings: string[] = [];
    const selectors = matchParameters(ask.parameters);
    const asked = selectors.length === 0 ? [{ matchers: [], at: 0 }] : selectors;
    for (const selector of asked) {
      const families = familiesOf(selector).filter((family) => selectors.length > 0 || mayHave(family, label));
      if (label === '__name__' || label === 'le') {
        for (const { name, bounds, part } of families) {
          if (label === '__name__') values.add(name);
          else if (part === 'bucket') for (const bound of [...bounds, Infinity]) values.add(boundText(bound));
        }
        continue;
      }
      for (const family of oneOfEach(families)) {
        const { series, incomplete } = await this.#read(ask, family, selector.matchers, label);
        if (incomplete !== undefined) warnings.push(`${family.name}: ${incomplete}`);
        for (const { labels } of series) if (labels.get(label)) values.add(labels.get(label)!);
      }
    }
    return { data: JSON.stringify(cut([...values].sort(), ask.parameters, warnings)), warnings };
  }

  /** Series with spans in the asked time, which everything is when nothing is asked. */
  #read(
    { tenant, parameters, signal }: PromAsk,
    family: MetricFamily,
    matchers: readonly LabelMatcher[],
    label?: string,
  ) {
    const { start, end } = this.#range(parameters);
    const lengthNano = start === undefined ? undefined : end - start + 1n;
    if (lengthNano !== undefined && lengthNano <= 0n) {
      throw new PromError('bad_data', 'invalid parameter "end": end timestamp must not be before start time');
    }
    const windows = { end, stepNano: 1n, count: 1, lengthNano };
    const grouping = label === undefined ? undefined : { labels: [label], isWithout: false };
    return readFamily({ traces: this.#options.traces, tenant, signal }, family, matchers, windows, grouping);
  }

  #range(parameters: URLSearchParams) {
    const [start, end] = [parameters.get('start'), parameters.get('end')];
    return { start: start ? promTime('start', start) : undefined, end: end ? promTime('end', end) : this.#now() };
  }

  #families(parameters: URLSearchParams): readonly MetricFamily[] {
    const selectors = matchParameters(parameters);
    return selectors.length === 0 ? metricFamilies : [...new Set(selectors.flatMap(familiesOf))];
  }

  #now() {
    return promTime('time', String((this.#options.now ?? Date.now)() / 1000));
  }

  #fail(request: IncomingMessage, response: ServerResponse, path: string, error: unknown): void {
    if (error instanceof RequestAborted || (codeOf(error) === 'QUERY_CANCELLED' && response.destroyed)) return;
    const { type, message, status, retry } = errorAnswer(error);
    if (status >= 500 && type === 'internal') this.#options.onError(path, error);
    const body = JSON.stringify({ status: 'error', errorType: type, error: message });
    reply(
      request,
      response,
      status,
      'application/json',
      body,
      retry === undefined ? {} : { 'Retry-After': `${retry}` },
    );
  }
}

interface PromAsk {
  readonly tenant: string;
  readonly parameters: URLSearchParams;
  readonly signal: AbortSignal;
}

interface PromAnswer {
  /** as JSON */
  readonly data: string;
  readonly warnings?: readonly string[];
}

/**
 * What Grafana decides by which of its questions are understood. The version is that of the API that is answered, not of
 * a program.
 */
const buildInfo = { version: '2.55.0', revision: 'spoor', branch: '', buildUser: '', buildDate: '', goVersion: '' };

function required(parameters: URLSearchParams, name: string): string {
  const text = parameters.get(name);
  if (!text) throw new PromError('bad_data', `invalid parameter "${name}": cannot parse "" to a valid timestamp`);
  return text;
}

function matchParameters(parameters: URLSearchParams): readonly Selector[] {
  return [...parameters.getAll('match[]'), ...parameters.getAll('match')].map((text) => {
    try {
      return parseSelector(text);
    } catch (error) {
      throw error instanceof PromError
        ? new PromError('bad_data', `invalid parameter "match[]": ${error.message}`)
        : error;
    }
  });
}

function mayHave({ kind, labels }: MetricFamily, label: string): boolean {
  if (label === '__name__' || label === 'le') return true;
  return labels.includes(label) || (kind === 'span' ? true : /^(client|server)_/.test(label));
}

/** Metrics of the same spans have the same values of labels. */
function oneOfEach(families: readonly MetricFamily[]): readonly MetricFamily[] {
  const first = new Map<string, MetricFamily>();
  for (const family of families) {
    const key = family.kind === 'span' ? 'span' : family.measure;
    if (!first.has(key)) first.set(key, family);
  }
  return [...first.values()];
}

function cut<T>(values: readonly T[], parameters: URLSearchParams, warnings: string[]): readonly T[] {
  const limit = Number(parameters.get('limit') ?? 0);
  if (!(limit > 0) || values.length <= limit) return values;
  warnings.push('results truncated due to limit');
  return values.slice(0, limit);
}

function metadataJson(parameters: URLSearchParams): string {
  const asked = parameters.get('metric');
  const found = metricFamilies.filter(({ name, base }) => !asked || asked === name || asked === base);
  const entries = found.map(({ base, part, help }) => [
    base,
    [{ type: part === undefined ? 'counter' : 'histogram', help, unit: '' }],
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}

function errorAnswer(error: unknown): {
  readonly type: PromErrorType;
  readonly message: string;
  readonly status: number;
  readonly retry?: number | undefined;
} {
  if (error instanceof PromError)
    return { type: error.type, message: error.message, status: promErrorStatus[error.type] };
  const { http, retryAfterSeconds: retry } = statusOf(error);
  const code = codeOf(error);
  const type =
    code === 'QUERY_LIMIT'
      ? 'execution'
      : code === 'QUERY_CANCELLED'
        ? 'canceled'
        : http < 500
          ? 'bad_data'
          : http === 503
            ? 'unavailable'
            : 'internal';
  return { type, message: publicMessage(error), status: promErrorStatus[type], retry };
}
