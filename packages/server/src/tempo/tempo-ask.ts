import type { IncomingMessage } from 'node:http';
import { encodeTempoPackets, tempoJsonPieces, type SchemaOf } from '@spoor/wire';

/** A question to Tempo's API as its handlers see it. */
export interface TempoAsk {
  readonly tenant: string;
  readonly request: IncomingMessage;
  readonly parameters: URLSearchParams;
  /** fires when the client goes away */
  readonly signal: AbortSignal;
  readonly wantsProtobuf: boolean;
}

export interface TempoAnswer {
  /** 200 when absent */
  readonly status?: number;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | readonly Uint8Array[];
}

/** An answer that is no 200, in Tempo's words. */
export class TempoRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'TempoRefusal';
    this.status = status;
  }
}

export const plainText = 'text/plain; charset=utf-8';
const protobufType = 'application/protobuf';
const jsonType = 'application/json';

/** As Tempo reads `Accept`: by what is in it, JSON when nothing is. Its form for language models falls back to JSON. */
export function wantsProtobuf(accept: string | undefined): boolean {
  return accept !== undefined && accept.includes(protobufType);
}

export function contentTypeOf({ wantsProtobuf: isProtobuf }: TempoAsk): string {
  return isProtobuf ? protobufType : jsonType;
}

/** Bytes of protobuf that are written in one go. */
const packetBytes = 64 * 1024;

/** Milliseconds that an answer may be written for before others have their turn: spans have to be acknowledged meanwhile. */
const turnMilli = 5;

/**
 * The message in the form that was asked for.
 *
 * @param list  the field that may be long
 */
export async function messageAnswer<T extends object>(
  ask: TempoAsk,
  schema: SchemaOf<T>,
  message: T,
  list: keyof T & string,
  headers?: Readonly<Record<string, string>>,
): Promise<TempoAnswer> {
  const pieces = ask.wantsProtobuf
    ? encodeTempoPackets(schema, message, list, packetBytes)
    : tempoJsonPieces(schema, message, list);
  const body: Uint8Array[] = [];
  let turnEnd = performance.now() + turnMilli;
  for (const piece of pieces) {
    body.push(piece);
    if (performance.now() < turnEnd) continue;
    await new Promise((resolve) => setImmediate(resolve));
    turnEnd = performance.now() + turnMilli;
  }
  return { contentType: contentTypeOf(ask), body, ...(headers && { headers }) };
}
