import type { ColumnSource } from '@spoor/store';
import { attribute } from '@spoor/traceql';
import type { BlockRows } from './field-numbers.ts';
import { ABSENT, firstPresent, labelNumbers, type LabelNumbers } from './label-numbers.ts';
import type { LabelValues } from './label-values.ts';

/** What a span says of the database it calls, the most telling first. */
const databaseKeys = ['db.namespace', 'db.name', 'db.system', 'db.system.name'] as const;

/** What spans say of whom they talk to: numbers of the label values that are to be shown for it, by row. */
export interface BlockPeers {
  /** of a client span that names a database; {@link ABSENT} for others */
  readonly databases: Int32Array;
  /** `peer.service`; {@link ABSENT} for spans without */
  readonly peers: Int32Array;
}

/**
 * Names of what is at the other end of a call and sends no spans itself. A database goes by the first of `peer.service`,
 * `server.address`, `network.peer.address` with its port, and its own name or system.
 */
export class PeerNames {
  readonly #values: LabelValues;
  readonly #peer: LabelNumbers;
  readonly #server: LabelNumbers;
  readonly #address: LabelNumbers;
  readonly #port: LabelNumbers;
  readonly #databases: readonly LabelNumbers[];

  private constructor(
    values: LabelValues,
    [peer, server, address, port, ...databases]: readonly [
      LabelNumbers,
      LabelNumbers,
      LabelNumbers,
      LabelNumbers,
      ...LabelNumbers[],
    ],
  ) {
    this.#values = values;
    this.#peer = peer;
    this.#server = server;
    this.#address = address;
    this.#port = port;
    this.#databases = databases;
  }

  static async open(source: ColumnSource, values: LabelValues): Promise<PeerNames> {
    const read = (key: string): Promise<LabelNumbers> => labelNumbers(source, attribute('span', key), values, ABSENT);
    return new PeerNames(values, [
      await read('peer.service'),
      await read('server.address'),
      await read('network.peer.address'),
      await read('network.peer.port'),
      ...(await Promise.all(databaseKeys.map(read))),
    ]);
  }

  async of(block: BlockRows): Promise<BlockPeers> {
    const peers = await this.#peer(block);
    const databases = await firstPresent(this.#databases, block);
    if (databases.every((number) => number === ABSENT)) return { databases, peers };
    const addresses: LabelNumbers = (asked) => this.#addresses(asked);
    const better = await firstPresent([async () => peers, this.#server, addresses], block);
    for (let i = 0; i < databases.length; i++) {
      if (databases[i] !== ABSENT && better[i] !== ABSENT) databases[i] = better[i];
    }
    return { databases, peers };
  }

  async #addresses(block: BlockRows): Promise<Int32Array> {
    const addresses = await this.#address(block);
    if (addresses.every((number) => number === ABSENT)) return addresses;
    const ports = await this.#port(block);
    for (let i = 0; i < addresses.length; i++) {
      if (addresses[i] < 0 || ports[i] < 0) continue;
      addresses[i] = this.#values.number(`${this.#values.text(addresses[i])}:${this.#values.text(ports[i])}`);
    }
    return addresses;
  }
}
