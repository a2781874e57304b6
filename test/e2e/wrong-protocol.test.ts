import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { Client, credentials, status, type ServiceError } from '@grpc/grpc-js';
import { ProtoClient } from './proto-client.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

let spoor: RunningSpoor;
before(async () => {
  spoor = await startSpoor();
});
after(async () => void (await spoor.stop()));

function port(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}

function call(to: number, path: string): Promise<ServiceError> {
  const client = new Client(`127.0.0.1:${to}`, credentials.createInsecure());
  const bytes = (buffer: Buffer): Buffer => buffer;
  return new Promise<ServiceError>((resolve, reject) => {
    const deadline = Date.now() + 10_000;
    client.makeUnaryRequest(path, bytes, bytes, Buffer.from('spans'), { deadline }, (error) =>
      error ? resolve(error) : reject(new Error(`${path} was answered`)),
    );
  }).finally(() => client.close());
}

async function everything(socket: Socket): Promise<string> {
  let text = '';
  for await (const piece of socket) text += String(piece);
  return text;
}

interface Status {
  readonly receivers: readonly {
    readonly name: string;
    readonly refusals: readonly { reason: string; message: string; count: number; firstBytesHex?: string }[];
  }[];
}

async function refusalsOf(name: string): Promise<readonly string[]> {
  const answer = await fetch(`${spoor.jaeger}/api/spoor/status`);
  const { receivers } = (await answer.json()) as Status;
  const { refusals } = receivers.find((receiver) => receiver.name === name)!;
  return refusals.map(({ reason, count, firstBytesHex = '' }) => {
    return `${reason} ${count} ${
      Buffer.from(firstBytesHex, 'hex')
        .toString('latin1')
        .split(/[\r\n]/, 1)[0]
    }`;
  });
}

test('HTTP/1 to a gRPC port is told where it belongs', async () => {
  const post = async (to: number | undefined, path: string): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${to}${path}`, { method: 'POST', body: 'x'.repeat(200_000) });
    equal(response.status, 400);
    return response.text();
  };
  const otlp = port(spoor.otlpGrpc);
  match(await post(otlp, '/v1/traces'), /^this port takes gRPC .* and not HTTP\/1; OTLP over HTTP .* 4318\n$/);
  match(await post(spoor.receivers['jaeger-grpc'], '/api/traces'), /Thrift over HTTP on a port of its own, 14268/);
  match(
    await post(spoor.ports['jaeger-query-grpc'], '/api/services'),
    /Jaeger's HTTP API have a port of their own, 16686/,
  );
  match(await post(spoor.ports['remote-storage'], '/'), /^this port takes gRPC \([^)]*\), and not HTTP\/1\n$/);
  deepEqual(await refusalsOf('otlp-grpc'), ['wrong_protocol 1 POST /v1/traces HTTP/1.1']);
  deepEqual(await refusalsOf('jaeger-grpc'), ['wrong_protocol 1 POST /api/traces HTTP/1.1']);
});

test('gRPC to an HTTP port is told where it belongs, in a gRPC status', async () => {
  const traces = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
  for (const [to, path, home] of [
    [port(spoor.otlpHttp), traces, /4317$/],
    [spoor.receivers['jaeger-thrift-http']!, '/jaeger.api_v2.CollectorService/PostSpans', /14250$/],
    [spoor.receivers['zipkin']!, traces, /4317$/],
    [port(spoor.jaeger), '/jaeger.api_v3.QueryService/FindTraces', /16685$/],
  ] as const) {
    const { code, details } = await call(to, path);
    equal(code, status.UNIMPLEMENTED);
    match(details, /^this port takes HTTP\/1 /);
    match(details, home);
  }
  deepEqual(await refusalsOf('otlp-http'), ['wrong_protocol 1 PRI * HTTP/2.0']);
  deepEqual((await refusalsOf('zipkin')).length, 1);
});

test('gRPC to the wrong gRPC port is told where it belongs', async () => {
  const traces = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
  const posted = '/jaeger.api_v2.CollectorService/PostSpans';
  for (const [to, path, home] of [
    [port(spoor.otlpGrpc), posted, /14250$/],
    [spoor.receivers['jaeger-grpc']!, traces, /4317$/],
    [spoor.ports['jaeger-query-grpc']!, traces, /4317$/],
    [spoor.ports['remote-storage']!, '/jaeger.api_v3.QueryService/FindTraces', /16685$/],
    [spoor.receivers['sampling-grpc']!, posted, /14250$/],
  ] as const) {
    const { code, details } = await call(to, path);
    equal(code, status.UNIMPLEMENTED);
    match(details, home);
  }
  ok((await refusalsOf('otlp-grpc')).some((text) => /^wrong_protocol \d+ spans$/.test(text)));
  ok((await refusalsOf('jaeger-grpc')).some((text) => /^wrong_protocol \d+ spans$/.test(text)));
  ok(spoor.log.some(({ code }) => code === 'jaeger-query-grpc wrong_protocol'));
});

test('HTTP to the wrong HTTP port is told where it belongs', async () => {
  const post = async (to: number, path: string, type: string): Promise<string> => {
    const headers = { 'Content-Type': type };
    const response = await fetch(`http://127.0.0.1:${to}${path}`, { method: 'POST', headers, body: 'x' });
    equal(response.status, 404);
    return response.text();
  };
  const [thrift, json] = ['application/x-thrift', 'application/json'];
  match(await post(port(spoor.otlpHttp), '/api/traces', thrift), /no \/api\/traces here; Jaeger's collector .* 14268/);
  match(await post(port(spoor.otlpHttp), '/api/v2/spans', json), /Zipkin has a port of its own, 9411/);
  match(await post(spoor.receivers['jaeger-thrift-http']!, '/api/v2/spans', json), /Zipkin has .* 9411/);
  match(await post(spoor.receivers['jaeger-thrift-http']!, '/v1/traces', json), /OTLP over HTTP has .* 4318/);
  match(await post(spoor.receivers['zipkin']!, '/v1/traces', json), /4318/);
  match(await post(spoor.receivers['zipkin']!, '/api/traces', thrift), /14268/);
});

