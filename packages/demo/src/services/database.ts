import { setTimeout as sleep } from 'node:timers/promises';
import { trace, type Span } from '@opentelemetry/api';
import { logLine, runService } from '../demo-service.ts';
import { tenants, usersOf, type Tenant } from '../demo-users.ts';
import type { Call, Reply } from '../http-server.ts';
import { pause } from '../pause.ts';

interface Order {
  readonly id: number;
  readonly user_id: string;
  readonly cents: number;
}

/** What `user-service` asks for: the rows of a table that have a value in a column. */
interface Query {
  readonly table: 'users' | 'orders';
  readonly column: string;
  readonly value: string;
}

const ordersPerTenant = 24_000;
const rowsPerPage = 1_000;
/** One page from a slow disk. */
const pageReadMilli = 14;

const users = new Map<string, { id: string; tenant: Tenant }>(
  tenants.flatMap((tenant) => usersOf(tenant).map((id) => [id, { id, tenant }] as const)),
);
/** One partition a tenant. */
const orders = new Map<string, readonly Order[]>(tenants.map((tenant) => [tenant, ordersOf(tenant)] as const));
/** The demo's slow path: the partition of one tenant came without its index. */
const indexes = new Map<string, Map<string, Order[]>>(
  tenants
    .filter((tenant) => tenant !== 'globex')
    .map((tenant) => [tenant, Map.groupBy(ordersOf(tenant), (order) => order.user_id)] as const),
);

await runService('database', () => [{ method: 'POST', path: '/query', handle: query }]);

async function query({ span, body }: Call): Promise<Reply> {
  const { table, column, value } = body as Query;
  span.updateName(`SELECT ${table}`);
  span.setAttributes({
    'db.system.name': 'demodb',
    'db.namespace': 'shop',
    'db.operation.name': 'SELECT',
    'db.collection.name': table,
    'db.query.text': `SELECT * FROM ${table} WHERE ${column} = ?`,
  });
  await pause(1);
  const rows = table === 'users' ? await userRows(span, value) : await orderRows(span, value);
  span.setAttribute('db.response.returned_rows', rows.length);
  return { status: 200, body: { rows } };
}

async function userRows(span: Span, id: string): Promise<readonly object[]> {
  span.addEvent('plan chosen', { 'db.plan': 'primary key' });
  await pause(2);
  const row = users.get(id);
  return row === undefined ? [] : [row];
}

async function orderRows(span: Span, user: string): Promise<readonly object[]> {
  const tenant = users.get(user)?.tenant ?? '';
  const index = indexes.get(tenant);
  const plan = index === undefined ? 'full scan' : 'index orders_by_user';
  span.setAttributes({ 'db.plan': plan });
  span.addEvent('plan chosen', { 'db.plan': plan });
  if (index === undefined) return fullScan(span, tenant, user);
  await pause(3);
  return (index.get(user) ?? []).slice(0, 20);
}

/** Reads the whole partition, page by page, in a span of its own. */
function fullScan(span: Span, tenant: string, user: string): Promise<readonly object[]> {
  const rows = orders.get(tenant) ?? [];
  logLine('warn', 'query without an index', { tenant, rows: rows.length });
  return trace.getTracer('demo/database').startActiveSpan('scan orders', async (scan) => {
    const found: Order[] = [];
    for (let start = 0; start < rows.length; start += rowsPerPage) {
      await sleep(pageReadMilli);
      found.push(...rows.slice(start, start + rowsPerPage).filter((row) => row.user_id === user));
    }
    scan.setAttribute('db.rows_examined', rows.length);
    scan.end();
    span.setAttribute('db.rows_examined', rows.length);
    return found.slice(0, 20);
  });
}

function ordersOf(tenant: Tenant): readonly Order[] {
  const names = usersOf(tenant);
  return Array.from({ length: ordersPerTenant }, (_, id) => ({
    id,
    user_id: names[(id * 7) % names.length],
    cents: 100 + ((id * 7919) % 20_000),
  }));
}
