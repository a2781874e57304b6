import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Authorize } from '../authorize.ts';
import type { ByteBudget } from '../byte-budget.ts';
import { listenGrpc } from '../grpc-listener.ts';
import { listenHttp, type Listener, type ListenerName } from '../http-listener.ts';
import type { Log } from '../log.ts';
import { openPort } from '../open-port.ts';
import type { ReceiverAddresses } from '../port-option.ts';
import { createSamplingGrpcServer, samplingMethods } from '../sampling/sampling-grpc.ts';
import { answerCollector, samplingListener, type SamplingHttpOptions } from '../sampling/sampling-http.ts';
import { listenUdp } from '../udp-listener.ts';
import type { OnMistake } from '../wrong-protocol.ts';
import type { ZipkinApi } from '../zipkin/zipkin-api.ts';
import type { CorsOrigins } from './cors.ts';
import { foreignHttpListener, type ForeignHttpProtocol } from './foreign-http.ts';
import type { IntakeLedger, ReceiverLedger } from './intake-ledger.ts';
import { jaegerAgentListener, type ForeignReceiver } from './jaeger-agent.ts';
import { createJaegerGrpcServer } from './jaeger-grpc.ts';
import { jaegerThriftHttp } from './jaeger-thrift-http.ts';
import { receiverEntries, type ReceiverName } from './receiver-entry.ts';
import type { TakeSpans } from './span-intake.ts';
import { zipkinHttp } from './zipkin-http.ts';

export interface ReceiversOptions {
  readonly receivers: ReceiverAddresses;
  /** where those listen that name no host of their own */
  readonly addresses: readonly string[];
  readonly take: TakeSpans;
  readonly authorize: Authorize;
  readonly bodyBytes: ByteBudget;
  readonly corsOrigins: CorsOrigins;
  readonly ledger: IntakeLedger;
  /** what clients are told to sample */
  readonly sampling: SamplingHttpOptions;
  /** answers who reads where Zipkin's clients write */
  readonly zipkinApi: ZipkinApi;
  readonly log: Log;
}

/** Ports that are open; a receiver that is off, or whose port was taken, is missing. */
export type ReceiverPorts = Readonly<Partial<Record<ReceiverName, number>>>;

/**
 * Opens the ports of Jaeger's and Zipkin's clients.
 *
 * @throws {ListenError} when a port that was asked for cannot be had
 */
export async function openReceivers(
  options: ReceiversOptions,
  onListener: (listener: Listener) => void,
): Promise<ReceiverPorts> {
  const ports: Partial<Record<ReceiverName, number>> = {};
  for (const entry of receiverEntries) {
    const port = await openPort({ ...options, onListener }, entry, options.receivers[entry.name], (name, addresses) =>
      open(options, entry.name, { ...name, onMistake: noteMistake(options.ledger.receiver(entry.name)) }, addresses),
    );
    if (port !== undefined) ports[entry.name] = port;
  }
  return ports;
}

function noteMistake(ledger: ReceiverLedger): OnMistake {
  return ({ error, firstBytes, sender }) => ledger.reject({ reason: error.reason, error, body: firstBytes, sender });
}

/** Answers what is to be read on a port that takes spans; false when the request is something else. */
type IsAnsweredBy = (request: IncomingMessage, response: ServerResponse) => boolean;

function open(
  options: ReceiversOptions,
  name: ReceiverName,
  entry: ListenerName,
  addresses: readonly string[],
): Promise<Listener> {
  const { take, authorize, bodyBytes, corsOrigins } = options;
  const receiver: ForeignReceiver = { take, authorize, bodyBytes, ledger: options.ledger.receiver(name) };
  const { sampling, zipkinApi } = options;
  const http = (protocol: ForeignHttpProtocol, isAnsweredBy: IsAnsweredBy): Promise<Listener> => {
    const takeSpans = foreignHttpListener({ ...receiver, protocol, corsOrigins });
    const onRequest: RequestListener = (request, response) => {
      if (!isAnsweredBy(request, response)) takeSpans(request, response);
    };
    return listenHttp({ ...entry, onRequest }, addresses);
  };
  switch (name) {
    case 'jaeger-compact':
    case 'jaeger-binary':
    case 'jaeger-zipkin-compact':
      return listenUdp(entry, jaegerAgentListener(receiver), addresses);
    case 'jaeger-thrift-http':
      return http(jaegerThriftHttp, (...asked) => answerCollector(sampling, ...asked));
    case 'jaeger-grpc':
      return listenGrpc(createJaegerGrpcServer(receiver, samplingMethods(sampling)), entry, addresses);
    case 'zipkin':
      return http(zipkinHttp, (...asked) => zipkinApi.handle(...asked));
    case 'sampling-http':
      return listenHttp({ ...entry, onRequest: samplingListener(sampling) }, addresses);
    case 'sampling-grpc':
      return listenGrpc(createSamplingGrpcServer(sampling), entry, addresses);
  }
}
