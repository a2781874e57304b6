import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { pathTo, spanNamed, storedTrace } from './stored-trace.ts';

/** What a protocol keeps of OpenTelemetry's model. */
export interface Fidelity {
  /** `exact`: as sent; `double`: whole numbers became doubles; `text`: everything became strings */
  readonly values: 'exact' | 'double' | 'text';
  /** whether an event keeps more than its name */
  readonly hasEventAttributes: boolean;
}

export const exact: Fidelity = Object.freeze({ values: 'exact', hasEventAttributes: true });

const sent = Object.freeze({ 'order.note': 'naïve 雪', 'order.items': 3, 'order.total': 0.25, 'order.gift': true });
const types = Object.freeze({
  exact: ['string', 'int64', 'float64', 'bool'],
  double: ['string', 'float64', 'float64', 'bool'],
  text: ['string', 'string', 'string', 'string'],
});

/** The trace id that a client printed. */
export function printedTraceId(output: string): string {
  const [, traceId] = /trace_id=([0-9a-f]{32})/.exec(output) ?? [];
  ok(traceId !== undefined, output);
  return traceId;
}

/**
 * Checks the trace that each client here sends:
 *
 *     GET /cart (server; order.note, order.items, order.total, order.gift, order.tags)
 *       └─ charge (client, fails; events "retry" and "exception")
 */
export async function checkOrderTrace(
  jaeger: string,
  traceId: string,
  service: string,
  { values, hasEventAttributes }: Fidelity = exact,
): Promise<void> {
  const spans = await storedTrace(jaeger, traceId, 2);
  const cart = spanNamed(spans, service, 'GET /cart');
  const charge = spanNamed(spans, service, 'charge');
  equal(cart.parentId, undefined);
  deepEqual(pathTo(charge, spans), [`${service}: GET /cart`, `${service}: charge`]);
  equal(cart.attributes['span.kind'], 'server');
  equal(charge.attributes['span.kind'], 'client');

  const asText = (value: unknown): unknown => (values === 'text' ? String(value).toLowerCase() : value);
  const names = Object.keys(sent);
  deepEqual(
    names.map((name) => (values === 'text' ? asText(cart.attributes[name]) : cart.attributes[name])),
    Object.values(sent).map(asText),
  );
  deepEqual(
    names.map((name) => cart.types[name]),
    types[values],
  );
  // Jaeger's JSON has no lists, and each of Jaeger's and Zipkin's exporters writes them in its own way.
  match(String(cart.attributes['order.tags']), /a.{1,4}b/);

  equal(cart.attributes['error'], undefined);
  equal(charge.attributes['error'], true);
  match(String(charge.attributes['otel.status_description']), /card declined/);
  const [retry, exception] = charge.events;
  if (hasEventAttributes) {
    deepEqual(retry, { name: 'retry', attributes: { attempt: 2 } });
    equal(exception.name, 'exception');
    equal(exception.attributes['exception.message'], 'card declined');
  } else {
    match(retry.name, /retry/);
    match(exception.name, /exception/);
  }
}
