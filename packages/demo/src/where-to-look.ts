import { slowMilli } from './user-load.ts';

interface Sight {
  readonly what: string;
  readonly path: '/search' | '/dependencies';
  readonly parameters: Readonly<Record<string, string>>;
}

const sights: readonly Sight[] = [
  { what: 'the newest traces', path: '/search', parameters: { service: 'frontend' } },
  { what: 'what fails', path: '/search', parameters: { service: 'auth-service', tags: '{"error":"true"}' } },
  { what: 'what is slow', path: '/search', parameters: { service: 'frontend', minDuration: `${slowMilli}ms` } },
  { what: 'what one user did', path: '/search', parameters: { tags: '{"user_id":"acme-01"}' } },
  { what: 'who calls whom', path: '/dependencies', parameters: {} },
];

/**
 * Addresses of what the demo has to show.
 *
 * @param hasPage  without a page there, the addresses are those of the API
 */
export function whereToLook(base: string, hasPage: boolean): string {
  const lines = sights.map(({ what, path, parameters }) => {
    const query = new URLSearchParams(parameters);
    if (!hasPage && path === '/search') query.set('limit', '5');
    if (!hasPage) query.set('prettyPrint', 'true');
    const place = hasPage ? path : path === '/search' ? '/api/traces' : '/api/dependencies';
    const search = query.toString();
    return `    ${what.padEnd(20)}${base}${place}${search === '' ? '' : `?${search}`}`;
  });
  return `  Look at\n\n${lines.join('\n')}\n`;
}
