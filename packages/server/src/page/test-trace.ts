import { randomBytes } from 'node:crypto';
import {
  StatusCode,
  SpanKind,
  unixNano,
  type Attribute,
  type Resource,
  type Scope,
  type Span,
  type SpanId,
  type Trace,
  type TraceId,
} from '@spoor/model';

interface ExampleSpan {
  readonly service: string;
  readonly name: string;
  readonly kind: number;
  /** index of the caller */
  readonly parent: number | undefined;
  readonly startMilli: number;
  readonly endMilli: number;
  readonly attributes: Readonly<Record<string, string | number>>;
}

const { server, client } = SpanKind;

/**
 *    frontend           GET /profile            ========================
 *     api-gateway       GET /api/profile         =====================
 *      auth-service     POST /verify              =====
 *      user-service     GET /users/{id}                 =============
 *       user-service    SELECT users                     ==========
 *        database       query                             ========
 */
const example: readonly ExampleSpan[] = [
  {
    service: 'frontend',
    name: 'GET /profile',
    kind: server,
    parent: undefined,
    startMilli: 0,
    endMilli: 240,
    attributes: { 'http.request.method': 'GET', 'url.path': '/profile', 'http.response.status_code': 200 },
  },
  {
    service: 'api-gateway',
    name: 'GET /api/profile',
    kind: server,
    parent: 0,
    startMilli: 8,
    endMilli: 228,
    attributes: { 'http.request.method': 'GET', 'http.route': '/api/profile', 'http.response.status_code': 200 },
  },
  {
    service: 'auth-service',
    name: 'POST /verify',
    kind: server,
    parent: 1,
    startMilli: 14,
    endMilli: 62,
    attributes: {
      'http.request.method': 'POST',
      'http.route': '/verify',
      'http.response.status_code': 200,
      'enduser.id': 'u-4711',
    },
  },
  {
    service: 'user-service',
    name: 'GET /users/{id}',
    kind: server,
    parent: 1,
    startMilli: 70,
    endMilli: 216,
    attributes: { 'http.request.method': 'GET', 'http.route': '/users/{id}', 'http.response.status_code': 200 },
  },
  {
    service: 'user-service',
    name: 'SELECT users',
    kind: client,
    parent: 3,
    startMilli: 78,
    endMilli: 198,
    attributes: {
      'db.system.name': 'postgresql',
      'db.namespace': 'shop',
      'db.query.text': 'SELECT * FROM users WHERE id = $1',
      'server.address': 'database',
    },
  },
  {
    service: 'database',
    name: 'SELECT users',
    kind: server,
    parent: 4,
    startMilli: 84,
    endMilli: 190,
    attributes: { 'db.system.name': 'postgresql', 'db.collection.name': 'users', 'db.response.returned_rows': 1 },
  },
];

/** The guide's example with fresh ids, ending now. */
export function testTrace(nowMilli: number): Trace {
  const traceId = randomBytes(16).toString('hex') as TraceId;
  const spanIds = example.map(() => randomBytes(8).toString('hex') as SpanId);
  const resources = new Map<string, Resource>();
  const start = BigInt(Math.trunc(nowMilli) - 240) * 1_000_000n;
  const spans = example.map((each, index): Span => {
    let resource = resources.get(each.service);
    if (resource === undefined) resources.set(each.service, (resource = resourceOf(each.service)));
    return {
      traceId,
      spanId: spanIds[index],
      parentSpanId: each.parent === undefined ? '' : spanIds[each.parent],
      traceState: '',
      flags: 1,
      name: each.name,
      kind: each.kind,
      startTimeUnixNano: unixNano(start + BigInt(each.startMilli) * 1_000_000n),
      endTimeUnixNano: unixNano(start + BigInt(each.endMilli) * 1_000_000n),
      attributes: attributesOf(each.attributes),
      droppedAttributesCount: 0,
      events: [],
      droppedEventsCount: 0,
      links: [],
      droppedLinksCount: 0,
      statusCode: StatusCode.unset,
      statusMessage: '',
      resource,
      scope,
      adjustedCount: 1,
    };
  });
  return { traceId, spans };
}

const scope: Scope = {
  name: 'spoor.test-trace',
  version: '',
  attributes: [],
  droppedAttributesCount: 0,
  schemaUrl: '',
};

function resourceOf(service: string): Resource {
  const attributes = attributesOf({
    'service.name': service,
    'service.version': '1.0.0',
    'deployment.environment.name': 'test',
  });
  return { attributes, droppedAttributesCount: 0, schemaUrl: '', entityRefs: [] };
}

function attributesOf(values: Readonly<Record<string, string | number>>): Attribute[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { type: 'int', value } : { type: 'string', value },
  }));
}
