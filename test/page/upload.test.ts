import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { Span, SpanId, Trace, TraceId } from '@spoor/model';
import { encodeTracesJson, encodeTracesProtobuf } from '@spoor/wire';
import { randomTrace } from '../../packages/wire/src/testing/random-trace.ts';
import { buildPage } from '../../scripts/build-page.ts';
import { startSpoor, type RunningSpoor } from '../e2e/start-spoor.ts';
import { looks, openBrowser, PageVisit, settlesAt } from './page-visit.ts';

let browser: Browser;
let spoor: RunningSpoor;

before(async () => {
  await buildPage();
  [browser, spoor] = await Promise.all([openBrowser(), startSpoor()]);
});

after(async () => {
  await Promise.all([browser?.close(), spoor?.stop()]);
});

let seed = 900;

function freshTrace(startUnixNano = BigInt(Date.now() - 60_000) * 1_000_000n): Trace {
  return randomTrace({ seed: seed++, spanCount: 6, startUnixNano });
}

interface NamedFile {
  readonly name: string;
  readonly content: Uint8Array | string;
}

/** As a person does: over the window, then let go. */
async function drop(page: Page, files: readonly NamedFile[]): Promise<void> {
  const parts = files.map(({ name, content }) => ({ name, base64: Buffer.from(content).toString('base64') }));
  await page.evaluate(async (given) => {
    const data = new DataTransfer();
    for (const { name, base64 } of given)
      data.items.add(new File([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))], name));
    const isTaken = (type: string): boolean =>
      !document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
    isTaken('dragenter');
    // As a browser does: where nobody takes what is dragged over, as while the page loads, nothing is dropped.
    while (!isTaken('dragover')) await new Promise(requestAnimationFrame);
    isTaken('drop');
  }, parts);
}

test('upload: a dropped file of each form opens its trace', async () => {
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/search`);
  const { page } = visit;
  const seenId = async (): Promise<string> => {
    await page.locator('.wf-row').first().waitFor();
    return new URL(page.url()).pathname.split('/').at(-1)!;
  };
  for (const encode of [encodeTracesProtobuf, encodeTracesJson]) {
    const trace = freshTrace();
    await drop(page, [{ name: 'trace', content: encode([trace]) }]);
    await page.waitForURL(`**/trace/${trace.traceId}`);
  }
  const jaeger = await (await fetch(`${spoor.jaeger}/api/traces/${await seenId()}`)).text();
  const renamed = jaeger.replaceAll(await seenId(), 'feed'.repeat(8));
  await drop(page, [{ name: 'jaeger.json', content: renamed }]);
  await page.waitForURL(`**/trace/${'feed'.repeat(8)}`);
  const zipkin = [{ traceId: 'c0de'.repeat(4), id: 'c0de'.repeat(4), name: 'get', timestamp: Date.now() * 1000 }];
  await drop(page, [{ name: 'zipkin.json', content: JSON.stringify(zipkin) }]);
  await page.waitForURL(`**/trace/${'c0de'.repeat(4).padStart(32, '0')}`);
  assert.equal(await seenId(), 'c0de'.repeat(4).padStart(32, '0'));
  await visit.close();
});

test('upload: several traces are listed; the same file again adds nothing', async () => {
  const visit = await PageVisit.open(browser, `${spoor.jaeger}/`);
  const { page } = visit;
  const traces = [freshTrace(), freshTrace()];
  const lines = traces.map((trace) => Buffer.from(encodeTracesJson([trace])).toString()).join('\n');
  for (let time = 0; time < 2; time++) {
    await drop(page, [{ name: 'collector.jsonl', content: lines }]);
    await page.waitForURL(`**/search?traceID=${traces[0].traceId}&traceID=${traces[1].traceId}`);
    await page.locator('.se-item').nth(1).waitFor();
    await settlesAt(() => page.locator('.se-item').count(), 2);
    await page.goto(`${spoor.jaeger}/`);
  }
  await page.goto(`${spoor.jaeger}/trace/${traces[0].traceId}`);
  await page.getByText('6 spans').first().waitFor();
  await visit.close();
});

for (const look of looks) {
  test(`upload: a bad file is named with what is wrong, others are taken (${look.theme}, ${look.widthPixels} px)`, async () => {
    const visit = await PageVisit.open(browser, `${spoor.jaeger}/`, look);
    const { page } = visit;
    const trace = freshTrace();
    const bad = '{"data":[{"traceID":"1","spans":[{"traceID":"1","spanID":"what"}],"processes":{}}]}';
    await page.getByRole('button', { name: 'Open a file' }).waitFor();
    await page.locator('input[type=file]').setInputFiles([
      { name: 'bad.json', mimeType: 'application/json', buffer: Buffer.from(bad) },
      { name: 'picture.png', mimeType: 'image/png', buffer: Buffer.from('89504e470d0a1a0a', 'hex') },
      { name: 'good.bin', mimeType: '', buffer: Buffer.from(encodeTracesProtobuf([trace])) },
    ]);
    await page.waitForURL(`**/trace/${trace.traceId}`);
    await page.getByText('bad.json was not taken').waitFor();
    await page.getByText('spans[0].spanID: an id of up to 16 hex digits belongs here, not "what"').waitFor();
    await page.getByText('picture.png was not taken').waitFor();
    await visit.assertSound('refused files');
    await page.getByRole('alert').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await visit.close();
  });
}

test('upload: a trace older than what is kept is archived', async () => {
  const trace = freshTrace(1_500_000_000_000_000_000n);
  const body = encodeTracesProtobuf([trace]) as BodyInit;
  const response = await fetch(`${spoor.jaeger}/api/spoor/upload`, { method: 'POST', body });
  assert.equal(response.status, 200);
  const { traces } = (await response.json()) as { traces: { traceId: string }[] };
  assert.deepEqual(
    traces.map(({ traceId }) => traceId),
    [trace.traceId],
  );
  const found = await fetch(`${spoor.jaeger}/api/traces/${trace.traceId}`);
  const { data } = (await found.json()) as { data: { spans: unknown[] }[] };
  assert.equal(data[0].spans.length, 6);
});

test('upload: another site may not', async () => {
  const headers = { 'Sec-Fetch-Site': 'cross-site' };
  const response = await fetch(`${spoor.jaeger}/api/spoor/upload`, { method: 'POST', headers, body: '{}' });
  assert.equal(response.status, 403);
});

for (const look of looks) {
  test(`status: ports, refusals with their last example and what to do (${look.theme}, ${look.widthPixels} px)`, async () => {
    const { otlpHttp, jaeger } = spoor;
    await fetch(`${otlpHttp}/v1/trace`, { method: 'POST', body: '{}' });
    const zipkin = await zipkinPort();
    if (zipkin !== undefined)
      await fetch(`http://127.0.0.1:${zipkin}/api/v2/spans`, { method: 'POST', body: '[{"id":7' });
    const visit = await PageVisit.open(browser, `${jaeger}/status`, look);
    const { page } = visit;
    await page.getByText('did you mean /v1/traces?').waitFor();
    await page.getByText('Change the path in the client').waitFor();
    for (const title of ['OTLP gRPC', 'compact Thrift over UDP', 'Zipkin over HTTP', 'strategies over gRPC'])
      await page.locator('.ho-receivers').getByText(title).waitFor();
    if (zipkin !== undefined)
      await page.getByText('from 127.0.0.1').or(page.getByText('::ffff:127.0.0.1')).first().waitFor();
    await visit.assertSound('status');
    await visit.close();
  });
}

