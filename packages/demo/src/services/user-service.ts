import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { logLine, runService } from '../demo-service.ts';
import { exchange } from '../http-client.ts';
import { HttpError, type Call, type Reply } from '../http-server.ts';
import { pause } from '../pause.ts';

type Row = Readonly<Record<string, unknown>>;

await runService('user-service', (peer) => [
  { method: 'GET', path: '/users/{id}', handle: (call) => user(call, peer('database')) },
  { method: 'GET', path: '/users/{id}/orders', handle: (call) => orders(call, peer('database')) },
]);

async function user({ span, parameters }: Call, database: string): Promise<Reply> {
  const rows = await select(database, 'users', 'id', parameters['id']);
  if (rows.length === 0) throw new HttpError(404, `there is no user ${parameters['id']}`);
  span.addEvent('user loaded');
  await pause(2);
  return { status: 200, body: rows[0] };
}

async function orders({ span, parameters }: Call, database: string): Promise<Reply> {
  const [owner] = await select(database, 'users', 'id', parameters['id']);
  if (owner === undefined) throw new HttpError(404, `there is no user ${parameters['id']}`);
  span.addEvent('user loaded');
  const rows = await select(database, 'orders', 'user_id', parameters['id']);
  span.addEvent('orders loaded', { 'orders.count': rows.length });
  span.setAttribute('orders.count', rows.length);
  await pause(3);
  return { status: 200, body: { user: owner, orders: rows } };
}

/** A query in a client span, as database instrumentation makes it. */
function select(database: string, table: string, column: string, value: string): Promise<readonly Row[]> {
  const attributes = {
    'db.system.name': 'demodb',
    'db.namespace': 'shop',
    'db.operation.name': 'SELECT',
    'db.collection.name': table,
    'db.query.text': `SELECT * FROM ${table} WHERE ${column} = ?`,
    'server.address': 'database',
    'server.port': Number(new URL(database).port),
  };
  const tracer = trace.getTracer('demo/db-client');
  return tracer.startActiveSpan(`SELECT ${table}`, { kind: SpanKind.CLIENT, attributes }, async (span) => {
    try {
      const query = { table, column, value };
      const answer = await exchange({ method: 'POST', base: database, peer: 'database', path: '/query', body: query });
      if (answer.status !== 200) throw new Error(String(answer.body['error']));
      const rows = answer.body['rows'] as readonly Row[];
      span.setAttribute('db.response.returned_rows', rows.length);
      return rows;
    } catch (error) {
      span.recordException(error as Error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message });
      logLine('error', 'query failed', { table, error: (error as Error).message });
      throw error;
    } finally {
      span.end();
    }
  });
}
