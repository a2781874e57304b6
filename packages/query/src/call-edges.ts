import { serviceName, SpanKind } from '@spoor/model';
import { type ColumnSource, NO_ROW } from '@spoor/store';
import { attribute } from '@spoor/traceql';
import type { BlockScan } from './block-scan.ts';
import { withRows } from './field-numbers.ts';
import { ABSENT, labelNumbers, type LabelNumbers } from './label-numbers.ts';
import type { LabelValues } from './label-values.ts';
import { PeerNames } from './peer-names.ts';
import { type RowMask, rowsOf } from './row-mask.ts';
import { columnOfRows } from './source-rows.ts';
import type { TurnTaker } from './turn-taker.ts';

/** What `connection_type` says of a call; a plain request's is empty. */
export const ConnectionType = Object.freeze({ request: 0, messaging: 1, database: 2, virtual: 3 });
export const connectionTypeNames: readonly string[] = Object.freeze([
  '',
  'messaging_system',
  'database',
  'virtual_node',
]);

/** Who calls a service that is asked from outside. */
export const userNode = 'user';

/** No row is this side of a call: it sent no span. */
export const NO_SIDE = -1;

/** The calls that rows of a block stand for, each column by row. */
export interface BlockCalls {
  /** 1 for rows that stand for a call: its server side, or its client side when nothing else is known of the server */
  readonly rows: RowMask;
  /** numbers of the label values that name the two sides */
  readonly clients: Int32Array;
  readonly servers: Int32Array;
  readonly types: Uint8Array;
  /** rows of the source, {@link NO_SIDE} without */
  readonly clientRows: Int32Array;
  readonly serverRows: Int32Array;
}

/**
 * Calls between services, from whole traces: a server or consumer span whose parent is a client or producer span; a client
 * span that nobody served but that names a database or a peer; a root server span, which a user called. Spans of services
 * without a name take no part.
 */
export class CallEdges {
  /** row of its resource, of each row of the source */
  readonly resourceOf: Uint32Array;
  readonly #kindOf: Uint8Array;
  /** 1 for client sides whose server side is here */
  readonly #isServed: Uint8Array;
  readonly #clientOf: Int32Array;
  readonly #serverOf: Int32Array;
  readonly #peers: PeerNames;
  readonly #callers: LabelNumbers;
  readonly #user: number;

  static async open(
    source: ColumnSource,
    clients: LabelValues,
    servers: LabelValues,
    turns: TurnTaker,
  ): Promise<CallEdges> {
    const kindOf = Uint8Array.from(await columnOfRows(source, 'kind', turns), (kind) => (kind <= 5 ? kind : 0));
    const parentOf = await columnOfRows(source, 'parentRow', turns);
    const isServed = new Uint8Array(source.rowCount);
    for (let row = 0; row < parentOf.length; row++) {
      const parent = parentOf[row];
      if (parent !== NO_ROW && isServerSide(kindOf[row]) && isClientSide(kindOf[parent])) isServed[parent] = 1;
    }
    const names = (await source.resources()).map(serviceName);
    return new CallEdges({
      resourceOf: await columnOfRows(source, 'resource', turns),
      kindOf,
      isServed,
      clientOf: Int32Array.from(names, (name) => (name === '' ? NO_SIDE : clients.number(name))),
      serverOf: Int32Array.from(names, (name) => (name === '' ? NO_SIDE : servers.number(name))),
      peers: await PeerNames.open(source, servers),
      callers: await labelNumbers(source, attribute('span', 'peer.service'), clients, ABSENT),
      user: clients.number(userNode),
    });
  }

  private constructor(parts: {
    readonly resourceOf: Uint32Array;
    readonly kindOf: Uint8Array;
    readonly isServed: Uint8Array;
    readonly clientOf: Int32Array;
    readonly serverOf: Int32Array;
    readonly peers: PeerNames;
    readonly callers: LabelNumbers;
    readonly user: number;
  }) {
    this.resourceOf = parts.resourceOf;
    this.#kindOf = parts.kindOf;
    this.#isServed = parts.isServed;
    this.#clientOf = parts.clientOf;
    this.#serverOf = parts.serverOf;
    this.#peers = parts.peers;
    this.#callers = parts.callers;
    this.#user = parts.user;
  }

