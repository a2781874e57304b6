import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** The connection preface of HTTP/2 begins with these; no method of HTTP/1.1 does. Source: RFC 9113, section 3.4. */
const preface = Buffer.from('PRI ');

/** A connection that says nothing is dropped; as long as a header may take. */
const silenceMilliMax = 30_000;

/**
 * Lets an HTTP/1.1 server and an HTTP/2 one share a port, as gRPC clients expect that are given an HTTP address. The
 * first bytes of a connection decide; they are put back, so whoever takes it reads it from its beginning.
 *
 * @param onHttp2  owns the connection from then on; the server still counts it, so closing waits for its end
 */
export function divertHttp2(server: Server, onHttp2: (socket: Socket) => void): void {
  const takeHttp1 = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    peek(socket, (isHttp2) => {
      if (isHttp2) onHttp2(socket);
      else for (const take of takeHttp1) take.call(server, socket);
    });
  });
}

function peek(socket: Socket, decide: (isHttp2: boolean) => void): void {
  let head: Buffer = Buffer.alloc(0);
  const drop = (): void => void socket.destroy();
  const onReadable = (): void => {
    const piece = socket.read() as Buffer | null;
    // The other side ended before it said anything.
    if (piece === null) return;
    head = Buffer.concat([head, piece]);
    if (head.length < preface.length && preface.subarray(0, head.length).equals(head)) return;
    socket.off('readable', onReadable).off('error', drop).off('timeout', drop).off('end', drop).setTimeout(0);
    socket.unshift(head);
    decide(head.subarray(0, preface.length).equals(preface));
  };
  socket.on('readable', onReadable).on('error', drop).on('timeout', drop).on('end', drop).setTimeout(silenceMilliMax);
}
