import { createSocket, type Socket } from 'node:dgram';
import { bindEach, type Listener, type ListenerName } from './http-listener.ts';
import type { PacketListener } from './receivers/jaeger-agent.ts';

/**
 * What is asked of the kernel for datagrams that wait. Linux grants no more than `net.core.rmem_max` (208 KiB unless an
 * administrator raises it), and whatever does not fit is lost without a trace in the program.
 */
const receiveBufferBytes = 16 * 1024 * 1024;

/**
 * As `listenHttp`, for datagrams.
 *
 * @throws {ListenError}
 */
export async function listenUdp(
  name: ListenerName,
  onPacket: PacketListener,
  addresses: readonly string[],
): Promise<Listener> {
  const sockets: Socket[] = [];
  const bind = async (address: string, port: number): Promise<number> => {
    const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', recvBufferSize: receiveBufferBytes });
    sockets.push(socket);
    await bound(socket, address, port);
    socket.on('message', (packet, { address: sender }) => onPacket(packet, sender));
    // An ICMP answer to nothing we sent, say: there is no request that it could fail.
    socket.on('error', () => {});
    return socket.address().port;
  };
  try {
    const port = await bindEach(name, addresses, bind);
    return { port, close: async () => void (await Promise.all(sockets.map(closed))) };
  } catch (error) {
    await Promise.all(sockets.map(closed));
    throw error;
  }
}

function bound(socket: Socket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address, port }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    try {
      socket.close(() => resolve());
    } catch {
      // It is closed already: one that could not be bound closes itself.
      resolve();
    }
  });
}
