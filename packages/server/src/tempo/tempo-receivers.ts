import { ConfigError } from '../config-setting.ts';
import type { OptionFlag } from '../config-option.ts';
import { nearestWord } from '../nearest-word.ts';
import { portEntries, type PortName } from '../port-entry.ts';
import { receiverEntries, type ReceiverName } from '../receivers/receiver-entry.ts';
import type { YamlNode } from '../yaml-node.ts';
import type { FileReading } from '../file-reading.ts';

type OurReceiver = ReceiverName | PortName;

/** Tempo's receivers, each protocol with the port of ours that it is. */
const receivers: Readonly<Record<string, Readonly<Record<string, OurReceiver>>>> = Object.freeze({
  otlp: { grpc: 'otlp-grpc', http: 'otlp-http' },
  jaeger: {
    grpc: 'jaeger-grpc',
    thrift_http: 'jaeger-thrift-http',
    thrift_compact: 'jaeger-compact',
    thrift_binary: 'jaeger-binary',
  },
});

/** A receiver that is one protocol. */
const zipkin: OurReceiver = 'zipkin';

/** Where no receivers are listed, Tempo opens these. */
const tempoDefaults: readonly OurReceiver[] = ['otlp-grpc', 'jaeger-grpc', 'jaeger-thrift-http'];

const entryOf = new Map<OurReceiver, { readonly flag: OptionFlag; readonly port: number }>(
  [...portEntries, ...receiverEntries].map(({ name, flag, port }) => [name, { flag, port }]),
);
const takers: readonly OurReceiver[] = [
  'otlp-grpc',
  'otlp-http',
  ...receiverEntries.map(({ name }) => name).filter((name) => !name.startsWith('sampling-')),
];
const samplers: readonly OurReceiver[] = ['sampling-http', 'sampling-grpc'];

/**
 * `distributor.receivers`: what is listed is open, what is not is off. Sampling strategies are given out when a receiver
 * of Jaeger's is there, since only Jaeger's clients ask for them.
 *
 * An empty protocol listens on all interfaces. (Tempo has listened on loopback since 2.7, which leaves a deployment with
 * such a file unreachable.)
 */
export function readTempoReceivers(reading: FileReading, node: YamlNode | undefined): void {
  const open = new Set<OurReceiver>();
  if (node === undefined || node.kind === 'empty') for (const name of tempoDefaults) open.add(name);
  else readReceivers(reading, node, open);
  const isJaeger = [...open].some((name) => name.startsWith('jaeger-'));
  for (const name of [...takers, ...samplers]) {
    const isOpen = open.has(name) || (isJaeger && samplers.includes(name));
    if (!isOpen) reading.set(entryOf.get(name)!.flag, 'off', node?.line ?? 1, 'distributor.receivers');
  }
}

function readReceivers(reading: FileReading, node: YamlNode, open: Set<OurReceiver>): void {
  const path = 'distributor.receivers';
  for (const [name, receiver] of node.entries()) {
    // A receiver may have a name of its own after its kind: `otlp/internal`.
    const kind = name.split('/', 1)[0];
    const key = `${path}.${name}`;
    if (kind === 'zipkin') readProtocol(reading, key, receiver, zipkin, open);
    else if (Object.hasOwn(receivers, kind)) readProtocols(reading, key, receiver, receivers[kind], open);
    else {
      const known = [...Object.keys(receivers), 'zipkin'];
      const nearest = nearestWord(kind, known);
      const hint = nearest === undefined ? `there are ${known.join(', ')}` : `did you mean ${nearest}?`;
      reading.warn(receiver.line, `${key} is not a receiver of Spoor's, and stays closed; ${hint}`, true);
    }
  }
  if (open.size === 0) reading.warn(node.line, `${path} opens nothing: no spans can arrive`);
}

function readProtocols(
  reading: FileReading,
  key: string,
  node: YamlNode,
  protocols: Readonly<Record<string, OurReceiver>>,
  open: Set<OurReceiver>,
): void {
  const listed = node.entries().get('protocols');
  if (listed === undefined || listed.entries().size === 0) {
    reading.warn(node.line, `${key} names no protocols, and stays closed`);
    return;
  }
  for (const [protocol, settings] of listed.entries()) {
    const path = `${key}.protocols.${protocol}`;
    if (Object.hasOwn(protocols, protocol)) readProtocol(reading, path, settings, protocols[protocol], open);
    else {
      const nearest = nearestWord(protocol, Object.keys(protocols)) ?? Object.keys(protocols).join(' or ');
      reading.warn(settings.line, `there is no ${path}; did you mean ${nearest}?`, true);
    }
  }
}

function readProtocol(
  reading: FileReading,
  key: string,
  node: YamlNode,
  name: OurReceiver,
  open: Set<OurReceiver>,
): void {
  if (open.has(name)) {
    reading.warn(node.line, `${key} has no effect: this protocol is open already, and has one port`);
    return;
  }
  open.add(name);
  const { flag, port } = entryOf.get(name)!;
  reading.set(flag, `:${port}`, node.line, key);
  for (const [setting, value] of node.entries()) {
    const path = `${key}.${setting}`;
    if (setting === 'endpoint') reading.set(flag, endpoint(reading, path, value) ?? `:${port}`, value.line, path);
    else if (setting === 'tls')
      reading.warn(value.line, `${path} has no effect: ports are not encrypted yet; put a proxy in front of them`);
    else if (setting === 'cors')
      reading.warn(value.line, `${path} has no effect: --cors-origins says which web origins may send`);
    else reading.needless.push(path);
  }
}

function endpoint(reading: FileReading, path: string, node: YamlNode): string | undefined {
  const text = reading.text(node, path);
  if (text !== undefined && !/:\d+$/.test(text))
    throw new ConfigError(
      `${reading.name}:${node.line}: ${path} must be an address such as 0.0.0.0:4317, not '${text}'`,
    );
  return text;
}
