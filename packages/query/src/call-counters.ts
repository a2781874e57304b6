import { serviceName, SpanKind, StatusCode, type TraceId, unixNano } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import { attribute } from '@spoor/traceql';
import { BlockScan, blockCountOf } from './block-scan.ts';
import { ConnectionType, connectionTypeNames, isClientSide, isServerSide, userNode } from './call-edges.ts';
import { type BlockRows, withRows } from './field-numbers.ts';
import { ABSENT, labelNumbers, type LabelNumbers } from './label-numbers.ts';
import { LabelValues } from './label-values.ts';
import { edgeLatencyBounds, LatencyBuckets } from './latency-buckets.ts';
import { WindowCells } from './metric-windows.ts';
import { PeerNames } from './peer-names.ts';
import { SeriesCells } from './series-cells.ts';
import type { LabelledSeriesAnswer } from './trace-store.ts';
import type { TurnTaker } from './turn-taker.ts';
import { WordQuadrupleIndex } from './word-quadruple-index.ts';

/** Sides that wait for the other, and clients that may be called for again. Past it: they are dropped, and counted. */
const sidesMax = 200_000;

/** One side of a call. Names are numbers of label values. */
interface Side {
  readonly client: number;
  readonly server: number;
  readonly isMessage: boolean;
  readonly isFailed: boolean;
  readonly durationNano: number;
  readonly count: number;
}

interface ClientSide extends Side {
  readonly database: number;
  readonly peer: number;
  isServed: boolean;
}

/** Client spans that arrived in one batch, by trace and span id. */
interface ClientBatch {
  readonly milli: number;
  readonly index: WordQuadrupleIndex;
  readonly sides: ClientSide[];
}

interface WaitingServer extends Side {
  readonly milli: number;
  /** lower half of the trace id, two words */
  readonly traceHigh: number;
  readonly traceLow: number;
  /** the client's span id */
  readonly spanHigh: number;
  readonly spanLow: number;
}

/**
 * Counts calls between services as their spans arrive, by the rules of {@link CallEdges}: the two sides of a call may come
 * at different times, so each waits some seconds for the other. What of a call comes later than that is not counted as its.
 * Numbers of a series: requests, failed requests, then the histograms of the server's and the client's seconds.
 */
export class CallCounters {
  readonly #waitMilli: number;
  readonly #clients = new LabelValues('client');
  readonly #servers = new LabelValues('server');
  readonly #types = new LabelValues('connection_type');
  readonly #user = this.#clients.number(userNode);
  readonly #buckets = new LatencyBuckets(edgeLatencyBounds);
  readonly #cells: SeriesCells;
  /** of the call at hand: client, server, type */
  readonly #names = [new Int32Array(1), new Int32Array(1), new Int32Array(1)] as const;
  #batches: ClientBatch[] = [];
  #waiting: WaitingServer[] = [];
  #droppedCount = 0;

