import { ServerCredentials, type Server } from '@grpc/grpc-js';
import { createServer, type AddressInfo, type Server as NetServer } from 'node:net';
import { peekOpening } from './connection-opening.ts';
import { refuseStrays } from './grpc-strays.ts';
import { bindEach, type Listener, type ListenerName } from './http-listener.ts';
import { refuseOnGrpcPort } from './wrong-protocol.ts';

/**
 * As `listenHttp`, for a gRPC server. Connections that speak something else are told so; grpc-js, which would just close
 * them, gets those that begin as HTTP/2. Calls that belong to another port are told so too.
 *
 * @throws {ListenError}
 */
export async function listenGrpc(server: Server, name: ListenerName, addresses: readonly string[]): Promise<Listener> {
  refuseStrays(server, name.title, name.onMistake);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const doors: NetServer[] = [];
  const bind = async (address: string, port: number): Promise<number> => {
    const door = createServer({ noDelay: true }, (socket) => {
      peekOpening(socket, (opening, head) => {
        if (opening === 'http2') injector.injectConnection(socket);
        else refuseOnGrpcPort(socket, opening, head, name.title, name.onMistake);
      });
    });
    await opened(door, address, port);
    doors.push(door);
    return (door.address() as AddressInfo).port;
  };
  const closeDoors = (): void => {
    for (const door of doors) door.close();
  };
  try {
    const port = await bindEach(name, addresses, bind);
    return {
      port,
      close: async (graceMilli) => {
        closeDoors();
        await closeGrpc(server, graceMilli);
      },
    };
  } catch (error) {
    closeDoors();
    server.forceShutdown();
    throw error;
  }
}

function opened(door: NetServer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    door.once('error', reject);
    door.listen({ host, port }, () => {
      door.off('error', reject);
      resolve();
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
