import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { peekToken, signToken, verifyToken } from './session-token.ts';

const session = { user: 'acme-01', tenant: 'acme', expires: 1000 };

test('verifyToken: a token is good until it expires', () => {
  const token = signToken(session);
  deepEqual(verifyToken(token, 999_999), session);
  throws(() => verifyToken(token, 1_000_000), {
    name: 'TokenExpiredError',
    message: 'token expired at 1970-01-01T00:16:40.000Z',
  });
});

test('verifyToken: what was changed on the way is no token', () => {
  const token = signToken(session);
  const forged = `${Buffer.from(JSON.stringify({ ...session, user: 'root' })).toString('base64url')}.${token.split('.')[1]}`;
  for (const text of ['', 'x', 'x.y', forged, token.slice(0, -1), `${token}x`]) {
    throws(() => verifyToken(text, 0), { name: 'TokenInvalidError' }, text);
  }
  equal(peekToken('%%%'), undefined);
});