  constructor(seriesMax: number, waitMilli: number) {
    this.#waitMilli = waitMilli;
    const everything = new WindowCells({ end: unixNano(0n), stepNano: 1n, count: 1, lengthNano: undefined });
    for (const name of connectionTypeNames) this.#types.number(name);
    const labels = [this.#clients, this.#servers, this.#types];
    this.#cells = new SeriesCells(everything, labels, 2 + 2 * this.#buckets.width, seriesMax, true);
  }

  /** spans that were not kept until the other side of their call came, since too many waited */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  /** @param nowMilli  when they arrived, more or less */
  async add(sources: readonly ColumnSource[], nowMilli: number, turns: TurnTaker): Promise<void> {
    const batch: ClientBatch = { milli: nowMilli, index: new WordQuadrupleIndex(), sides: [] };
    const servers: WaitingServer[] = [];
    for (const source of sources) await this.#addSource(source, batch, servers, turns);
    this.#batches.push(batch);
    const before = this.#waiting;
    this.#waiting = [];
    for (const server of [...before, ...servers]) this.#pair(server, nowMilli);
    this.#expire(nowMilli);
  }

  async #addSource(
    source: ColumnSource,
    batch: ClientBatch,
    servers: WaitingServer[],
    turns: TurnTaker,
  ): Promise<void> {
    const names = (await source.resources()).map(serviceName);
    const bound: BoundSource = {
      clientOf: names.map((name) => (name === '' ? ABSENT : this.#clients.number(name))),
      serverOf: names.map((name) => (name === '' ? ABSENT : this.#servers.number(name))),
      peers: await PeerNames.open(source, this.#servers),
      callers: await labelNumbers(source, attribute('span', 'peer.service'), this.#clients, ABSENT),
      traces: new TraceWords(source),
    };
    for (let b = 0; b < blockCountOf(source); b++) {
      await turns.turn();
      const scan = new BlockScan(source, b, turns.signal);
      const kind = await scan.words('kind');
      const rows = (isSide: (kind: number) => boolean): BlockRows => {
        const found: number[] = [];
        for (let i = 0; i < scan.rowCount; i++) if (isSide(kind[i])) found.push(i);
        return withRows(scan, Uint32Array.from(found));
      };
      await this.#addClients(rows(isClientSide), bound, batch);
      await this.#addServers(rows(isServerSide), bound, batch.milli, servers);
    }
  }

  async #addClients(block: BlockRows, bound: BoundSource, batch: ClientBatch): Promise<void> {
    const { scan, rows } = block;
    if (rows.length === 0) return;
    const { databases, peers } = await bound.peers.of(block);
    const sides = await sideColumns(scan);
    const high = await scan.words('spanIdHigh');
    const low = await scan.words('spanIdLow');
    const traces = await bound.traces.of(block);
    const resource = await scan.words('resource');
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      const client = bound.clientOf[resource[row]];
      if (client < 0 || !this.#hasRoom()) continue;
      const number = batch.index.add(traces[2 * i], traces[2 * i + 1], high[row], low[row]);
      batch.sides[number] ??= {
        client,
        server: ABSENT,
        isMessage: sides.kind[row] === SpanKind.producer,
        isFailed: sides.status[row] === StatusCode.error,
        durationNano: sides.duration[row],
        count: sides.count[row],
        database: databases[i],
        peer: peers[i],
        isServed: false,
      };
    }
  }

  async #addServers(block: BlockRows, bound: BoundSource, milli: number, servers: WaitingServer[]): Promise<void> {
    const { scan, rows } = block;
    if (rows.length === 0) return;
    const sides = await sideColumns(scan);
    const high = await scan.words('parentSpanIdHigh');
    const low = await scan.words('parentSpanIdLow');
    const traces = await bound.traces.of(block);
    const callers = await bound.callers(block);
    const resource = await scan.words('resource');
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      const server = bound.serverOf[resource[row]];
      if (server < 0) continue;
      const side: WaitingServer = {
        client: ABSENT,
        server,
        isMessage: sides.kind[row] === SpanKind.consumer,
        isFailed: sides.status[row] === StatusCode.error,
        durationNano: sides.duration[row],
        count: sides.count[row],
        milli,
        traceHigh: traces[2 * i],
        traceLow: traces[2 * i + 1],
        spanHigh: high[row],
        spanLow: low[row],
      };
      if (high[row] !== 0 || low[row] !== 0) servers.push(side);
      else
        this.#count(
          callers[i] === ABSENT ? this.#user : callers[i],
          server,
          ConnectionType.virtual,
          side,
          undefined,
          side,
        );
    }
  }

  #hasRoom(): boolean {
    const kept = this.#batches.reduce((sum, { sides }) => sum + sides.length, this.#waiting.length);
    if (kept < sidesMax) return true;
    this.#droppedCount++;
    return false;
  }

  #pair(server: WaitingServer, nowMilli: number): void {
    const client = this.#clientOf(server);
    if (client !== undefined) {
      client.isServed = true;
      const isMessage = client.isMessage || server.isMessage;
      const type = isMessage ? ConnectionType.messaging : ConnectionType.request;
      this.#count(client.client, server.server, type, server, client, server);
    } else if (nowMilli - server.milli < this.#waitMilli && this.#hasRoom()) {
      this.#waiting.push(server);
    }
  }

