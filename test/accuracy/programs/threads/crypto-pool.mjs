// PBKDF2 on libuv's pool; the main thread waits.
import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { hasBudget } from './cpu-budget.mjs';

const derive = promisify(pbkdf2);

async function deriveKeys(count) {
  await Promise.all(Array.from({ length: count }, (_, i) => derive(`secret ${i}`, 'salt', 60_000, 64, 'sha512')));
}

while (hasBudget()) await deriveKeys(4);
