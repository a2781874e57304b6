import { createSocket } from 'node:dgram';
import { Agent, request as httpRequest } from 'node:http';
import { type ClientHttp2Session, connect } from 'node:http2';

/** Sends one body. Resolves when the answer says that it is taken; throws otherwise. */
export type Send = (body: Uint8Array) => Promise<void>;

export interface HttpTarget {
  readonly port: number;
  readonly path: string;
  readonly contentType: string;
  /** the status of an answer that says it is taken */
  readonly status: number;
  readonly isGzipped?: boolean | undefined;
}

/** One kept-alive connection. */
export function httpSender({ port, path, contentType, status, isGzipped }: HttpTarget): Send {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const coding = isGzipped === true ? { 'content-encoding': 'gzip' } : {};
  return (body) =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': contentType, 'content-length': body.length, ...coding };
      const call = httpRequest({ host: '127.0.0.1', port, method: 'POST', path, agent, headers }, (answer) => {
        answer.resume();
        answer.on('end', () => {
          if (answer.statusCode === status) resolve();
          else reject(new Error(`HTTP status ${answer.statusCode}`));
        });
      });
      call.on('error', reject);
      call.end(body);
    });
}

/** Plain HTTP/2, which costs the machine less than a gRPC library would: the server is what is measured. */
export function grpcSender(port: number, path: string, isGzipped = false): Send {
  const session: ClientHttp2Session = connect(`http://127.0.0.1:${port}`);
  const headers = {
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...(isGzipped ? { 'grpc-encoding': 'gzip' } : {}),
  };
  return (body) =>
    new Promise((resolve, reject) => {
      const frame = Buffer.allocUnsafe(5 + body.length);
      frame[0] = isGzipped ? 1 : 0;
      frame.writeUInt32BE(body.length, 1);
      frame.set(body, 5);
      const call = session.request(headers);
      let status: unknown = 'none';
      call.on('response', (answer) => (status = answer['grpc-status'] ?? status));
      call.on('trailers', (trailers) => (status = trailers['grpc-status'] ?? status));
      call.on('error', reject);
      call.on('close', () => {
        if (status === '0') resolve();
        else reject(new Error(`gRPC status ${String(status)}`));
      });
      call.resume();
      call.end(frame);
    });
}

/** One datagram a body. It resolves when the kernel has it: nothing answers. */
export function udpSender(port: number): Send {
  const socket = createSocket('udp4');
  socket.unref();
  return (body) =>
    new Promise((resolve, reject) => {
      socket.send(body, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)));
    });
}
