import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { peekOpening } from './connection-opening.ts';

/**
 * Lets an HTTP/1.1 server and an HTTP/2 one share a port, as gRPC clients expect that are given an HTTP address. The
 * first bytes of a connection decide.
 *
 * @param onHttp2  owns the connection from then on; the server still counts it, so closing waits for its end
 */
export function divertHttp2(server: Server, onHttp2: (socket: Socket) => void): void {
  const takeHttp1 = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    peekOpening(socket, (opening) => {
      if (opening === 'http2') onHttp2(socket);
      else for (const take of takeHttp1) take.call(server, socket);
    });
  });
}
