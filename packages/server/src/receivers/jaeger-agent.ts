import { StoreError } from '@spoor/model';
import { WalContentType, WalProtocol } from '@spoor/store';
import { thriftProtocolOf } from '@spoor/wire';
import type { Authorize } from '../authorize.ts';
import type { ByteBudget } from '../byte-budget.ts';
import type { ReceiverLedger } from './intake-ledger.ts';
import type { TakeSpans } from './span-intake.ts';

export interface ForeignReceiver {
  readonly take: TakeSpans;
  readonly authorize: Authorize;
  /** memory for bodies, shared by all receivers */
  readonly bodyBytes: ByteBudget;
  readonly ledger: ReceiverLedger;
}

/** Told of one datagram. Never throws, and never answers: the protocol has no answer. */
export type PacketListener = (packet: Uint8Array, sender: string) => void;

/** Datagrams that wait for the disk. Small packets are bounded by this, large ones by the memory for bodies. */
const packetsInFlightMax = 20_000;

/**
 * Jaeger's agent: each datagram is one Thrift message, `emitBatch` or `emitZipkinBatch`, compact or binary, on any of its
 * ports, since clients exist that speak the other protocol. What cannot be taken is counted with its reason.
 */
export function jaegerAgentListener({ take, authorize, bodyBytes, ledger }: ForeignReceiver): PacketListener {
  let inFlight = 0;
  const accept = async (packet: Uint8Array, remoteAddress: string, contentType: number): Promise<number[]> => {
    const tenant = authorize({ protocol: 'udp', path: '/agent', headers: {}, remoteAddress });
    using hold = bodyBytes.open();
    hold.take(packet.length);
    if (inFlight >= packetsInFlightMax) throw new StoreError('STORE_BUSY', 'too many packets wait for the disk');
    inFlight++;
    try {
      const form = { protocol: WalProtocol.jaegerAgent, contentType };
      const result = await take({ tenant, form, coding: 'identity', received: packet, body: packet, haste: 'patient' });
      return [result.spanCount, result.rejectedSpanCount];
    } finally {
      inFlight--;
    }
  };
  return (packet, sender) => {
    const protocol = thriftProtocolOf(packet);
    const encoding = `thrift-${protocol}`;
    accept(packet, sender, protocol === 'compact' ? WalContentType.thriftCompact : WalContentType.thriftBinary).then(
      ([spanCount, rejectedSpanCount]) =>
        ledger.accept({ encoding, spanCount, rejectedSpanCount, sizeBytes: packet.length }),
      (error: unknown) => ledger.reject({ encoding, error, body: packet, sender }),
    );
  };
}
