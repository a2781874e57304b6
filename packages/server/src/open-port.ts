import { listenAddresses } from './bind-policy.ts';
import { ListenError, type Listener, type ListenerName } from './http-listener.ts';
import type { ListenAddress } from './listen-address.ts';
import type { Log } from './log.ts';
import type { PortName } from './port-entry.ts';

/** Ports that are open; one that is off, or that was taken, is missing. */
export type OpenPorts = Readonly<Partial<Record<PortName, number>>>;

export interface OpenPortOptions {
  /** where those listen that name no host of their own */
  readonly addresses: readonly string[];
  readonly log: Log;
  /** told of each, so that it can be closed even when a later one fails */
  readonly onListener: (listener: Listener) => void;
}

/**
 * Opens a port unless it is switched off. One that nobody asked for and another program has (a Jaeger agent on the same
 * machine, say) is done without, with one line in the log.
 *
 * @returns the port that is open, if any
 * @throws {ListenError} when a port that was asked for, or that `isNeeded`, cannot be had
 */
export async function openPort(
  { addresses, log, onListener }: OpenPortOptions,
  entry: Omit<ListenerName, 'port'> & { readonly isNeeded?: boolean },
  { port, host, isAskedFor }: ListenAddress,
  listen: (name: ListenerName, addresses: readonly string[]) => Promise<Listener>,
): Promise<number | undefined> {
  if (port === undefined) return undefined;
  const { title, flag, isNeeded = false } = entry;
  try {
    const listener = await listen({ title, flag, port }, host === undefined ? addresses : listenAddresses(host, false));
    onListener(listener);
    return listener.port;
  } catch (error) {
    if (isAskedFor || isNeeded || !(error instanceof ListenError)) throw error;
    log.warn(`${error.message}; going on without it`);
    return undefined;
  }
}
