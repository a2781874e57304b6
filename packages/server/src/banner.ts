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
  const { 'otlp-grpc': grpc, 'otlp-http': http, 'jaeger-http': page, 'tempo-http': tempo } = served.ports;
  const url = (port: number, path = ''): string => `http://${bracketed}:${port}${path}`;
  const send = [
    ...(grpc === undefined ? [] : [row('OTLP over gRPC', `${bracketed}:${grpc}`)]),
    ...(http === undefined ? [] : [row('OTLP over HTTP', url(http))]),
    ...otherClients(served.receivers),
  ];
  const look = page === undefined ? [] : [row('the page', url(page, `${served.basePath}/`))];
  const ask = [
    ...(page === undefined ? [] : [row("Jaeger's API", url(page, `${served.basePath}/api/`))]),
    ...(tempo === undefined ? [] : [row("Tempo's API", url(tempo))]),
  ];
  return `
  Spoor ${version}, traces in ${dataDir}

${block('send', send)}${block('look', look)}${block('ask', ask)}
  Ready in ${(startupMilli / 1000).toFixed(2)} s. ${reach} Ctrl-C stops.

`;
}

/** Rows that belong together, the first of them with what they are for. */
function block(verb: string, rows: readonly string[]): string {
  return rows.map((text, i) => `    ${(i === 0 ? verb : '').padEnd(7)}${text}\n`).join('');
}

function row(title: string, where: string): string {
  return title.padEnd(17) + where;
}

/** A row for whatever is open, none for nothing. */
function otherClients({ zipkin, ...jaeger }: ReceiverPorts): readonly string[] {
  const agent = [jaeger['jaeger-compact'], jaeger['jaeger-binary'], jaeger['jaeger-zipkin-compact']];
  const collector = [jaeger['jaeger-grpc'], jaeger['jaeger-thrift-http']];
  const ports = (title: string, list: readonly (number | undefined)[]): string[] => {
    const open = list.filter((port) => port !== undefined);
    return open.length === 0 ? [] : [row(title, open.join(', '))];
  };
  return [...ports('Jaeger, UDP', agent), ...ports('Jaeger, TCP', collector), ...ports('Zipkin', [zipkin])];
}