  #clientOf({ traceHigh, traceLow, spanHigh, spanLow }: WaitingServer): ClientSide | undefined {
    for (const { index, sides } of this.#batches.toReversed()) {
      const number = index.find(traceHigh, traceLow, spanHigh, spanLow);
      if (number >= 0) return sides[number];
    }
    return undefined;
  }

  /** Client sides that nobody served within the time are calls to what sends no spans. */
  #expire(nowMilli: number): void {
    const isOld = ({ milli }: ClientBatch): boolean => nowMilli - milli >= this.#waitMilli;
    for (const { sides } of this.#batches.filter(isOld)) {
      for (const side of sides) {
        if (side.isServed) continue;
        const { client, database, peer } = side;
        if (database >= 0) this.#count(client, database, ConnectionType.database, side, side, side);
        else if (peer >= 0) this.#count(client, peer, ConnectionType.virtual, side, side, undefined);
      }
    }
    this.#batches = this.#batches.filter((batch) => !isOld(batch));
  }

  /**
   * @param by  says how many it stands for
   * @param client  the sides whose status and duration are known
   */
  #count(
    clientName: number,
    serverName: number,
    type: number,
    { count }: Side,
    client: Side | undefined,
    server: Side | undefined,
  ): void {
    const names = this.#names;
    [names[0][0], names[1][0], names[2][0]] = [clientName, serverName, type];
    const into = this.#cells.cells(this.#cells.series(names, 1)[0]);
    if (into === undefined) return;
    into[0] += count;
    if (client?.isFailed === true || server?.isFailed === true) into[1] += count;
    if (server !== undefined) this.#buckets.add(into, 2, server.durationNano, count);
    if (client !== undefined) this.#buckets.add(into, 2 + this.#buckets.width, client.durationNano, count);
  }

  answer(): LabelledSeriesAnswer {
    return this.#cells.answer((values) => this.#finish(values));
  }

  overflow(): Float64Array | undefined {
    return this.#cells.overflow((values) => this.#finish(values));
  }

  #finish(values: Float64Array): void {
    const { width } = this.#buckets;
    this.#buckets.accumulate(values, 2 + 2 * width, 2);
    this.#buckets.accumulate(values, 2 + 2 * width, 2 + width);
  }
}

interface BoundSource {
  readonly clientOf: readonly number[];
  readonly serverOf: readonly number[];
  readonly peers: PeerNames;
  readonly callers: LabelNumbers;
  readonly traces: TraceWords;
}

/** Columns that say how a side of a call went. */
interface SideColumns {
  readonly kind: ArrayLike<number>;
  readonly status: ArrayLike<number>;
  readonly duration: Float64Array;
  readonly count: Float64Array;
}

async function sideColumns(scan: BlockScan): Promise<SideColumns> {
  return {
    kind: await scan.words('kind'),
    status: await scan.words('statusCode'),
    duration: await scan.numbers('durationNano'),
    count: await scan.numbers('adjustedCount'),
  };
}

/** The lower halves of trace ids, two words each: those are random in every format there is. */
class TraceWords {
  readonly #source: ColumnSource;
  readonly #known = new Map<number, readonly [number, number]>();

  constructor(source: ColumnSource) {
    this.#source = source;
  }

  async of({ scan, rows }: BlockRows): Promise<Uint32Array> {
    const traceRow = await scan.words('traceRow');
    const unknown = new Set<number>();
    for (const row of rows) if (!this.#known.has(traceRow[row])) unknown.add(traceRow[row]);
    const asked = Uint32Array.from(unknown);
    const ids: readonly TraceId[] = await this.#source.traceIds(asked);
    for (const [i, id] of ids.entries()) {
      this.#known.set(asked[i], [Number.parseInt(id.slice(16, 24), 16), Number.parseInt(id.slice(24), 16)]);
    }
    const words = new Uint32Array(2 * rows.length);
    for (let i = 0; i < rows.length; i++) words.set(this.#known.get(traceRow[rows[i]])!, 2 * i);
    return words;
  }
}
