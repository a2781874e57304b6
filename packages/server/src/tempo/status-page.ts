import type { Config } from '../config.ts';

export interface TempoFacts {
  readonly version: string;
  readonly config: Config;
}

/**
 * Whose answers these are. Grafana compares the version with those of Tempo's releases to know what it may ask for, and
 * would ask Spoor's own for nothing that is newer than 2022.
 */
const tempoVersion = '3.0.3';

export function buildInfo({ version }: TempoFacts): object {
  return {
    version: tempoVersion,
    revision: `spoor-${version}`,
    branch: 'main',
    buildUser: 'spoor',
    buildDate: '',
    goVersion: '',
  };
}

export const tempoPaths: readonly string[] = Object.freeze([
  '/api/echo',
  '/api/metrics/query',
  '/api/metrics/query_range',
  '/api/search',
  '/api/search/tag/{tagName}/values',
  '/api/search/tags',
  '/api/status/buildinfo',
  '/api/traces/{traceID}',
  '/api/v2/search/tag/{tagName}/values',
  '/api/v2/search/tags',
  '/api/v2/traces/diff',
  '/api/v2/traces/{traceID}',
]);

const machinePaths = ['/metrics', '/ready', '/status', '/status/config', '/status/endpoints', '/status/services'];

const sections: Readonly<Record<string, (facts: TempoFacts, isReady: boolean) => string>> = {
  version: ({ version }) => `spoor, version ${version}\n  answers as: tempo ${tempoVersion}\n`,
  services: (_facts, isReady) => {
    const state = isReady ? 'Running' : 'Stopping';
    return ['store', 'query', 'server'].map((name) => `${name.padEnd(10)}${state}\n`).join('');
  },
  endpoints: ({ config: { tempoApiPrefix } }) => {
    const paths = [...tempoPaths.map((path) => tempoApiPrefix + path), ...machinePaths, '/status/version'];
    return paths.map((path) => `${path}\n`).join('');
  },
  config: ({ config }) => `${withoutPasswords(JSON.stringify(config, undefined, 2))}\n`,
};

/** What stands between `//` and `@` of a URL. */
function withoutPasswords(text: string): string {
  return text.replaceAll(/\/\/[^/@\s"]+@/g, '//***@');
}

/** Text for people at `/status` (all of it) and `/status/{section}`; `undefined` where there is none. */
export function statusText(section: string | undefined, facts: TempoFacts, isReady: boolean): string | undefined {
  if (section === undefined) {
    return Object.entries(sections)
      .map(([name, text]) => `${name}\n${'-'.repeat(name.length)}\n${text(facts, isReady)}\n`)
      .join('');
  }
  return Object.hasOwn(sections, section) ? sections[section](facts, isReady) : undefined;
}