test('status: counts what each port accepted', async () => {
  const before = (await receiver('otlp-http'))?.spanCount;
  const { traceId } = await (await fetch(`${spoor.jaeger}/api/spoor/test-trace`, { method: 'POST' })).json();
  const { data } = await (await fetch(`${spoor.jaeger}/api/traces/${traceId}`)).json();
  assert.equal((await receiver('otlp-http'))?.spanCount, before! + data[0].spans.length);
});

async function zipkinPort(): Promise<number | undefined> {
  const zipkin = await receiver('zipkin');
  return zipkin?.state === 'listening' ? zipkin.port : undefined;
}

async function receiver(name: string) {
  const status = (await (await fetch(`${spoor.jaeger}/api/spoor/status`)).json()) as {
    receivers: { name: string; port?: number; state: string; spanCount: number }[];
  };
  return status.receivers.find((one) => one.name === name);
}

test('trace: links are shown both ways, and the raw view is there', async () => {
  const target = freshTrace();
  const source = freshTrace();
  const link = { traceId: target.traceId, spanId: target.spans[0].spanId, traceState: '', flags: 0 };
  const linking: Trace = {
    traceId: source.traceId,
    spans: source.spans.map((span, index): Span =>
      index === 0 ? { ...span, links: [{ ...link, attributes: [], droppedAttributesCount: 0 }] } : span,
    ),
  };
  for (const trace of [target, linking]) {
    await fetch(`${spoor.jaeger}/api/spoor/upload`, {
      method: 'POST',
      body: encodeTracesProtobuf([trace]) as BodyInit,
    });
  }
  const at = (traceId: TraceId, spanId: SpanId): string => `${spoor.jaeger}/trace/${traceId}?span=${spanId}`;
  const visit = await PageVisit.open(browser, at(source.traceId, source.spans[0].spanId));
  const { page } = visit;
  await page.locator('.sd').getByRole('link', { name: target.traceId }).click();
  await page.waitForURL(at(target.traceId, link.spanId));
  await page.getByText('Linked from').click();
  await page.getByText('Linked from (1)').waitFor();
  await visit.assertSound('linked from');
  await page.locator('.sd-section', { hasText: 'Linked from' }).getByRole('link').first().click();
  await page.waitForURL(`**/trace/${source.traceId}`);
  await page.getByRole('tab', { name: 'Raw' }).click();
  await page.getByText('clock skew not adjusted').waitFor();
  await page.getByText('"traceID"').first().waitFor();
  await visit.assertSound('raw');
  await visit.close();
});
