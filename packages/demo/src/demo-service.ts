import process from 'node:process';
import { trace } from '@opentelemetry/api';
import { serveHttp, type Route } from './http-server.ts';
import { startTelemetry } from './telemetry.ts';

/** To a service: where the others listen, by name. */
export interface PeersMessage {
  readonly peers: Readonly<Record<string, string>>;
}

/** From a service: it listens. */
export interface ListeningMessage {
  readonly port: number;
}

/**
 * Runs one service of the demo as this process: starts the SDK, serves, tells the parent its port and learns from it
 * where the others are. Ends, after sending its last spans, when told to or when the parent is gone.
 *
 * @param routesOf  makes the routes; `peer` gives another service's address
 */
export async function runService(
  service: string,
  routesOf: (peer: (name: string) => string) => readonly Route[],
): Promise<void> {
  const stopTelemetry = startTelemetry(service, process.env['DEMO_ENDPOINT'] ?? 'http://127.0.0.1:4318');
  let peers: PeersMessage['peers'] = {};
  const peer = (name: string): string => {
    const base = peers[name];
    if (base === undefined) throw new Error(`${name} is not there yet`);
    return base;
  };
  const { server, port } = await serveHttp(service, routesOf(peer));
  let isEnding = false;
  const end = async (): Promise<void> => {
    if (isEnding) return;
    isEnding = true;
    server.close();
    // A collector that is gone by now must not keep the process.
    setTimeout(() => process.exit(0), 3000).unref();
    await stopTelemetry().catch(() => {});
    process.exit(0);
  };
  process.on('message', (message: PeersMessage) => (peers = message.peers));
  process.on('disconnect', () => void end());
  process.on('SIGTERM', () => void end());
  // The terminal sends Ctrl-C to everyone; the parent decides when.
  process.on('SIGINT', () => {});
  process.send?.({ port } satisfies ListeningMessage);
}

/** Writes a line of JSON with the ids of the active span, if logs were asked for. */
export function logLine(level: 'info' | 'warn' | 'error', message: string, fields: object = {}): void {
  if (process.env['DEMO_LOGS'] !== '1') return;
  const { traceId, spanId } = trace.getActiveSpan()?.spanContext() ?? {};
  const line = { time: new Date().toISOString(), level, message, ...fields, trace_id: traceId, span_id: spanId };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
