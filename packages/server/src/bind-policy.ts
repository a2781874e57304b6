import { existsSync } from 'node:fs';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where to listen. Nothing asks for a password, so by default only this machine can connect, over IPv4 and IPv6
 * alike, since `localhost` may mean either. A container's loopback is of no use to anyone, and its network is the
 * boundary: there, everywhere.
 *
 * @returns addresses of which the first must work; those after it may be missing on the machine
 */
export function listenAddresses(host: string | undefined, inContainer: boolean): readonly string[] {
  if (host === 'localhost' || (host === undefined && !inContainer)) return ['127.0.0.1', '::1'];
  return [host ?? '::'];
}

/** Docker and Podman leave a file, Kubernetes a variable. */
export function isContainer(env: Environment, exists: (path: string) => boolean = existsSync): boolean {
  return exists('/.dockerenv') || exists('/run/.containerenv') || Boolean(env['KUBERNETES_SERVICE_HOST']);
}

/** `true` for addresses only this machine can reach. */
export function isLoopback(address: string): boolean {
  return address === '::1' || address === 'localhost' || address.startsWith('127.');
}
