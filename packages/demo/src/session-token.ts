import { createHmac, timingSafeEqual } from 'node:crypto';

/** Whose session it is. Times are seconds since the epoch. */
export interface Session {
  readonly user: string;
  readonly tenant: string;
  readonly expires: number;
}

export class TokenExpiredError extends Error {
  constructor(expires: number) {
    super(`token expired at ${new Date(expires * 1000).toISOString()}`);
    this.name = 'TokenExpiredError';
  }
}

export class TokenInvalidError extends Error {
  constructor() {
    super('token signature does not match');
    this.name = 'TokenInvalidError';
  }
}

// Anyone may know it: these tokens open nothing but the demo.
const secret = 'demo';

export function signToken(session: Session): string {
  const payload = Buffer.from(JSON.stringify(session)).toString('base64url');
  return `${payload}.${signature(payload)}`;
}

/** Whom a token speaks of, unchecked; `undefined` when it cannot be read. */
export function peekToken(token: string): Session | undefined {
  try {
    return JSON.parse(Buffer.from(token.split('.', 1)[0], 'base64url').toString()) as Session;
  } catch {
    return undefined;
  }
}

/** @throws {TokenInvalidError} {TokenExpiredError} */
export function verifyToken(token: string, nowMilli: number): Session {
  const [payload, given = ''] = token.split('.');
  const expected = Buffer.from(signature(payload));
  const isGenuine = expected.length === given.length && timingSafeEqual(expected, Buffer.from(given));
  const session = isGenuine ? peekToken(token) : undefined;
  if (session === undefined) throw new TokenInvalidError();
  if (session.expires * 1000 <= nowMilli) throw new TokenExpiredError(session.expires);
  return session;
}

function signature(payload: string): string {
  return createHmac('sha256', secret).update(payload).digest('base64url');
}
