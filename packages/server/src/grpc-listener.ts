import { ServerCredentials, type Server } from '@grpc/grpc-js';
import { isMissingAddress, listenError, type HttpEntry, type Listener } from './http-listener.ts';

/**
 * As `listenHttp`, for a gRPC server.
 *
 * @throws {ListenError}
 */
export async function listenGrpc(
  server: Server,
  entry: Pick<HttpEntry, 'title' | 'flag' | 'port'>,
  addresses: readonly string[],
): Promise<Listener> {
  let port = entry.port;
  let bound = 0;
  for (const address of addresses) {
    try {
      port = await bind(server, address, port);
      bound++;
    } catch (error) {
      if (bound > 0 && (isMissingAddress(error) || /EADDRNOTAVAIL|EAFNOSUPPORT/.test((error as Error).message)))
        continue;
      server.forceShutdown();
      throw listenError(entry, address, error);
    }
  }
  return { port, close: (graceMilli) => closed(server, graceMilli) };
}

function bind(server: Server, address: string, port: number): Promise<number> {
  const host = address.includes(':') ? `[${address}]` : address;
  return new Promise((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, boundPort) => {
      if (error) reject(error);
      else resolve(boundPort);
    });
  });
}

function closed(server: Server, graceMilli: number): Promise<void> {
  return new Promise((resolve) => {
    const deadline = setTimeout(() => server.forceShutdown(), graceMilli);
    server.tryShutdown(() => {
      clearTimeout(deadline);
      resolve();
    });
  });
}
