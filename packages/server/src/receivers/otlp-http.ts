import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { limits, WireError } from '@spoor/model';
import { RpcCode } from '@spoor/wire';
import type { Authorize } from '../authorize.ts';
import type { ByteBudget } from '../byte-budget.ts';
import { contentCodings, decodeContent, parseContentCoding, type ContentCoding } from '../content-coding.ts';
import { publicMessage, statusOf, type ErrorStatus } from '../error-status.ts';
import { nearestWord } from '../nearest-word.ts';
import { homeOf } from '../wrong-protocol.ts';
import { announcedBytes, borrowBody, discardBody, RequestAborted } from '../request-body.ts';
import { allowOrigin, answerPreflight, type CorsOrigins } from './cors.ts';
import { encodeOutcome, encodeStatus } from './otlp-reply.ts';
import type { OtlpEncoding, OtlpExport, OtlpOutcome, OtlpSignal } from './otlp-request.ts';

export interface OtlpHttpOptions {
  readonly export: OtlpExport;
  readonly authorize: Authorize;
  readonly corsOrigins: CorsOrigins;
  /** memory for bodies, shared by all receivers */
  readonly bodyBytes: ByteBudget;
  /** told of every refused request and of every failure */
  readonly onError: (signal: OtlpSignal | undefined, error: unknown) => void;
}

const signalOfPath: ReadonlyMap<string, OtlpSignal> = new Map([
  ['/v1/traces', 'traces'],
  ['/v1/logs', 'logs'],
  ['/v1/metrics', 'metrics'],
]);

const contentTypeOf: Readonly<Record<OtlpEncoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

/** Says why a request is refused, when that is not one of our error codes. */
class HttpRefusal extends Error {
  readonly status: ErrorStatus;
  readonly headers: Readonly<Record<string, string>>;

  constructor(http: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'HttpRefusal';
    this.status = { http, grpc: RpcCode.invalidArgument, retryAfterSeconds: undefined };
    this.headers = headers;
  }
}

/**
 * OTLP over HTTP: `POST /v1/{traces,logs,metrics}`, protobuf and JSON on one port, answered in the encoding of the
 * request; errors are a `google.rpc.Status`. Serves `request` and, for `Expect: 100-continue`, `checkContinue`:
 * a request that its headers condemn is refused before its body is sent.
 * Source: opentelemetry-proto, docs/specification.md, OTLP/HTTP.
 */
export function otlpHttpListener(options: OtlpHttpOptions, expectsContinue = false): RequestListener {
  return (request, response) => {
    allowOrigin(options.corsOrigins, request, response);
    if (request.method === 'OPTIONS') return answerPreflight(options.corsOrigins, 'POST', request, response);
    void answer(options, request, response, expectsContinue);
  };
}

async function answer(
  options: OtlpHttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
  expectsContinue: boolean,
): Promise<void> {
  const path = (request.url ?? '').split('?', 1)[0];
  const signal = signalOfPath.get(path);
  // What an error is encoded in when the content type is none of ours.
  let encoding: OtlpEncoding = 'json';
  try {
    const head = readHead(path, signal, request);
    encoding = head.encoding;
    const tenant = options.authorize({
      protocol: 'http',
      path,
      headers: request.headers,
      remoteAddress: request.socket.remoteAddress,
    });
    if (expectsContinue) response.writeContinue();
    using hold = options.bodyBytes.open();
    const received = await borrowBody(request, limits.requestBytesMax, hold);
    const body = await decodeContent(received, head.coding, limits.requestBytesMax);
    if (body !== received) hold.take(body.length);
    const outcome = await options.export({ tenant, transport: 'http', ...head, received, body });
    sendOutcome(response, head.signal, encoding, outcome);
  } catch (error) {
    if (error instanceof RequestAborted) return options.onError(signal, error);
    options.onError(signal, error);
    await sendError(request, response, encoding, error);
  }
}

interface RequestHead {
  readonly signal: OtlpSignal;
  readonly encoding: OtlpEncoding;
  readonly coding: ContentCoding;
}

function readHead(path: string, signal: OtlpSignal | undefined, request: IncomingMessage): RequestHead {
  if (signal === undefined) throw new HttpRefusal(404, unknownPath(path));
  if (request.method !== 'POST') {
    throw new HttpRefusal(405, `${path} takes POST, not ${request.method}`, { Allow: 'POST, OPTIONS' });
  }
  const encoding = parseEncoding(request.headers['content-type']);
  if (encoding === undefined) {
    const given = request.headers['content-type'] ?? 'none';
    throw new WireError(
      'WIRE_CONTENT_TYPE',
      `content type must be application/x-protobuf or application/json, not ${given}`,
    );
  }
  const coding = parseContentCoding(request.headers['content-encoding']);
  if (coding === undefined) {
    const given = request.headers['content-encoding'];
    throw new WireError('WIRE_CONTENT_TYPE', `content encoding must be one of ${contentCodings}, not ${given}`);
  }
  if (announcedBytes(request) > limits.requestBytesMax) {
    throw new WireError('WIRE_LIMIT', `the body is larger than ${limits.requestBytesMax} bytes`);
  }
  return { signal, encoding, coding };
}

/** Parameters (`; charset=utf-8`) say nothing that the two types do not fix already. */
function parseEncoding(contentType: string | undefined): OtlpEncoding | undefined {
  const type = (contentType ?? '').split(';', 1)[0].trim().toLowerCase();
  if (type === 'application/x-protobuf' || type === 'application/protobuf') return 'protobuf';
  return type === 'application/json' ? 'json' : undefined;
}

function unknownPath(path: string): string {
  const home = path.startsWith('/v1/') ? undefined : homeOf(path);
  if (home !== undefined) return `there is no ${path} here; ${home}`;
  const nearest =
    nearestWord(path, [...signalOfPath.keys()]) ?? [...signalOfPath.keys()].find((known) => path.endsWith(known));
  const suggestion =
    nearest === undefined ? `this port takes POST ${[...signalOfPath.keys()].join(', ')}` : `did you mean ${nearest}?`;
  return `there is no ${path} here; ${suggestion}`;
}

function sendOutcome(response: ServerResponse, signal: OtlpSignal, encoding: OtlpEncoding, outcome: OtlpOutcome): void {
  const body = encodeOutcome(encoding, signal, outcome);
  response.writeHead(200, { 'Content-Type': contentTypeOf[encoding], 'Content-Length': body.length });
  // The usual answer is empty; handing over no body lets Node send the head in one plain write.
  if (body.length === 0) response.end();
  else response.end(body);
}

async function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  encoding: OtlpEncoding,
  error: unknown,
): Promise<void> {
  if (response.destroyed || response.headersSent) return;
  const refusal = error instanceof HttpRefusal ? error : undefined;
  const status = refusal?.status ?? statusOf(error);
  const { retryAfterSeconds } = status;
  const body = encodeStatus(encoding, status, refusal?.message ?? publicMessage(error));
  response.writeHead(status.http, {
    'Content-Type': contentTypeOf[encoding],
    'Content-Length': body.length,
    ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }),
    ...(request.complete ? {} : { Connection: 'close' }),
    ...refusal?.headers,
  });
  response.write(body);
  await discardBody(request);
  response.end();
}
