import type { RequestListener, Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { divertHttp2 } from './http2-diversion.ts';
import { refuseOnHttpPort, type OnMistake } from './wrong-protocol.ts';

/** Not by `import`, which reads all that the module has: a client for WebSocket, too, whose loading takes 35 ms. */
const http = process.getBuiltinModule('node:http');

/** What a message about an entry needs. */
export interface ListenerName {
  /** as a person knows it, for messages: `OTLP over HTTP` */
  readonly title: string;
  /** the option that moves it */
  readonly flag: string;
  readonly port: number;
  /** told of connections that speak another protocol */
  readonly onMistake?: OnMistake | undefined;
}

export interface HttpEntry extends ListenerName {
  readonly onRequest: RequestListener;
  /** for `Expect: 100-continue`; without it Node answers 100 by itself */
  readonly onContinue?: RequestListener;
  /** of a request's line and headers together; Node's own measure, 16 KiB, when absent */
  readonly headerBytesMax?: number;
  /** takes connections that begin as HTTP/2 without TLS; without it they are told that they are wrong here */
  readonly onHttp2?: (socket: Socket) => void;
}

/** One line for the user: a port cannot be had. */
export class ListenError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ListenError';
  }
}

/** An entry that is being served, on one or several addresses of the same port. */
export interface Listener {
  readonly port: number;
  /** Stops accepting, lets requests finish for at most so long, then cuts them off. */
  close(graceMilli: number): Promise<void>;
}

/**
 * Serves an entry on each address. The first must work; a later one (`::1`) may be missing on the machine.
 *
 * @throws {ListenError}
 */
export async function listenHttp(entry: HttpEntry, addresses: readonly string[]): Promise<Listener> {
  const servers: Server[] = [];
  const bind = async (address: string, port: number): Promise<number> => {
    const server = makeServer(entry);
    await listening(server, address, port);
    servers.push(server);
    return (server.address() as AddressInfo).port;
  };
  try {
    const port = await bindEach(entry, addresses, bind);
    return {
      port,
      close: async (graceMilli) => void (await Promise.all(servers.map((server) => closed(server, graceMilli)))),
    };
  } catch (error) {
    for (const server of servers) server.close();
    throw error;
  }
}

/**
 * Binds each address to one port; with port 0, to the one that the first was given. An address family that the machine
 * does not have is passed over: IPv6's loopback beside IPv4's, and `::` where IPv4 alone is there.
 *
 * @returns the port
 * @throws {ListenError}
 */
export async function bindEach(
  entry: ListenerName,
  addresses: readonly string[],
  bind: (address: string, port: number) => Promise<number>,
): Promise<number> {
  let port = entry.port;
  let boundCount = 0;
  const waiting = [...addresses];
  for (let address = waiting.shift(); address !== undefined; address = waiting.shift()) {
    try {
      port = await bind(address, port);
      boundCount++;
    } catch (error) {
      const isMissing = /EADDRNOTAVAIL|EAFNOSUPPORT/.test((error as Error).message);
      if (isMissing && address === '::') waiting.unshift('0.0.0.0');
      else if (!isMissing || boundCount === 0) throw listenError(entry, address, error);
    }
  }
  return port;
}

function makeServer(entry: HttpEntry): Server {
  const { title, onRequest, onContinue, onHttp2, onMistake, headerBytesMax } = entry;
  const server = http.createServer({
    // An exporter pauses 5 s between batches; closing just before the next one makes it see a reset.
    keepAliveTimeout: 75_000,
    // A body has as long as it needs as long as it moves; a header has not.
    requestTimeout: 300_000,
    headersTimeout: 30_000,
    maxHeaderSize: headerBytesMax,
  });
  server.on('request', onRequest);
  if (onContinue) server.on('checkContinue', onContinue);
  if (onHttp2) divertHttp2(server, onHttp2);
  refuseOnHttpPort(server, title, onMistake);
  return server;
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // On `::` a dual-stack socket takes IPv4 as well.
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** What to tell the user about a port that cannot be had. */
function listenError(entry: ListenerName, address: string, error: unknown): ListenError {
  const { code, message } = error as NodeJS.ErrnoException;
  const where = `port ${entry.port} for ${entry.title} on ${address}`;
  if (code === 'EADDRINUSE' || /EADDRINUSE|address already in use/i.test(message)) {
    return new ListenError(
      `${where} is in use by another program; stop that one, or choose a port with --${entry.flag}`,
    );
  }
  if (code === 'EACCES')
    return new ListenError(`${where} is not allowed for this user; choose one above 1023 with --${entry.flag}`);
  return new ListenError(`cannot listen on ${where}: ${message}`, { cause: error });
}

function closed(server: Server, graceMilli: number): Promise<void> {
  return new Promise((resolve) => {
    // A connection that was busy when closing began is idle after its answer, and Node would keep it alive.
    const sweep = setInterval(() => server.closeIdleConnections(), 25);
    const deadline = setTimeout(() => server.closeAllConnections(), graceMilli);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(deadline);
      resolve();
    });
    server.closeIdleConnections();
  });
}
