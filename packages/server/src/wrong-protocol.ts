import type { Server } from 'node:http';
import { createServer, type ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { RpcCode } from '@spoor/wire';
import { openingOf, type Opening } from './connection-opening.ts';

/** A connection that speaks another protocol than its port does. The message says which, and where it belongs. */
export class WrongProtocol extends Error {
  /** for the books */
  readonly reason: 'wrong_protocol' | 'tls';

  constructor(reason: WrongProtocol['reason'], message: string) {
    super(message);
    this.name = 'WrongProtocol';
    this.reason = reason;
  }
}

export interface ProtocolMistake {
  readonly error: WrongProtocol;
  readonly firstBytes: Uint8Array;
  readonly sender: string | undefined;
}

/** Told of each connection that speaks the wrong protocol. */
export type OnMistake = (mistake: ProtocolMistake) => void;

/** Fatal alert `handshake_failure`, in a TLS record. Source: RFC 8446, section 6. */
const tlsAlert = Uint8Array.of(0x15, 3, 3, 0, 2, 2, 40);

/** Its client only sees that the handshake failed: the log says the rest. */
function tlsMistake(): WrongProtocol {
  const message = 'there is no TLS on this port: begin the address with http:// or use insecure credentials';
  return new WrongProtocol('tls', message);
}

/** Where clients belong, by the path they ask for; the first that fits. Numbers are those of the ports by default. */
const homes: readonly (readonly [path: RegExp, home: string])[] = [
  [/^\/v1\/(?:traces|logs|metrics)/, 'OTLP over HTTP has a port of its own, 4318'],
  [/^\/opentelemetry\.proto\.collector\./, 'OTLP over gRPC has a port of its own, 4317'],
  [/^\/jaeger\.api_v2\.CollectorService\//, "Jaeger's collector has a port of its own for gRPC, 14250"],
  [/^\/jaeger\.api_v2\.SamplingManager\//, 'sampling strategies over gRPC have a port of their own, 5779'],
  [/^\/jaeger\.api_v[23]\./, "Jaeger's query API over gRPC has a port of its own, 16685"],
  [/^\/jaeger\.storage\./, 'the storage of a Jaeger has a port of its own, 17271'],
  [/^\/tempopb\./, "Tempo's API has a port of its own, 3200"],
  [/^\/api\/v[12]\/spans/, 'Zipkin has a port of its own, 9411'],
  [
    /^\/api\/traces\/?(?:\?|$)/,
    "Jaeger's collector takes Thrift over HTTP on a port of its own, 14268; its API is on 16686",
  ],
  [/^\/sampling/, 'sampling strategies over HTTP have a port of their own, 5778'],
  [/^\/api\//, "the page and Jaeger's HTTP API have a port of their own, 16686"],
];

/** Where a request belongs that came to a port which has no such path; `undefined` when its path tells nothing. */
export function homeOf(path: string): string | undefined {
  return homes.find(([pattern]) => pattern.test(path))?.[1];
}

/** Where spans belong that were sent to a port which only answers questions; `undefined` for whatever else is sent there. */
export function homeOfSpans(method: string | undefined, path: string): string | undefined {
  return method === 'POST' && spanPath.test(path) ? homeOf(path) : undefined;
}

const spanPath = /^\/(?:v1\/(?:traces|logs|metrics)|api\/v[12]\/spans|api\/traces)\/?$/;

/** Answers a connection to a gRPC port that is no HTTP/2, in its own protocol, and ends it. */
export function refuseOnGrpcPort(
  socket: Socket,
  opening: Exclude<Opening, 'http2'>,
  head: Uint8Array,
  title: string,
  onMistake: OnMistake | undefined,
): void {
  const isTls = opening === 'tls';
  const error = isTls ? tlsMistake() : new WrongProtocol('wrong_protocol', grpcOnly(opening, head, title));
  onMistake?.({ error, firstBytes: head, sender: socket.remoteAddress });
  socket.on('error', () => {}).resume();
  if (isTls) endSoon(socket, tlsAlert);
  else endSoon(socket, http1Answer('400 Bad Request', `${error.message}\n`));
}

function grpcOnly(opening: Opening, head: Uint8Array, title: string): string {
  const here = `this port takes gRPC (${title})`;
  if (opening !== 'http1') return `${here}, and what came is none`;
  const path = Buffer.from(head).toString('latin1').split(' ', 2)[1]?.split(/\s/, 1)[0] ?? '';
  const home = homeOf(path);
  return `${here}, and not HTTP/1${home === undefined ? '' : `; ${home}`}`;
}

function http1Answer(status: string, text: string): string {
  const length = Buffer.byteLength(text);
  const headers = `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${length}\r\nConnection: close`;
  return `HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${text}`;
}

/** A client that goes on sending would see a reset in place of the answer, were the connection closed at once. */
const lingerMilli = 1_000;

function endSoon(socket: Duplex, answer: Uint8Array | string): void {
  socket.end(answer);
  const cut = setTimeout(() => socket.destroy(), lingerMilli).unref();
  socket.once('close', () => clearTimeout(cut));
}

/** Node's own statuses for what it cannot parse, which a listener of `clientError` replaces, and what to tell people. */
const parserAnswers: Readonly<Record<string, readonly [status: string, text: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'the address and the headers are too long'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['413 Payload Too Large', 'the chunk extensions are too long'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'the request took too long to arrive'],
};

/**
 * Answers connections to an HTTP port that speak gRPC with a gRPC status, those that speak TLS with an alert, and those that
 * speak neither nor HTTP in words. What else cannot be parsed is answered as Node does. Nothing is done for connections that
 * are as they should be.
 */
export function refuseOnHttpPort(server: Server, title: string, onMistake: OnMistake | undefined): void {
  const takeHttp2 = http2Refusals(title, onMistake);
  server.on('clientError', (error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket) => {
    const head = error.rawPacket ?? Buffer.alloc(0);
    const opening = error.code?.startsWith('HPE_') === true ? openingOf(head) : undefined;
    if (opening === 'http2') return takeHttp2(socket as Socket, head);
    const sender = (socket as Socket).remoteAddress;
    if (opening === 'tls') {
      onMistake?.({ error: tlsMistake(), firstBytes: head, sender });
      return endSoon(socket, tlsAlert);
    }
    const isFirst = (socket as Socket).bytesRead === head.length;
    if (opening !== 'unknown' || !isFirst) return answerUnparsable(socket, error.code ?? '');
    const mistake = new WrongProtocol('wrong_protocol', `this port takes HTTP/1 (${title}), and what came is none`);
    onMistake?.({ error: mistake, firstBytes: head, sender });
    endUnparsed(socket, http1Answer('400 Bad Request', `${mistake.message}\n`));
  });
}

function answerUnparsable(socket: Duplex, code: string): void {
  const { _httpMessage: answer } = socket as { _httpMessage?: { readonly headersSent: boolean } };
  if (!socket.writable || answer?.headersSent === true) {
    socket.destroy();
    return;
  }
  const [status, text] = parserAnswers[code] ?? ['400 Bad Request', 'this is not HTTP/1'];
  endUnparsed(socket, http1Answer(status, `${text}\n`));
}

/** Node's parser would fail again at what is still to come, and at its end; it is read and forgotten. */
function endUnparsed(socket: Duplex, answer: string): void {
  socket.removeAllListeners('data').removeAllListeners('end');
  socket.on('data', () => {});
  endSoon(socket, answer);
}

/** What every HTTP/2 connection begins with. Source: RFC 9113, section 3.4. */
const firstBytes = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** Takes connections from an HTTP/1 server whose parser met HTTP/2, and answers each call on them with a status. */
function http2Refusals(title: string, onMistake: OnMistake | undefined): (socket: Socket, head: Buffer) => void {
  const server = createServer();
  server.on('sessionError', () => {});
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const home = homeOf(headers[':path'] ?? '');
    const message = `this port takes HTTP/1 (${title}), and not gRPC${home === undefined ? '' : `; ${home}`}`;
    const sender = stream.session?.socket.remoteAddress;
    onMistake?.({ error: new WrongProtocol('wrong_protocol', message), firstBytes, sender });
    stream.on('error', () => {});
    const status = { 'grpc-status': String(RpcCode.unimplemented), 'grpc-message': encodeURI(message) };
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...status }, { endStream: true });
  });
  return (socket, head) => {
    // The parser's listeners would be given the bytes again.
    for (const event of ['data', 'end', 'error', 'drain', 'timeout', 'resume', 'pause']) {
      socket.removeAllListeners(event);
    }
    socket.pause().setTimeout(lingerMilli, () => socket.destroy());
    setImmediate(() => {
      socket.unshift(head);
      server.emit('connection', socket);
    });
  };
}
