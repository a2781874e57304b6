import { after, before } from 'node:test';
import type { RunningSpoor } from '../e2e/start-spoor.ts';
import { copyToCache, run } from './client-program.ts';
import { checkOrderTrace, printedTraceId } from './order-trace.ts';
import { checkLimited, checkQuarter, startSampling } from './sampled-traces.ts';
import { clientTest, type Tool } from './toolchain.ts';

let spoor: RunningSpoor;
before(async () => void (spoor = await startSampling()));
after(async () => void (await spoor.stop()));

const cwd = copyToCache('test/clients/java');
const needs: readonly Tool[] = ['java', 'maven'];
let isBuilt = false;

async function runJava(args: readonly string[]): Promise<string> {
  if (!isBuilt) await run('nice', ['mvn', '--quiet', '--batch-mode', 'compile'], { cwd, timeoutMilli: 550_000 });
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

clientTest('Java, JaegerRemoteSampler: obeys a probability and a rate from 14250', needs, async () => {
  const url = `http://127.0.0.1:${spoor.receivers['jaeger-grpc']}`;
  const sample = (service: string): Promise<string> => runJava(['sample', url, service, `${spoor.otlpHttp}/v1/traces`]);
  await checkQuarter(spoor.jaeger, await sample('quarter'));
  checkLimited(await sample('limited'));
});
