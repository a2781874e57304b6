import { readFileSync } from 'node:fs';
import type { MetricRegistry } from './metric-registry.ts';
import type { ReceiverPorts } from './receivers/open-receivers.ts';

const udpReceivers = ['jaeger-compact', 'jaeger-binary', 'jaeger-zipkin-compact'] as const;

/** Shows {@link udpDrops} of the open receivers: losses that nothing else in the program can know of. */
export function addUdpDropMetrics(registry: MetricRegistry, ports: ReceiverPorts): void {
  const help = 'Datagrams that the kernel threw away because they came faster than they were read.';
  registry.observed('counter', 'spoor_receiver_kernel_drops_total', help, () => {
    const drops = udpDrops();
    return udpReceivers.flatMap((receiver) => {
      const port = ports[receiver];
      const value = port === undefined ? undefined : drops.get(port);
      return value === undefined ? [] : [{ labels: { receiver }, value }];
    });
  });
}

/**
 * Datagrams that the kernel threw away because nobody read them in time, by local port, since their sockets were opened.
 * Linux alone says; elsewhere the answer is empty.
 *
 *     sl  local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode ref pointer drops
 *
 * Source: proc(5), /proc/net/udp.
 */
export function udpDrops(read: (path: string) => string | undefined = readIfThere): ReadonlyMap<number, number> {
  const drops = new Map<number, number>();
  for (const path of ['/proc/net/udp', '/proc/net/udp6']) {
    const lines = (read(path) ?? '').split('\n').slice(1);
    for (const line of lines) {
      const fields = line.trim().split(/\s+/);
      const port = Number.parseInt(fields[1]?.split(':')[1] ?? '', 16);
      const count = Number(fields.at(-1));
      if (Number.isInteger(port) && Number.isInteger(count)) drops.set(port, (drops.get(port) ?? 0) + count);
    }
  }
  return drops;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not Linux, or a sandbox without /proc: then there is nothing to tell.
    return undefined;
  }
}
