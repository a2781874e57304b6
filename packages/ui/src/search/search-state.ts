/** What a search address says. Times are microseconds since the epoch; `lookback` like `1h`, empty for everything stored. */
export interface SearchState {
  readonly q: string;
  readonly service: string;
  readonly operation: string;
  readonly status: '' | 'error' | 'ok';
  readonly minDuration: string;
  readonly maxDuration: string;
  readonly lookback: string;
  readonly start: string;
  readonly end: string;
  readonly order: 'newest' | 'longest';
  /** of a metrics query's chart, like `30s`; empty for one that suits the range */
  readonly step: string;
  readonly scale: 'linear' | 'log';
  readonly traceIds: readonly string[];
}

export const lookbacks = ['5m', '15m', '1h', '6h', '1d', '7d'] as const;

/**
 * Reads our own addresses and all of Jaeger's: `tags={json}`, repeated `tag=k:v`, `lookback` alone, beside or instead of
 * `start` and `end` (Jaeger sends all three, and `lookback=custom` for a fixed range), repeated `traceID`.
 */
export function searchStateOf(url: URLSearchParams): SearchState {
  const text = (name: string): string => (url.get(name) ?? '').trim();
  const status = text('status');
  const lookback = text('lookback');
  const isRelative = /^\d+[smhd]$/.test(lookback);
  return {
    q: [text('q'), ...jaegerTags(url)].filter((part) => part !== '').join(' '),
    service: text('service'),
    operation: text('operation') === 'all' ? '' : text('operation'),
    status: status === 'error' || status === 'ok' ? status : '',
    minDuration: text('minDuration'),
    maxDuration: text('maxDuration'),
    lookback: isRelative ? lookback : '',
    start: isRelative ? '' : text('start'),
    end: isRelative ? '' : text('end'),
    order: text('order') === 'longest' ? 'longest' : 'newest',
    step: text('step'),
    scale: text('scale') === 'log' ? 'log' : 'linear',
    traceIds: url.getAll('traceID'),
  };
}

/** Jaeger's tags in the words of the query box. */
function jaegerTags(url: URLSearchParams): string[] {
  const pairs: [string, string][] = [];
  for (const tag of url.getAll('tag')) {
    const colon = tag.indexOf(':');
    if (colon > 0) pairs.push([tag.slice(0, colon), tag.slice(colon + 1)]);
  }
  for (const tags of url.getAll('tags')) pairs.push(...jsonPairs(tags));
  return pairs.map(([key, value]) => {
    const comparison = /^(>=|<=|!=|=~|!~|>|<|==)(.*)$/s.exec(value);
    return comparison === null ? `${key}=${quoted(value)}` : `${key}${comparison[1]}${quoted(comparison[2].trim())}`;
  });
}

/** `{"k":"v"}`, or logfmt (`k=v k2="a b"`), which Jaeger's form takes and older links carry. */
function jsonPairs(text: string): [string, string][] {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return [];
    return Object.entries(parsed).map(([key, value]) => [key, String(value)]);
  } catch {
    return [...text.matchAll(/([^\s=]+)=("[^"]*"|\S+)/g)].map(([, key, value]) => [key, value.replaceAll('"', '')]);
  }
}

function quoted(value: string): string {
  return /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value);
}

/** The address of a state, without what is empty or usual. */
export function searchParametersOf(state: Partial<SearchState>): URLSearchParams {
  const url = new URLSearchParams();
  for (const name of [
    'q',
    'service',
    'operation',
    'status',
    'minDuration',
    'maxDuration',
    'lookback',
    'start',
    'end',
    'step',
  ] as const) {
    const value = state[name];
    if (value !== undefined && value !== '') url.set(name, value);
  }
  if (state.order === 'longest') url.set('order', 'longest');
  if (state.scale === 'log') url.set('scale', 'log');
  for (const id of state.traceIds ?? []) url.append('traceID', id);
  return url;
}

const unitMilli: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3600e3, d: 86_400e3 };

/** The parameters of `api/spoor/search`: relative time made absolute. */
export function apiParametersOf(state: SearchState, nowMilli: number): URLSearchParams {
  const url = searchParametersOf({ ...state, lookback: '' });
  const relative = /^(\d+)([smhd])$/.exec(state.lookback);
  if (relative !== null)
    url.set('start', String(Math.round((nowMilli - Number(relative[1]) * unitMilli[relative[2]]) * 1000)));
  return url;
}
