import type { RequestListener } from 'node:http';
import { reply } from './http-reply.ts';
import type { MetricRegistry } from './metric-registry.ts';

export interface AdminOptions {
  readonly metrics: MetricRegistry;
  readonly isReady: () => boolean;
  /** Unix milliseconds */
  readonly now?: () => number;
}

/**
 * The admin ports of Jaeger 1, 14269 of its collector and 16687 of its query, which probes and scrapers ask: health at
 * `/`, 503 while the program stops; Prometheus metrics at `/metrics`.
 *
 *     {"status":"Server available","upSince":"2026-11-27T09:00:00.000Z","uptime":"1h2m3.5s"}
 *
 * Source: Jaeger 1, internal/healthcheck.
 */
export function adminListener({ metrics, isReady, now = Date.now }: AdminOptions): RequestListener {
  const startedMilli = now();
  return (request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0];
    if (path === '/metrics') {
      reply(request, response, 200, 'text/plain; version=0.0.4; charset=utf-8', metrics.render());
    } else if (path === '/') {
      const body = isReady() ? available(startedMilli, now()) : { status: 'Server not available' };
      reply(request, response, isReady() ? 200 : 503, 'application/json', `${JSON.stringify(body)}\n`);
    } else {
      reply(request, response, 404, 'text/plain; charset=utf-8', `there are / and /metrics here, not ${path}\n`, {
        'X-Content-Type-Options': 'nosniff',
      });
    }
  };
}

function available(startedMilli: number, nowMilli: number): object {
  return {
    status: 'Server available',
    upSince: new Date(startedMilli).toISOString(),
    uptime: goDuration(nowMilli - startedMilli),
  };
}

/** As Go prints one: `1h2m3.5s`, `450ms`, `0s`. */
function goDuration(milli: number): string {
  if (milli < 1000) return milli === 0 ? '0s' : `${milli}ms`;
  const minutes = Math.floor(milli / 60_000);
  const seconds = `${(milli % 60_000) / 1000}s`;
  if (minutes === 0) return seconds;
  return minutes < 60 ? `${minutes}m${seconds}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
}
