import type { IncomingHttpHeaders } from 'node:http';

/** What is known of a request before anything of it is believed. */
export interface AccessRequest {
  readonly protocol: 'http' | 'grpc' | 'udp';
  /** `/v1/traces`, `/api/services`, `/package.Service/Method`, or `/agent` for a datagram */
  readonly path: string;
  readonly headers: Readonly<IncomingHttpHeaders>;
  readonly remoteAddress: string | undefined;
}

/**
 * The one hook every entry passes, HTTP and gRPC, writes and reads: says whose data the request is about.
 * Synchronous for now; throwing refuses the request.
 */
export type Authorize = (request: AccessRequest) => string;

/** The only tenant until tenancy is switched on. */
export const defaultTenant = 'default';

/** Everyone who can reach the port may do everything: the reason why the default bind is loopback. */
export function authorizeEveryone(_request: AccessRequest): string {
  return defaultTenant;
}
