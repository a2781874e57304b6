import { after, before } from 'node:test';
import type { RunningSpoor } from '../e2e/start-spoor.ts';
import { buildGo, copyToCache, run } from './client-program.ts';
import { checkOrderTrace, printedTraceId } from './order-trace.ts';
import { checkLimited, checkQuarter, startSampling } from './sampled-traces.ts';
import { clientTest } from './toolchain.ts';

let spoor: RunningSpoor;
before(async () => void (spoor = await startSampling()));
after(async () => void (await spoor.stop()));

const cwd = copyToCache('test/clients/go');

const urls: Readonly<Record<string, () => string>> = {
  'otlp-grpc': () => `http://${spoor.otlpGrpc}`,
  'otlp-http': () => `${spoor.otlpHttp}/v1/traces`,
  'jaeger-agent': () => `127.0.0.1:${spoor.receivers['jaeger-compact']}`,
};

for (const [exporter, url] of Object.entries(urls)) {
  clientTest(`Go, ${exporter}: its trace arrives whole`, ['go'], async () => {
    const output = await run(await buildGo(cwd), [exporter, url(), `go ${exporter}`], { cwd });
    await checkOrderTrace(spoor.jaeger, printedTraceId(output), `go ${exporter}`);
  });
}

clientTest('Go, jaegerremote sampler: obeys a probability and a rate from 5778', ['go'], async () => {
  const url = `http://127.0.0.1:${spoor.receivers['sampling-http']}/sampling`;
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: spoor.otlpHttp };
  const sample = async (service: string): Promise<string> =>
    run(await buildGo(cwd), ['sample', url, service], { cwd, env });
  await checkQuarter(spoor.jaeger, await sample('quarter'));
  checkLimited(await sample('limited'));
});
