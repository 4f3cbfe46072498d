// Compression on libuv's pool; the main thread hands out the buffers.
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { hasBudget } from './cpu-budget.mjs';

const compress = promisify(deflate);
const text = Buffer.from(Array.from({ length: 60_000 }, (_, i) => `line ${(i * 2654435761) % 65537}\n`).join(''));

async function compressAll(count) {
  await Promise.all(Array.from({ length: count }, () => compress(text, { level: 9 })));
}

while (hasBudget()) await compressAll(4);
