/**
 * `npm run bench -- query`: how long answers take over Jaeger's HTTP API, warm, cold and busy. Nothing gives a time range
 * unless it says so. Flags: see `latency-run.ts`.
 */
import process from 'node:process';
import { httpQuestion, type Question, runLatencyBench, SPANS_PER_REQUEST, type StoredSpans } from './latency-run.ts';

interface JaegerAnswer {
  readonly data: readonly unknown[] | null;
}

const hasData = (answer: JaegerAnswer): string | undefined =>
  (answer.data?.length ?? 0) > 0 ? undefined : 'found nothing';
const hasNone = (answer: JaegerAnswer): string | undefined =>
  (answer.data?.length ?? 0) === 0 ? undefined : `found ${answer.data?.length} traces`;
const search = (parameters: Readonly<Record<string, string>>): string =>
  `/api/traces?${String(new URLSearchParams({ limit: '20', ...parameters }))}`;

function questionsOver({ generator, copies }: StoredSpans): readonly Question[] {
  const below = (count: number): number => Math.floor(Math.random() * count);
  const someSpan = () =>
    generator.knownSpan(below(copies), below(generator.requestsPerCopy - 1), below(SPANS_PER_REQUEST));
  const someUnique = () => {
    for (;;) {
      const { unique } = someSpan();
      if (unique?.key === 'guid:x-request-id') return unique.value;
    }
  };
  const byRequestId = (value: string): string => search({ tags: JSON.stringify({ 'guid:x-request-id': value }) });
  const absentId = (): string => `00000000-0000-4000-8000-${String(below(1e12)).padStart(12, '0')}`;
  const failed = { service: 'frontend', minDuration: '1ms', tags: '{"error":"true"}' };
  const lastHour = () => ({ start: String((Date.now() - 3_600_000) * 1000), end: String(Date.now() * 1000) });
  const dependencies = (): string => `/api/dependencies?endTs=${Date.now()}&lookback=3600000`;
  const questions: readonly (readonly [string, () => string, (answer: JaegerAnswer) => string | undefined])[] = [
    ['trace by id', () => `/api/traces/${someSpan().traceId}`, hasData],
    ['rare value (one span has it)', () => byRequestId(someUnique()), hasData],
    ['absent value', () => byRequestId(absentId()), hasNone],
    ['service, duration and error', () => search(failed), hasData],
    ['the same, within the last hour', () => search({ ...failed, ...lastHour() }), hasData],
    ['newest of a service', () => search({ service: 'frontend' }), hasData],
    ['number comparison', () => search({ tags: '{"http.status_code":">=400"}' }), hasData],
    ['services', () => '/api/services', hasData],
    ['operations of a service', () => '/api/operations?service=frontend', hasData],
    ['dependencies, one hour', dependencies, hasData],
  ];
  return questions.map(([name, path, check]) =>
    httpQuestion(name, ({ jaegerPort }) => `http://127.0.0.1:${jaegerPort}${path()}`, check),
  );
}

await runLatencyBench(process.argv.slice(2), questionsOver);
