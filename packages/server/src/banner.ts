import { isLoopback } from './bind-policy.ts';
import type { ServedAddresses } from './program.ts';

/** What a person sees when the program is up. */
export function bannerText(version: string, dataDir: string, served: ServedAddresses, startupMilli: number): string {
  const first = served.addresses[0];
  const isEverywhere = first === '::' || first === '0.0.0.0';
  const host = isLoopback(first) || isEverywhere ? 'localhost' : first;
  const bracketed = host.includes(':') ? `[${host}]` : host;
  const reach = served.addresses.every(isLoopback)
    ? 'Only this machine can connect; --host 0.0.0.0 lets others in.'
    : 'Anyone who can reach these ports can write and read: there is no login.';
  return `
  Spoor ${version}, traces in ${dataDir}

    send   OTLP over gRPC   ${bracketed}:${served.otlpGrpcPort}
           OTLP over HTTP   http://${bracketed}:${served.otlpHttpPort}
    ask    Jaeger's API     http://${bracketed}:${served.jaegerHttpPort}${served.basePath}/

  Ready in ${(startupMilli / 1000).toFixed(2)} s. ${reach} Ctrl-C stops.

`;
}
