import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { limits, WireError } from '@spoor/model';
import { contentCodings, decodeContent, parseContentCoding, type ContentCoding } from '../content-coding.ts';
import { publicMessage, statusOf } from '../error-status.ts';
import { discardBody, readBody, RequestAborted } from '../request-body.ts';
import { allowOrigin, answerPreflight, type CorsOrigins } from './cors.ts';
import type { ForeignReceiver } from './jaeger-agent.ts';
import type { BodyForm } from './request-decoder.ts';

/** Says why a request is refused before its body is looked at, as the protocol's own server would. */
export class HttpRefusal extends Error {
  readonly status: number;
  /** for the books */
  readonly reason: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, reason: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'HttpRefusal';
    this.status = status;
    this.reason = reason;
    this.headers = headers;
  }
}

/** What sets one protocol over HTTP apart from another. */
export interface ForeignHttpProtocol {
  /** @throws {HttpRefusal} */
  readonly formOf: (request: IncomingMessage, path: string) => BodyForm;
  /** Status and text of an error that is not an {@link HttpRefusal}; by itself our own status and message. */
  readonly answerTo: (error: unknown, status: number, message: string) => { status: number; text: string };
  readonly encodingOf: (form: BodyForm) => string;
}

export interface ForeignHttpOptions extends ForeignReceiver {
  readonly protocol: ForeignHttpProtocol;
  readonly corsOrigins: CorsOrigins;
}

/** Takes spans over HTTP: 202 and nothing else when they are durable, plain text when they are not taken. */
export function foreignHttpListener(options: ForeignHttpOptions): RequestListener {
  return (request, response) => {
    allowOrigin(options.corsOrigins, request, response);
    if (request.method === 'OPTIONS') return answerPreflight(options.corsOrigins, 'POST', request, response);
    void answer(options, request, response);
  };
}

async function answer(options: ForeignHttpOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { take, authorize, bodyBytes, ledger, protocol } = options;
  const path = (request.url ?? '').split('?', 1)[0];
  const sender = request.socket.remoteAddress;
  let encoding = 'unknown';
  let received: Uint8Array = new Uint8Array(0);
  try {
    const form = protocol.formOf(request, path);
    encoding = protocol.encodingOf(form);
    const coding = codingOf(request);
    const tenant = authorize({ protocol: 'http', path, headers: request.headers, remoteAddress: sender });
    using hold = bodyBytes.open();
    received = await readBody(request, limits.requestBytesMax, hold);
    const body = await decodeContent(received, coding, limits.requestBytesMax);
    if (body !== received) hold.take(body.length);
    const { spanCount, rejectedSpanCount } = await take({ tenant, form, coding, received, body });
    ledger.accept({ encoding, spanCount, rejectedSpanCount, sizeBytes: received.length });
    response.writeHead(202, { 'Content-Length': 0 }).end();
  } catch (error) {
    const reason = reasonOf(error);
    ledger.reject({ ...(reason === undefined ? {} : { reason }), encoding, error, body: received, sender });
    if (!(error instanceof RequestAborted)) await sendError(protocol, request, response, error);
  }
}

function reasonOf(error: unknown): string | undefined {
  if (error instanceof HttpRefusal) return error.reason;
  return error instanceof RequestAborted ? 'aborted' : undefined;
}

/** Jaeger and Zipkin call zlib's format by its own name as well. */
function codingOf(request: IncomingMessage): ContentCoding {
  const header = request.headers['content-encoding'];
  const coding = header?.trim().toLowerCase() === 'zlib' ? 'deflate' : parseContentCoding(header);
  if (coding !== undefined) return coding;
  throw new WireError('WIRE_CONTENT_TYPE', `content encoding must be one of zlib, ${contentCodings}, not ${header}`);
}

async function sendError(
  protocol: ForeignHttpProtocol,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): Promise<void> {
  if (response.destroyed || response.headersSent) return;
  const { http, retryAfterSeconds } = statusOf(error);
  const { status, text } =
    error instanceof HttpRefusal
      ? { status: error.status, text: error.message }
      : protocol.answerTo(error, http, publicMessage(error));
  const body = Buffer.from(`${text}\n`);
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    'Content-Length': body.length,
    ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }),
    ...(request.complete ? {} : { Connection: 'close' }),
    ...(error instanceof HttpRefusal ? error.headers : {}),
  });
  if (request.method !== 'HEAD') response.write(body);
  await discardBody(request);
  response.end();
}
