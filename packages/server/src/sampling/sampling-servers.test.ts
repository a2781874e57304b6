import { deepEqual, equal } from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { Client, credentials, status as grpcStatus, type ServiceError } from '@grpc/grpc-js';
import { authorizeEveryone } from '../authorize.ts';
import { listenGrpc } from '../grpc-listener.ts';
import { listenHttp } from '../http-listener.ts';
import { createSamplingGrpcServer } from './sampling-grpc.ts';
import { samplingListener } from './sampling-http.ts';
import { probabilistic, type StrategyProvider } from './sampling-strategy.ts';

const strategies: StrategyProvider = {
  strategyFor(service) {
    if (service === 'broken') throw new Error('secret');
    return service === 'bar' ? { type: 'rateLimiting', maxTracesPerSecond: 5 } : probabilistic(0.5);
  },
};
const options = { strategies, authorize: authorizeEveryone, onError: () => {} };
const name = { title: 'sampling', flag: 'sampling-http-port', port: 0 };
const http = await listenHttp({ ...name, onRequest: samplingListener(options) }, ['127.0.0.1']);
const grpc = await listenGrpc(createSamplingGrpcServer(options), name, ['127.0.0.1']);
after(() => Promise.all([http.close(0), grpc.close(0)]));

async function get(path: string): Promise<[number, string]> {
  const response = await fetch(`http://127.0.0.1:${http.port}${path}`);
  return [response.status, await response.text()];
}

test('samplingListener: strategies by name and by number, no baggage restrictions', async () => {
  const half = '"probabilisticSampling":{"samplingRate":0.5}}';
  deepEqual(await get('/sampling?service=foo'), [200, `{"strategyType":"PROBABILISTIC",${half}`]);
  deepEqual(await get('/api/sampling?service=foo'), [200, `{"strategyType":"PROBABILISTIC",${half}`]);
  deepEqual(await get('/?service=foo'), [200, `{"strategyType":0,${half}`]);
  deepEqual(await get('/?service=bar'), [200, '{"strategyType":1,"rateLimitingSampling":{"maxTracesPerSecond":5}}']);
  deepEqual(await get('/baggageRestrictions?service=foo'), [200, '[]']);
});

test('samplingListener: refusals in the words of the agent', async () => {
  const once = [400, "'service' parameter must be provided once\n"];
  deepEqual(await get('/sampling'), once);
  deepEqual(await get('/sampling?service=a&service=b'), once);
  deepEqual(await get('/baggageRestrictions'), once);
  deepEqual(await get('/sampling?service=broken'), [
    500,
    'collector error: internal error; the log of the server says more\n',
  ]);
  equal((await get('/nothing'))[0], 404);
});

test('SamplingManager: the same over gRPC', async () => {
  const client = new Client(`127.0.0.1:${grpc.port}`, credentials.createInsecure());
  const ask = (request: Uint8Array): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const bytes = (value: Buffer): Buffer => value;
      const path = '/jaeger.api_v2.SamplingManager/GetSamplingStrategy';
      client.makeUnaryRequest(path, bytes, bytes, Buffer.from(request), (error, answer) =>
        error === null ? resolve(answer!) : reject(error),
      );
    });
  equal((await ask(Buffer.from('\n\x03bar'))).toString('hex'), '08011a020805');
  equal((await ask(Buffer.from('\n\x03foo'))).toString('hex'), '120909000000000000e03f');
  equal((await ask(new Uint8Array())).toString('hex'), '120909000000000000e03f');
  const failure = await ask(Buffer.from('\n\x09ba')).catch((error: ServiceError) => error.code);
  equal(failure, grpcStatus.INVALID_ARGUMENT);
  client.close();
});

const captured = new URL(
  '../../../../../shared/data/captures/jaeger-remote-sampling/node-jaeger-client-3.19.0-request.wire.raw',
  import.meta.url,
);
const skip = existsSync(captured) ? false : 'the captured requests are not beside the repository';

test('samplingListener: what jaeger-client sent, byte for byte', { skip }, async () => {
  const bytes = readFileSync(captured);
  const requests = bytes.toString('latin1').split('\r\n\r\n').length - 1;
  const socket = connect(http.port, '127.0.0.1');
  let text = '';
  await new Promise<void>((resolve, reject) => {
    socket.on('data', (data) => {
      text += data.toString('latin1');
      if (text.split('"samplingRate":0.5').length - 1 === requests) resolve();
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`closed after: ${text}`)));
    socket.write(bytes);
  });
  socket.destroy();
  equal(text.match(/HTTP\/1\.1 200 OK/g)?.length, requests);
});
