import { serviceName, SpanKind, StatusCode, type TraceId } from '@spoor/model';
import type { ColumnSource } from '@spoor/store';
import { attribute } from '@spoor/traceql';
import { BlockScan, blockCountOf } from './block-scan.ts';
import { ConnectionType, isClientSide, isServerSide, userNode } from './call-edges.ts';
import { type CallSide, ClientSides, ServerSides } from './call-sides.ts';
import { CallSums } from './call-sums.ts';
import { type BlockRows, withRows } from './field-numbers.ts';
import { ABSENT, labelNumbers, type LabelNumbers } from './label-numbers.ts';
import { LabelValues } from './label-values.ts';
import { PeerNames } from './peer-names.ts';
import type { LabelledSeriesAnswer } from './trace-store.ts';
import type { TurnTaker } from './turn-taker.ts';

/** Sides that wait for the other, and clients that may be called for again. Past it: they are dropped, and counted. */
const sidesMax = 200_000;

/**
 * Counts calls between services as their spans arrive, by the rules of {@link CallEdges}: the two sides of a call may come
 * at different times, so each waits some seconds for the other. What of a call comes later than that is not counted as its.
 */
export class CallCounters {
  readonly #waitMilli: number;
  readonly #clients = new LabelValues('client');
  readonly #servers = new LabelValues('server');
  readonly #user = this.#clients.number(userNode);
  readonly #sums: CallSums;
  /** client sides by when they arrived, the newest last */
  #batches: ClientSides[] = [];
  /** of batches that are over */
  readonly #spare: ClientSides[] = [];
  readonly #waiting = new ServerSides();
  /** client sides in all batches */
  #clientCount = 0;
  #droppedCount = 0;

  constructor(seriesMax: number, waitMilli: number) {
    this.#waitMilli = waitMilli;
    this.#sums = new CallSums(this.#clients, this.#servers, seriesMax);
  }

  /** spans that were not kept until the other side of their call came, since too many waited */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  /** @param nowMilli  when they arrived, more or less */
  async add(sources: readonly ColumnSource[], nowMilli: number, turns: TurnTaker): Promise<void> {
    const batch = this.#spare.pop() ?? new ClientSides();
    batch.clear(nowMilli);
    this.#batches.push(batch);
    for (const source of sources) await this.#addSource(source, batch, turns);
    this.#pair(nowMilli);
    this.#expire(nowMilli);
    this.#sums.flush();
  }

  async #addSource(source: ColumnSource, batch: ClientSides, turns: TurnTaker): Promise<void> {
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
      await this.#addClients(rowsWhere(scan, kind, isClientSide), bound, batch);
      await this.#addServers(rowsWhere(scan, kind, isServerSide), bound, batch.milli);
    }
  }

  async #addClients(block: BlockRows, bound: BoundSource, batch: ClientSides): Promise<void> {
    const { scan, rows } = block;
    if (rows.length === 0) return;
    const { databases, peers } = await bound.peers.of(block);
    const columns = await sideColumns(scan);
    const high = await scan.words('spanIdHigh');
    const low = await scan.words('spanIdLow');
    const traces = await bound.traces.of(block);
    const side = emptySide();
    const before = batch.length;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      side.name = bound.clientOf[columns.resource[row]];
      if (side.name < 0 || !this.#hasRoom(this.#clientCount + batch.length - before + this.#waiting.length)) continue;
      fillSide(side, columns, row);
      side.database = databases[i];
      side.peer = peers[i];
      batch.add(traces[2 * i], traces[2 * i + 1], high[row], low[row], side);
    }
    this.#clientCount += batch.length - before;
  }

  async #addServers(block: BlockRows, bound: BoundSource, milli: number): Promise<void> {
    const { scan, rows } = block;
    if (rows.length === 0) return;
    const columns = await sideColumns(scan);
    const high = await scan.words('parentSpanIdHigh');
    const low = await scan.words('parentSpanIdLow');
    const traces = await bound.traces.of(block);
    const callers = await bound.callers(block);
    const side = emptySide();
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      side.name = bound.serverOf[columns.resource[row]];
      if (side.name < 0) continue;
      fillSide(side, columns, row);
      if (high[row] !== 0 || low[row] !== 0) {
        this.#waiting.add(milli, traces[2 * i], traces[2 * i + 1], high[row], low[row], side);
      } else {
        const caller = callers[i] === ABSENT ? this.#user : callers[i];
        const { isFailed, count, durationNano } = side;
        this.#sums.add(caller, side.name, ConnectionType.virtual, isFailed, count, durationNano, NaN);
      }
    }
  }

  #hasRoom(sideCount: number): boolean {
    if (sideCount < sidesMax) return true;
    this.#droppedCount++;
    return false;
  }

  /** Counts the calls of servers whose client is here; those that may still get one stay, in their order. */
  #pair(nowMilli: number): void {
    const servers = this.#waiting;
    let kept = 0;
    for (let at = 0; at < servers.length; at++) {
      if (this.#pairOne(at)) continue;
      if (nowMilli - servers.milli[at] < this.#waitMilli && this.#hasRoom(this.#clientCount + kept)) {
        servers.move(at, kept++);
      }
    }
    servers.length = kept;
  }

  #pairOne(at: number): boolean {
    const servers = this.#waiting;
    for (let b = this.#batches.length - 1; b >= 0; b--) {
      const clients = this.#batches[b];
      const client = servers.placeIn(clients, at);
      if (client < 0) continue;
      clients.serve(client);
      const isMessage = clients.isMessage(client) || servers.isMessage(at);
      this.#sums.add(
        clients.name[client],
        servers.name[at],
        isMessage ? ConnectionType.messaging : ConnectionType.request,
        clients.isFailed(client) || servers.isFailed(at),
        servers.count[at],
        servers.durationNano[at],
        clients.durationNano[client],
      );
      return true;
    }
    return false;
  }

  /** Client sides that nobody served within the time are calls to what sends no spans. */
  #expire(nowMilli: number): void {
    while (this.#batches.length > 0 && nowMilli - this.#batches[0].milli >= this.#waitMilli) {
      const clients = this.#batches.shift()!;
      for (let at = 0; at < clients.length; at++) if (!clients.isServed(at)) this.#addUnserved(clients, at);
      this.#clientCount -= clients.length;
      if (this.#spare.length === 0) this.#spare.push(clients);
    }
  }

  #addUnserved(clients: ClientSides, at: number): void {
    const [client, isFailed, count] = [clients.name[at], clients.isFailed(at), clients.count[at]];
    const [database, peer, nano] = [clients.database[at], clients.peer[at], clients.durationNano[at]];
    if (database >= 0) this.#sums.add(client, database, ConnectionType.database, isFailed, count, nano, nano);
    else if (peer >= 0) this.#sums.add(client, peer, ConnectionType.virtual, isFailed, count, NaN, nano);
  }

  answer(): LabelledSeriesAnswer {
    return this.#sums.answer();
  }

  overflow(): Float64Array | undefined {
    return this.#sums.overflow();
  }
}

