import type { Socket } from 'node:net';

/** What the first bytes of a connection say that it speaks. */
export type Opening = 'http1' | 'http2' | 'tls' | 'unknown';

/** The connection preface of HTTP/2 begins with these; no method of HTTP/1.1 does. Source: RFC 9113, section 3.4. */
const preface = Buffer.from('PRI ');

/** A connection that says nothing is dropped; as long as a header may take. */
const silenceMilliMax = 30_000;

/** The first bytes of a connection, judged by them alone; `undefined` while there are too few to tell. */
export function openingOf(head: Uint8Array): Opening | undefined {
  const known = Math.min(head.length, preface.length);
  if (preface.subarray(0, known).equals(head.subarray(0, known)))
    return head.length < preface.length ? undefined : 'http2';
  // A TLS record of a handshake; its version follows. Source: RFC 8446, section 5.1.
  if (head[0] === 0x16) return head.length < 2 ? undefined : head[1] === 3 ? 'tls' : 'unknown';
  return /^[A-Z]+(?: |$)/.test(Buffer.from(head.subarray(0, 20)).toString('latin1')) ? 'http1' : 'unknown';
}

/** Waits for the first bytes of a connection and puts them back, so that whoever takes it reads it from its beginning. */
export function peekOpening(socket: Socket, decide: (opening: Opening, head: Buffer) => void): void {
  let head: Buffer = Buffer.alloc(0);
  const drop = (): void => void socket.destroy();
  const onReadable = (): void => {
    const piece = socket.read() as Buffer | null;
    // The other side ended before it said anything.
    if (piece === null) return;
    head = Buffer.concat([head, piece]);
    const opening = openingOf(head);
    if (opening === undefined) return;
    socket.off('readable', onReadable).off('error', drop).off('timeout', drop).off('end', drop).setTimeout(0);
    socket.unshift(head);
    decide(opening, head);
  };
  socket.on('readable', onReadable).on('error', drop).on('timeout', drop).on('end', drop).setTimeout(silenceMilliMax);
}