  /** @param leftOut  flags trace rows whose spans do not count here */
  async ofBlock(scan: BlockScan, rows: RowMask, leftOut: Uint8Array | undefined): Promise<BlockCalls> {
    const calls = noCalls(scan.rowCount);
    const parentOf = await scan.words('parentRow');
    const traceOf = leftOut === undefined ? undefined : await scan.words('traceRow');
    const unserved = new Uint8Array(scan.rowCount);
    const asked = new Uint8Array(scan.rowCount);
    for (let i = 0; i < rows.length; i++) {
      if (rows[i] === 0 || (traceOf !== undefined && leftOut![traceOf[i]] === 1)) continue;
      const row = scan.firstRow + i;
      const kind = this.#kindOf[row];
      const parent = parentOf[i] >>> 0;
      if (isClientSide(kind)) unserved[i] = 1 - this.#isServed[row];
      else if (!isServerSide(kind)) continue;
      else if (parent === NO_ROW) asked[i] = 1;
      else if (isClientSide(this.#kindOf[parent])) this.#addPair(calls, i, parent, row);
    }
    if (asked.includes(1)) await this.#addAsked(calls, scan, asked);
    if (unserved.includes(1)) await this.#addUnserved(calls, scan, unserved);
    return calls;
  }

  #addPair(calls: BlockCalls, i: number, clientRow: number, serverRow: number): void {
    const client = this.#clientOf[this.resourceOf[clientRow]];
    const server = this.#serverOf[this.resourceOf[serverRow]];
    const isMessage = this.#kindOf[clientRow] === SpanKind.producer || this.#kindOf[serverRow] === SpanKind.consumer;
    addCall(calls, i, client, server, isMessage ? ConnectionType.messaging : ConnectionType.request);
    calls.clientRows[i] = clientRow;
    calls.serverRows[i] = serverRow;
  }

  /** Roots only: a parent that is not here may be a client span that comes later, or was not kept. */
  async #addAsked(calls: BlockCalls, scan: BlockScan, asked: RowMask): Promise<void> {
    const [depth, connected] = [await scan.words('depth'), await scan.words('connected')];
    const roots = rowsOf(asked).filter((row) => depth[row] === 0 && connected[row] === 1);
    const callers = await this.#callers(withRows(scan, roots));
    for (let i = 0; i < roots.length; i++) {
      const row = scan.firstRow + roots[i];
      const client = callers[i] === ABSENT ? this.#user : callers[i];
      addCall(calls, roots[i], client, this.#serverOf[this.resourceOf[row]], ConnectionType.virtual);
      calls.serverRows[roots[i]] = row;
    }
  }

  async #addUnserved(calls: BlockCalls, scan: BlockScan, unserved: RowMask): Promise<void> {
    const rows = rowsOf(unserved);
    const { databases, peers } = await this.#peers.of(withRows(scan, rows));
    for (let i = 0; i < rows.length; i++) {
      const row = scan.firstRow + rows[i];
      const client = this.#clientOf[this.resourceOf[row]];
      if (databases[i] !== ABSENT) addCall(calls, rows[i], client, databases[i], ConnectionType.database);
      else if (peers[i] !== ABSENT) addCall(calls, rows[i], client, peers[i], ConnectionType.virtual);
      calls.clientRows[rows[i]] = row;
    }
  }
}

function noCalls(rowCount: number): BlockCalls {
  return {
    rows: new Uint8Array(rowCount),
    clients: new Int32Array(rowCount),
    servers: new Int32Array(rowCount),
    types: new Uint8Array(rowCount),
    clientRows: new Int32Array(rowCount).fill(NO_SIDE),
    serverRows: new Int32Array(rowCount).fill(NO_SIDE),
  };
}

function addCall(calls: BlockCalls, i: number, client: number, server: number, type: number): void {
  if (client < 0 || server < 0) return;
  calls.rows[i] = 1;
  calls.clients[i] = client;
  calls.servers[i] = server;
  calls.types[i] = type;
}

export function isClientSide(kind: number): boolean {
  return kind === SpanKind.client || kind === SpanKind.producer;
}

export function isServerSide(kind: number): boolean {
  return kind === SpanKind.server || kind === SpanKind.consumer;
}
