import type { IncomingMessage } from 'node:http';
import { encodeTempoMessage, tempoJson, type SchemaOf } from '@spoor/wire';

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

/** The message in the form that was asked for. */
export function messageAnswer<T extends object>(
  ask: TempoAsk,
  schema: SchemaOf<T>,
  message: T,
  headers?: Readonly<Record<string, string>>,
): TempoAnswer {
  const body = ask.wantsProtobuf ? encodeTempoMessage(schema, message) : tempoJson(schema, message);
  return { contentType: contentTypeOf(ask), body, ...(headers && { headers }) };
}
