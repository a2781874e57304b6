import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Client, credentials } from '@grpc/grpc-js';
import { eventually } from './jaeger-client.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

const directory = mkdtempSync(join(tmpdir(), 'spoor-sampling-'));
const running: RunningSpoor[] = [];
after(async () => {
  for (const spoor of running) await spoor.stop('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

async function start(name: string, args: readonly string[], env: Record<string, string> = {}): Promise<RunningSpoor> {
  const spoor = await startSpoor({ dataDir: join(directory, name), args, env });
  running.push(spoor);
  return spoor;
}

async function get(port: number | undefined, path: string): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}${path}`)).text();
}

function strategyOverGrpc(port: number | undefined, service: string): Promise<string> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const bytes = (value: Buffer): Buffer => value;
  const request = Buffer.concat([Buffer.of(0x0a, service.length), Buffer.from(service)]);
  const path = '/jaeger.api_v2.SamplingManager/GetSamplingStrategy';
  return new Promise<string>((resolve, reject) => {
    client.makeUnaryRequest(path, bytes, bytes, request, (error, answer) =>
      error === null ? resolve(answer!.toString('hex')) : reject(error),
    );
  }).finally(() => client.close());
}

test('sampling: one file, the same strategies on all four ports, and another file without a restart', async () => {
  const file = join(directory, 'strategies.yaml');
  writeFileSync(
    file,
    'service_strategies:\n- {service: shop, type: ratelimiting, param: 5}\nsampler: {type: probabilistic, param: 0.5}\n',
  );
  const args = ['--sampling.strategies-reload-interval', '20ms'];
  const { receivers, jaeger, stop } = await start('file', args, { SAMPLING_STRATEGIES_FILE: file });
  const limited = '{"strategyType":"RATE_LIMITING","rateLimitingSampling":{"maxTracesPerSecond":5}}';
  const half = '{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.5}}';
  equal(await get(receivers['sampling-http'], '/sampling?service=shop'), limited);
  equal(await get(receivers['sampling-http'], '/sampling?service=other'), half);
  equal(await get(receivers['jaeger-thrift-http'], '/api/sampling?service=shop'), limited);
  equal(await get(receivers['jaeger-thrift-http'], '/api/baggageRestrictions?service=shop'), '[]');
  equal(await strategyOverGrpc(receivers['sampling-grpc'], 'shop'), '08011a020805');
  equal(await strategyOverGrpc(receivers['jaeger-grpc'], 'shop'), '08011a020805');
  const status = (await (await fetch(`${jaeger}/api/spoor/sampling`)).json()) as {
    type: string;
    strategiesFile: string;
  };
  deepEqual([status.type, status.strategiesFile], ['file', file]);
  writeFileSync(file, 'sampler: {type: const, param: 0}');
  await eventually('the new file', async () => {
    const answer = await get(receivers['sampling-http'], '/sampling?service=shop');
    return answer.includes('"samplingRate":0}') ? answer : undefined;
  });
  equal(await stop(), 0);
});

test('sampling: without a file, everything', async () => {
  const { receivers, stop } = await start('none', []);
  const all = '{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":1}}';
  equal(await get(receivers['sampling-http'], '/sampling?service=shop'), all);
  equal(await stop(), 0);
});

interface Status {
  readonly operations: readonly {
    readonly service: string;
    readonly operation?: string;
    readonly probability: number;
    readonly sampledPerSecond: number;
    readonly requestsPerSecond: number;
  }[];
}

test('sampling: adaptive, from OTLP root spans without any tag, and still known after a restart', async () => {
  const args = ['--sampling.calculation-interval', '200ms', '--sampling.delay', '50ms'];
  const env = { SAMPLING_CONFIG_TYPE: 'adaptive' };
  const first = await start('adaptive', args, env);
  const sender = setInterval(() => void send(first.otlpHttp, 20), 50);
  const rows = async ({ jaeger }: RunningSpoor): Promise<Status['operations']> =>
    ((await (await fetch(`${jaeger}/api/spoor/sampling`)).json()) as Status).operations;
  try {
    // 400 roots a second, a child each: 1/400 is where it ends.
    const row = await eventually('a probability for what arrives', async () => {
      const [, operation] = await rows(first);
      return operation !== undefined && operation.probability > 0.001 ? operation : undefined;
    });
    deepEqual([row.service, row.operation], ['shop', 'GET /cart']);
    ok(row.requestsPerSecond > 50 && row.probability < 0.02, JSON.stringify(row));
  } finally {
    clearInterval(sender);
  }
  const answer = await get(first.receivers['sampling-http'], '/sampling?service=shop');
  match(answer, /^\{"strategyType":"PROBABILISTIC","operationSampling":\{"defaultSamplingProbability":0\.0/);
  match(answer, /"perOperationStrategies":\[\{"operation":"GET \/cart","probabilisticSampling":\{"samplingRate":0\.0/);
  equal(await first.stop(), 0);
  const second = await start('adaptive', ['--sampling.calculation-interval', '1h'], env);
  equal((await rows(second)).length, 2);
  equal(await second.stop(), 0);
});

let lastId = 0;

async function send(otlpHttp: string, roots: number): Promise<void> {
  const spans = Array.from({ length: roots }, () => {
    const traceId = (++lastId).toString(16).padStart(32, '0');
    const startTimeUnixNano = `${Date.now()}000000`;
    const common = { traceId, startTimeUnixNano, endTimeUnixNano: startTimeUnixNano };
    return [
      { ...common, spanId: '0000000000000001', name: 'GET /cart' },
      { ...common, spanId: '0000000000000002', parentSpanId: '0000000000000001', name: 'SELECT' },
    ];
  }).flat();
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
  await fetch(`${otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }),
  });
}