interface BoundSource {
  readonly clientOf: readonly number[];
  readonly serverOf: readonly number[];
  readonly peers: PeerNames;
  readonly callers: LabelNumbers;
  readonly traces: TraceWords;
}

/** Rows of a block whose kind is of one side of a call. */
function rowsWhere(scan: BlockScan, kind: ArrayLike<number>, isSide: (kind: number) => boolean): BlockRows {
  const found = new Uint32Array(scan.rowCount);
  let count = 0;
  for (let i = 0; i < found.length; i++) if (isSide(kind[i])) found[count++] = i;
  return withRows(scan, found.subarray(0, count));
}

/** Columns that say how a side of a call went. */
interface SideColumns {
  readonly resource: ArrayLike<number>;
  readonly kind: ArrayLike<number>;
  readonly status: ArrayLike<number>;
  readonly duration: Float64Array;
  readonly count: Float64Array;
}

async function sideColumns(scan: BlockScan): Promise<SideColumns> {
  return {
    resource: await scan.words('resource'),
    kind: await scan.words('kind'),
    status: await scan.words('statusCode'),
    duration: await scan.numbers('durationNano'),
    count: await scan.numbers('adjustedCount'),
  };
}

function emptySide(): CallSide {
  return { name: 0, isMessage: false, isFailed: false, durationNano: 0, count: 0, database: ABSENT, peer: ABSENT };
}

function fillSide(side: CallSide, { kind, status, duration, count }: SideColumns, row: number): void {
  side.isMessage = kind[row] === SpanKind.producer || kind[row] === SpanKind.consumer;
  side.isFailed = status[row] === StatusCode.error;
  side.durationNano = duration[row];
  side.count = count[row];
}

/** The lower halves of trace ids, two words each: those are random in every format there is. */
class TraceWords {
  readonly #source: ColumnSource;
  readonly #words: Uint32Array;
  readonly #isKnown: Uint8Array;

  constructor(source: ColumnSource) {
    this.#source = source;
    this.#words = new Uint32Array(2 * source.traceCount);
    this.#isKnown = new Uint8Array(source.traceCount);
  }

  async of({ scan, rows }: BlockRows): Promise<Uint32Array> {
    const traceRow = await scan.words('traceRow');
    await this.#learn(traceRow, rows);
    const words = new Uint32Array(2 * rows.length);
    for (let i = 0; i < rows.length; i++) {
      const trace = traceRow[rows[i]];
      words[2 * i] = this.#words[2 * trace];
      words[2 * i + 1] = this.#words[2 * trace + 1];
    }
    return words;
  }

  async #learn(traceRow: ArrayLike<number>, rows: Uint32Array): Promise<void> {
    const unknown: number[] = [];
    for (let i = 0; i < rows.length; i++) {
      const trace = traceRow[rows[i]];
      if (this.#isKnown[trace] === 1) continue;
      this.#isKnown[trace] = 1;
      unknown.push(trace);
    }
    if (unknown.length === 0) return;
    const ids: readonly TraceId[] = await this.#source.traceIds(Uint32Array.from(unknown));
    for (let i = 0; i < unknown.length; i++) {
      this.#words[2 * unknown[i]] = hexWord(ids[i], 16);
      this.#words[2 * unknown[i] + 1] = hexWord(ids[i], 24);
    }
  }
}

/** The word that eight lower-case digits stand for: `parseInt` of a slice takes ten times as long. */
function hexWord(text: string, from: number): number {
  let word = 0;
  for (let i = from; i < from + 8; i++) {
    const code = text.charCodeAt(i);
    word = (word << 4) | (code <= 0x39 ? code - 0x30 : code - 0x57);
  }
  return word >>> 0;
}
