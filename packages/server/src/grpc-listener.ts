import { ServerCredentials, type Server } from '@grpc/grpc-js';
import { bindEach, type Listener, type ListenerName } from './http-listener.ts';

/**
 * As `listenHttp`, for a gRPC server.
 *
 * @throws {ListenError}
 */
export async function listenGrpc(server: Server, name: ListenerName, addresses: readonly string[]): Promise<Listener> {
  try {
    const port = await bindEach(name, addresses, (address, wanted) => bind(server, address, wanted));
    return { port, close: (graceMilli) => closeGrpc(server, graceMilli) };
  } catch (error) {
    server.forceShutdown();
    throw error;
  }
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

/** Takes no more calls, lets those that run finish for at most so long, then cuts them off. */
export function closeGrpc(server: Server, graceMilli: number): Promise<void> {
  return new Promise((resolve) => {
    const deadline = setTimeout(() => server.forceShutdown(), graceMilli);
    server.tryShutdown(() => {
      clearTimeout(deadline);
      resolve();
    });
  });
}
