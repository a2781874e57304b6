import { after, before } from 'node:test';
import type { RunningSpoor } from '../e2e/start-spoor.ts';
import { copyToCache, run } from './client-program.ts';
import { checkOrderTrace, printedTraceId } from './order-trace.ts';
import { checkQuarter, startSampling } from './sampled-traces.ts';
import { clientTest, type Tool } from './toolchain.ts';

let spoor: RunningSpoor;
before(async () => void (spoor = await startSampling()));
after(async () => void (await spoor.stop()));

const cwd = copyToCache('test/clients/java');
const needs: readonly Tool[] = ['java', 'maven'];
let isBuilt = false;

async function runJava(args: readonly string[]): Promise<string> {
  if (!isBuilt) await run('nice', ['mvn', '--quiet', '--batch-mode', 'compile'], { cwd, timeoutMilli: 280_000 });
  isBuilt = true;
  return run('java', ['-cp', 'target/classes:target/lib/*', 'Client', ...args], { cwd });
}

const urls: Readonly<Record<string, () => string>> = {
  'otlp-grpc': () => `http://${spoor.otlpGrpc}`,
  'otlp-http': () => `${spoor.otlpHttp}/v1/traces`,
};

for (const [exporter, url] of Object.entries(urls)) {
  clientTest(`Java, ${exporter}: its trace arrives whole`, needs, async () => {
    const output = await runJava([exporter, url(), `java ${exporter}`]);
    await checkOrderTrace(spoor.jaeger, printedTraceId(output), `java ${exporter}`);
  });
}

clientTest('Java, JaegerRemoteSampler: obeys what 14250 says', needs, async () => {
  const url = `http://127.0.0.1:${spoor.receivers['jaeger-grpc']}`;
  await checkQuarter(spoor.jaeger, await runJava(['sample', url, 'quarter', `${spoor.otlpHttp}/v1/traces`]));
});
