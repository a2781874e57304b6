import { deepEqual } from 'node:assert/strict';
import { after, before } from 'node:test';
import { startSpoor, type RunningSpoor } from '../e2e/start-spoor.ts';
import { copyToCache, installPython, run } from './client-program.ts';
import { checkOrderTrace, exact, printedTraceId, type Fidelity } from './order-trace.ts';
import { clientTest } from './toolchain.ts';

let spoor: RunningSpoor;
before(async () => void (spoor = await startSpoor()));
after(async () => void (await spoor.stop()));

const cwd = copyToCache('test/clients/python');
/** The Python of each set of requirements: they exclude each other. */
const pythons = new Map<string, string>();

async function runPython(requirements: string, args: readonly string[]): Promise<string> {
  const file = `requirements-${requirements}.txt`;
  const python = pythons.get(requirements) ?? (await installPython(cwd, file, `.venv-${requirements}`));
  pythons.set(requirements, python);
  return run(python, ['client.py', ...args], { cwd });
}

interface PythonClient {
  readonly exporter: string;
  readonly requirements: string;
  readonly url: () => string;
  readonly fidelity: Fidelity;
}

const text: Fidelity = { values: 'text', hasEventAttributes: false };
const zipkinUrl = (): string => `http://127.0.0.1:${spoor.receivers['zipkin']}/api/v2/spans`;

const clients: readonly PythonClient[] = [
  { exporter: 'otlp-grpc', requirements: 'otlp', url: () => `http://${spoor.otlpGrpc}`, fidelity: exact },
  { exporter: 'otlp-http', requirements: 'otlp', url: () => `${spoor.otlpHttp}/v1/traces`, fidelity: exact },
  {
    exporter: 'jaeger-grpc',
    requirements: 'jaeger',
    url: () => `127.0.0.1:${spoor.receivers['jaeger-grpc']}`,
    fidelity: exact,
  },
  { exporter: 'zipkin-json', requirements: 'zipkin', url: zipkinUrl, fidelity: text },
  { exporter: 'zipkin-proto', requirements: 'zipkin', url: zipkinUrl, fidelity: text },
];

for (const { exporter, requirements, url, fidelity } of clients) {
  clientTest(`Python, ${exporter}: its trace arrives`, ['python'], async () => {
    const output = await runPython(requirements, [exporter, url(), `python ${exporter}`]);
    await checkOrderTrace(spoor.jaeger, printedTraceId(output), `python ${exporter}`, fidelity);
    const answer = await fetch(`${spoor.jaeger}/api/services`);
    const { data } = (await answer.json()) as { data: readonly string[] };
    deepEqual(
      data.filter((service) => service === `python ${exporter}`),
      [`python ${exporter}`],
    );
  });
}
