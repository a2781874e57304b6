import { deepEqual, equal } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sendJson } from './otlp-json.ts';
import { epochSeconds, shopTraces } from './shop-traces.ts';
import { startSpoor, type RunningSpoor } from './start-spoor.ts';

let spoor: RunningSpoor;
before(async () => {
  spoor = await startSpoor();
  await sendJson(spoor.otlpHttp, shopTraces());
});
after(async () => void (await spoor.stop()));

async function get(path: string): Promise<{ code: number; text: string }> {
  const reply = await fetch(`${spoor.jaeger}/api/metrics/${path}`);
  return { code: reply.status, text: await reply.text() };
}

/** The minute of the traces in two halves, each of 30 s: five requests in the first, four and one of two in the second. */
const halves = `endTs=${(epochSeconds + 60) * 1000}&lookback=30000&step=30000&ratePer=30000`;
const times = ['2023-11-14T22:13:50Z', '2023-11-14T22:14:20Z'];

function family(name: string, help: string, lines: readonly (readonly [labels: object, values: readonly unknown[]])[]) {
  const metrics = lines.map(([labels, values]) => ({
    labels: Object.entries(labels).map(([label, value]) => ({ name: label, value })),
    metricPoints: values.map((doubleValue, i) => ({ gaugeValue: { doubleValue }, timestamp: times[i] })),
  }));
  return JSON.stringify({ name, type: 'GAUGE', help, ...(metrics.length > 0 && { metrics }) });
}

test('calls: requests a second of the asked kinds', async () => {
  const { code, text } = await get(`calls?service=shop&service=web&${halves}`);
  equal(code, 200);
  const lines = ['shop', 'web'].map((name) => [{ service_name: name }, [5 / 30, 6 / 30]] as const);
  equal(text, family('service_call_rate', 'calls/sec, grouped by service', lines));
  const byOperation = await get(`calls?service=shop&spanKind=client&spanKind=producer&groupByOperation=true&${halves}`);
  equal(
    byOperation.text,
    family('service_operation_call_rate', 'calls/sec, grouped by service & operation', [
      [{ operation: 'SELECT', service_name: 'shop' }, [5 / 30, 6 / 30]],
      [{ operation: 'send', service_name: 'shop' }, [5 / 30, 6 / 30]],
    ]),
  );
});

test('errors: a fraction of the calls, zeros of a service without any', async () => {
  const { text } = await get(`errors?service=shop&service=web&${halves}`);
  const help = 'error rate, computed as a fraction of errors/sec over calls/sec, grouped by service';
  equal(
    text,
    family('service_error_rate', help, [
      [{ service_name: 'shop' }, [1 / 5, 1 / 6]],
      [{ service_name: 'web' }, [0, 0]],
    ]),
  );
});

test('latencies: milliseconds, and NaN as text where nothing was called', async () => {
  const help = '0.95th quantile latency, grouped by service';
  const { text } = await get(`latencies?service=web&quantile=0.95&${halves}`);
  // 50 ms is in the bucket from 32 to 64 ms, and so is everything else.
  const line = 1000 * (0.032 + (0.032 * 0.95 * 5) / 5);
  const parsed = JSON.parse(text) as { metrics: { metricPoints: { gaugeValue: { doubleValue: number } }[] }[] };
  for (const { gaugeValue } of parsed.metrics[0].metricPoints) {
    equal(Math.round(gaugeValue.doubleValue * 1e9), Math.round(line * 1e9));
  }
  const early = await get(
    `latencies?service=web&quantile=0.95&endTs=${(epochSeconds + 30) * 1000}&lookback=60000&step=60000&ratePer=30000`,
  );
  deepEqual(JSON.parse(early.text).metrics[0].metricPoints[0], {
    gaugeValue: { doubleValue: 'NaN' },
    timestamp: '2023-11-14T22:12:50Z',
  });
  equal((await get(`latencies?service=nobody&quantile=0.95&${halves}`)).text, family('service_latencies', help, []));
});

test('minstep, and what is refused, in Jaeger’s envelope', async () => {
  equal((await get('minstep')).text, '{"data":1,"total":0,"limit":0,"offset":0,"errors":null}');
  const refused = async (path: string) => {
    const { code, text } = await get(path);
    return [code, (JSON.parse(text) as { errors: { msg: string }[] }).errors[0].msg] as const;
  };
  deepEqual(await refused('calls'), [400, "unable to parse param 'service': please provide at least one service name"]);
  deepEqual(await refused('calls?service=a&spanKind=x'), [
    400,
    "unable to parse param 'spanKind': unsupported span kind: 'x'",
  ]);
  deepEqual(await refused('latencies?service=a'), [
    400,
    'unable to parse param \'quantile\': strconv.ParseFloat: parsing "": invalid syntax',
  ]);
  deepEqual(await refused('calls?service=a&step=1&lookback=100000000'), [
    400,
    'a series may have 11000 points, not 100000001',
  ]);
  equal((await get('traces')).code, 404);
});
