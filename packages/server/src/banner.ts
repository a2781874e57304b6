import { isLoopback } from './bind-policy.ts';
import type { ServedAddresses } from './program.ts';
import type { ReceiverPorts } from './receivers/open-receivers.ts';

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
${otherClients(served.receivers)}    look   the page         http://${bracketed}:${served.jaegerHttpPort}${served.basePath}/
    ask    Jaeger's API     http://${bracketed}:${served.jaegerHttpPort}${served.basePath}/api/

  Ready in ${(startupMilli / 1000).toFixed(2)} s. ${reach} Ctrl-C stops.

`;
}

/** A line for whatever is open, empty for nothing. */
function otherClients({ zipkin, ...jaeger }: ReceiverPorts): string {
  const agent = [jaeger['jaeger-compact'], jaeger['jaeger-binary'], jaeger['jaeger-zipkin-compact']];
  const collector = [jaeger['jaeger-grpc'], jaeger['jaeger-thrift-http']];
  const ports = (title: string, list: readonly (number | undefined)[]): string[] => {
    const open = list.filter((port) => port !== undefined);
    return open.length === 0 ? [] : [`           ${title.padEnd(17)}${open.join(', ')}\n`];
  };
  return [...ports('Jaeger, UDP', agent), ...ports('Jaeger, TCP', collector), ...ports('Zipkin', [zipkin])].join('');
}
