import { tenants, usersOf, type Tenant } from './demo-users.ts';
import { signToken } from './session-token.ts';

/** A request slower than this met the missing index. */
export const slowMilli = 250;

export interface LoadCounts {
  requests: number;
  denied: number;
  slow: number;
  failed: number;
}

interface UserRequest {
  readonly path: '/profile' | '/orders';
  readonly user: string;
  readonly tenant: Tenant;
  readonly isExpired: boolean;
}

/** A period long enough that no two patterns below coincide, short enough that each is met within seconds. */
const expiredEvery = 13;
const unindexedEvery = 9;

/**
 * The n-th request of the load. Always the same sequence, so that both faults are there soon and stay as rare as they are:
 * one in thirteen comes with an expired token, one in nine wants orders of the tenant without an index.
 */
export function userRequest(n: number): UserRequest {
  const isExpired = n % expiredEvery === 4;
  const isUnindexed = !isExpired && n % unindexedEvery === 2;
  const tenant = isUnindexed ? 'globex' : tenants[n % 2];
  const users = usersOf(tenant);
  const path = isUnindexed || n % 5 < 2 ? '/orders' : '/profile';
  // Steps of the golden ratio reach everyone, whichever of the patterns above picked n.
  const user = users[Math.floor(((n * 0.618034) % 1) * users.length)];
  return { path, user, tenant, isExpired };
}

/** Browsers of many users: a request every `1000 / rate` milliseconds, whether earlier ones were answered or not. */
export class UserLoad {
  readonly counts: LoadCounts = { requests: 0, denied: 0, slow: 0, failed: 0 };
  readonly #frontend: string;
  readonly #running = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #next = 0;

  constructor(frontend: string) {
    this.#frontend = frontend;
  }

  start(rate: number): void {
    this.#timer = setInterval(() => this.#send(), 1000 / rate);
    this.#send();
  }

  /** Sends no more and waits for the answers that are due. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#running);
  }

  #send(): void {
    const running = this.#visit(userRequest(this.#next++)).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #visit({ path, user, tenant, isExpired }: UserRequest): Promise<void> {
    const expires = Math.floor(Date.now() / 1000) + (isExpired ? -300 : 3600);
    const token = signToken({ user, tenant, expires });
    const start = performance.now();
    this.counts.requests++;
    try {
      const response = await fetch(this.#frontend + path, {
        headers: { authorization: `Bearer ${token}`, 'user-agent': 'demo-browser/1.0' },
        signal: AbortSignal.timeout(10_000),
      });
      await response.arrayBuffer();
      if (response.status === 401) this.counts.denied++;
      else if (!response.ok) this.counts.failed++;
      if (performance.now() - start > slowMilli) this.counts.slow++;
    } catch {
      this.counts.failed++;
    }
  }
}
