import { createHmac, randomUUID, scryptSync, timingSafeEqual } from 'node:crypto';

const tokenKey = 'not-a-secret-either';
/** Far below what a real shop should ask for, so that it starts at once. */
const cost = { N: 1024, r: 8, p: 1 };

/** `count` accounts: user1 with password1 and so on. */
export function createAccounts(count) {
  const hashes = new Map();
  for (let n = 1; n <= count; n++) hashes.set(`user${n}`, hashPassword(`password${n}`, `user${n}`));
  return {
    verify(user, password) {
      const expected = hashes.get(user);
      return expected !== undefined && timingSafeEqual(expected, hashPassword(password, user));
    },
    issueToken(user) {
      const claims = Buffer.from(JSON.stringify({ user, id: randomUUID() })).toString('base64url');
      return `${claims}.${createHmac('sha256', tokenKey).update(claims).digest('base64url')}`;
    },
  };
}

/** On the event loop's thread: every login makes all other requests wait. A profile shows it. */
function hashPassword(password, salt) {
  return scryptSync(password, salt, 32, cost);
}
