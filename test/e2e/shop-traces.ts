import { requestOf, stringAttribute, type JsonSpan } from './otlp-json.ts';

/*
 * Ten traces, six seconds apart, the first a second after `epochSeconds`. The last stands for two (`ot=th:8`).
 *
 *   web     GET /cart   server                        [0 … 50 ms]
 *   web     └─ POST     client                        [5 … 45 ms]
 *   shop       └─ POST /buy  server, every 5th fails  [10 … 40 ms]
 *   shop          ├─ SELECT  client, postgresql       [12 … 20 ms]
 *   shop          └─ send    producer                 [30 … 31 ms]
 *   mailer           └─ mail  consumer                [33 … 37 ms]
 */
export const epochSeconds = 1_700_000_000;

/** Requests that the traces stand for: nine and one of two. */
export const requestCount = 11;
/** The first and the sixth. */
export const failedCount = 2;

export function shopTraces(): string {
  const services: Record<string, JsonSpan[]> = { web: [], shop: [], mailer: [] };
  for (let i = 0; i < 10; i++) {
    const startMilli = BigInt(epochSeconds + 1 + 6 * i) * 1000n;
    const span = (id: number, name: string, kind: number, from: number, to: number, parent?: number): JsonSpan => ({
      traceId: (i + 1).toString(16).padStart(32, '0'),
      spanId: (100 * (i + 1) + id).toString(16).padStart(16, '0'),
      ...(parent !== undefined && { parentSpanId: (100 * (i + 1) + parent).toString(16).padStart(16, '0') }),
      name,
      kind,
      startTimeUnixNano: String((startMilli + BigInt(from)) * 1_000_000n),
      endTimeUnixNano: String((startMilli + BigInt(to)) * 1_000_000n),
      ...(i === 9 && { traceState: 'ot=th:8' }),
    });
    const failed = { status: { code: 2, message: 'out of stock' } };
    const database = [stringAttribute('db.system', 'postgresql'), stringAttribute('server.address', 'pg1')];
    services['web'].push(
      {
        ...span(1, 'GET /cart', 2, 0, 50),
        attributes: [stringAttribute('http.request.method', 'GET'), stringAttribute('', 'no name')],
      },
      span(2, 'POST', 3, 5, 45, 1),
    );
    services['shop'].push(
      { ...span(3, 'POST /buy', 2, 10, 40, 2), ...(i % 5 === 0 && failed) },
      { ...span(4, 'SELECT', 3, 12, 20, 3), attributes: database },
      span(5, 'send', 4, 30, 31, 3),
    );
    services['mailer'].push(span(6, 'mail', 5, 33, 37, 5));
  }
  return requestOf(services);
}
