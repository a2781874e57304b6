import type { IncomingMessage, ServerResponse } from 'node:http';

/** Origins that may send from a browser: `*` for all, else exact origins. Empty switches CORS off. */
export type CorsOrigins = readonly string[];

const preflightSecondsMax = 7200;

/**
 * Adds the headers by which a page of another origin may read the answer. Nothing here rests on cookies, so
 * credentials are never allowed and `*` is safe: a page could send the same from its own server.
 *
 * @returns true when the request's origin is allowed
 */
export function allowOrigin(origins: CorsOrigins, request: IncomingMessage, response: ServerResponse): boolean {
  const origin = request.headers.origin;
  if (origin === undefined || origins.length === 0) return false;
  const any = origins.includes('*');
  if (!any) response.setHeader('Vary', 'Origin');
  if (!any && !origins.includes(origin)) return false;
  response.setHeader('Access-Control-Allow-Origin', any ? '*' : origin);
  response.setHeader('Access-Control-Expose-Headers', 'Retry-After');
  return true;
}

/** Answers `OPTIONS`. An origin that is not allowed gets the same empty answer without the headers. */
export function answerPreflight(
  origins: CorsOrigins,
  methods: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (allowOrigin(origins, request, response)) {
    response.setHeader('Access-Control-Allow-Methods', methods);
    const asked = request.headers['access-control-request-headers'];
    if (asked !== undefined) response.setHeader('Access-Control-Allow-Headers', asked);
    response.setHeader('Access-Control-Max-Age', String(preflightSecondsMax));
  }
  response.writeHead(204, { Allow: `${methods}, OPTIONS` }).end();
}