test('spans to the port of the page are refused: its client would take the page for a receipt', async () => {
  const post = async (path: string): Promise<[status: number, text: string]> => {
    const response = await fetch(`${spoor.jaeger}${path}`, { method: 'POST', body: 'x'.repeat(300_000) });
    return [response.status, await response.text()];
  };
  for (const [path, home] of [
    ['/v1/traces', '4318'],
    ['/api/traces', '14268'],
    ['/api/traces?format=jaeger.thrift', '14268'],
    ['/api/v2/spans', '9411'],
  ]) {
    const [code, text] = await post(path);
    equal(code, 404, path);
    match(text, /^this port answers questions and takes no POST \S+; /);
    ok(text.includes(home), text);
  }
  deepEqual(await post('/'), [405, 'Method Not Allowed\n']);
  deepEqual(await post('/api/services'), [405, 'Method Not Allowed\n']);
  ok(spoor.log.some(({ code }) => code === 'jaeger-http wrong_protocol'));
});

test('what is no HTTP at all is told so and counted', async () => {
  for (const name of ['jaeger-thrift-http', 'zipkin', 'otlp-http'] as const) {
    const to = name === 'otlp-http' ? port(spoor.otlpHttp) : spoor.receivers[name]!;
    const socket = connect(to, '127.0.0.1');
    socket.write(Uint8Array.of(0x80, 1, 0, 4, 0, 0, 0, 9, 0x65));
    socket.write(Buffer.alloc(300_000, 0x80));
    match(
      await everything(socket),
      /^HTTP\/1\.1 400 [^]*\r\n\r\nthis port takes HTTP\/1 \([^)]+\), and what came is none\n$/,
    );
    ok(
      (await refusalsOf(name)).some(
        (text) => text.startsWith('wrong_protocol') && text.includes('\u0080\u0001\0\u0004'),
      ),
      name,
    );
  }
});

test('TLS to a plain port gets an alert; the log says that there is none', async () => {
  const failure = (to: number | undefined): Promise<string> =>
    new Promise((resolve) => {
      connectTls({ port: to, host: '127.0.0.1' }).on('error', ({ message }) => resolve(message));
    });
  for (const to of [port(spoor.otlpGrpc), port(spoor.otlpHttp), spoor.receivers['jaeger-thrift-http']]) {
    match(await failure(to), /alert handshake failure|SSL alert number 40/);
  }
  ok((await refusalsOf('otlp-grpc')).some((text) => text.startsWith('tls 1 \u0016\u0003')));
  ok(spoor.log.some(({ reason }) => typeof reason === 'string' && reason.startsWith('there is no TLS on this port')));
  const metrics = await (await fetch(`${spoor.jaeger}/metrics`)).text();
  match(metrics, /spoor_export_requests_total\{transport="grpc",signal="unknown",outcome="tls"\} 1/);
});

test('what is right goes on as before: gRPC whose first bytes come one by one, requests after a bad one', async () => {
  const client = new ProtoClient(spoor.otlpGrpc);
  deepEqual(await client.unary('grpc.health.v1.Health', 'Check'), { status: 'SERVING' });
  client.close();
  const slow = connect(port(spoor.otlpGrpc), '127.0.0.1');
  for (const byte of 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n') {
    slow.write(byte);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  slow.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
  const frame = await new Promise<Buffer>((resolve) => slow.once('data', resolve));
  equal(frame[3], 4, 'SETTINGS');
  slow.destroy();
  const twice = connect(port(spoor.jaeger), '127.0.0.1');
  twice.write('GET /ready HTTP/1.1\r\nHost: x\r\n\r\n');
  let answers = '';
  const ended = new Promise((resolve) => twice.once('close', resolve));
  await new Promise<void>((resolve) => {
    twice.on('data', (piece) => {
      answers += String(piece);
      resolve();
    });
  });
  twice.write('no request at all\r\n\r\n');
  await ended;
  match(answers, /^HTTP\/1\.1 200 .*HTTP\/1\.1 400 Bad Request\r\n.*Connection: close\r\n\r\nthis is not HTTP\/1\n$/s);
  const nonsense = connect(port(spoor.otlpGrpc), '127.0.0.1');
  nonsense.end('\u0000\u0001\u0002\u0003');
  match(await everything(nonsense), /^HTTP\/1\.1 400 Bad Request.*what came is none\n$/s);
});

test('an address that is too long is told so, however much of it is still to come', async () => {
  for (const [to, lengthBytes] of [
    [spoor.ports['tempo-http'], 1_000_000],
    [spoor.ports['jaeger-http'], 3_000_000],
  ] as const) {
    const socket = connect(to!, '127.0.0.1');
    socket.write(`GET /api/search?q=${'x'.repeat(lengthBytes)} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const answer = await everything(socket);
    match(answer, /^HTTP\/1\.1 431 .*\r\n[^]*\r\n\r\nthe address and the headers are too long\n$/);
  }
});
