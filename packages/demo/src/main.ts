import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { demoHelp, DemoUsageError, readDemoOptions, type DemoOptions } from './demo-options.ts';
import { ServiceProcesses } from './service-processes.ts';
import { answers, isListening, SpoorProcess } from './spoor-process.ts';
import { UserLoad } from './user-load.ts';
import { whereToLook } from './where-to-look.ts';

/** A line of counts comes so often. */
const reportMilli = 10_000;

/** As far ahead as a timer can be set: 24 days. */
const timerMilliMax = 2 ** 31 - 1;

process.exitCode = await main();

/** @returns exit code: 0 done or interrupted, 1 could not run, 2 wrong usage */
async function main(): Promise<number> {
  try {
    const options = readDemoOptions(process.argv.slice(2));
    if (options === undefined) process.stdout.write(demoHelp);
    else await demonstrate(options);
    return 0;
  } catch (error) {
    process.stderr.write(`demo: ${(error as Error).message}\n`);
    return error instanceof DemoUsageError ? 2 : 1;
  }
}

async function demonstrate(options: DemoOptions): Promise<void> {
  const { signal, reasonToStop } = stopSignal();
  const endpoint = options.endpoint ?? `http://localhost:${portOf('SPOOR_OTLP_HTTP_PORT', 4318)}`;
  const page = options.page ?? pageBeside(endpoint);
  const needsSpoor = options.endpoint === undefined && !(await isListening(endpoint));
  if (needsSpoor) say('Nobody listens at', endpoint, '- starting Spoor for the demo.');
  const spoor = needsSpoor ? await SpoorProcess.start(options.dataDir, page) : undefined;
  try {
    const services = await ServiceProcesses.start(endpoint, options.logs, (name) => {
      if (!signal.aborted) reasonToStop(`${name} ended`);
    });
    const load = new UserLoad(services.baseOf('frontend'));
    load.start(options.rate);
    say(await introduction(options, endpoint, page, spoor));
    await waitForEnd(load, options.forMilli, signal);
    await load.stop();
    await services.stop();
    say(countsLine(load));
  } finally {
    await spoor?.stop();
  }
  if (signal.reason instanceof Error) throw signal.reason;
}

/** Fires at Ctrl-C and the like, or when something goes wrong; then its reason is an `Error`. */
function stopSignal(): { signal: AbortSignal; reasonToStop: (message: string) => void } {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      // The second time there is no waiting for last spans.
      if (controller.signal.aborted) process.exit(130);
      controller.abort(name);
    });
  }
  return { signal: controller.signal, reasonToStop: (message) => controller.abort(new Error(message)) };
}

async function waitForEnd(load: UserLoad, forMilli: number | undefined, signal: AbortSignal): Promise<void> {
  const report = setInterval(() => say(countsLine(load)), reportMilli);
  try {
    await sleep(Math.min(forMilli ?? timerMilliMax, timerMilliMax), undefined, { signal });
  } catch {
    // Interrupted, which is how the demo usually ends.
  } finally {
    clearInterval(report);
  }
}

async function introduction(
  { rate, forMilli }: DemoOptions,
  endpoint: string,
  page: string,
  spoor: SpoorProcess | undefined,
): Promise<string> {
  const until = forMilli === undefined ? 'Ctrl-C ends it all' : `ends by itself after ${forMilli / 1000} s`;
  const store = spoor === undefined ? `Spans go to ${endpoint}` : `Spoor keeps them in ${spoor.dataDir}`;
  return `
  Five services, ${rate} requests a second. ${store}; ${until}.

    frontend ── api-gateway ──┬── auth-service      now and then a token has expired
                              └── user-service ── database   orders of one tenant lack an index

${await sights(endpoint, page)}`;
}

/** Where to look, or why there is nothing to look at. */
async function sights(endpoint: string, page: string): Promise<string> {
  if (!(await isListening(endpoint))) return `  Nobody listens at ${endpoint}: spans are lost until somebody does.\n`;
  if (!(await answers(`${page}/ready`))) return `  No Spoor at ${page}: look where ${endpoint} brings the spans.\n`;
  return whereToLook(page, await answers(`${page}/search`));
}

function countsLine({ counts }: UserLoad): string {
  const { requests, denied, slow, failed } = counts;
  const failures = failed === 0 ? '' : `, ${failed} failed`;
  return `${requests} requests: ${denied} denied for an expired token, ${slow} slow for want of an index${failures}`;
}

/** Spoor shows what it gets on the same machine. */
function pageBeside(endpoint: string): string {
  const url = new URL(endpoint);
  const basePath = (process.env['SPOOR_BASE_PATH'] ?? '').replace(/\/+$/, '');
  return `${url.protocol}//${url.hostname}:${portOf('SPOOR_JAEGER_HTTP_PORT', 16686)}${basePath}`;
}

function portOf(variable: string, otherwise: number): number {
  return Number(process.env[variable] || otherwise);
}

function say(...words: readonly string[]): void {
  process.stdout.write(`${words.join(' ')}\n`);
}
