// Blocking and pooled work of Node: files, crypto, zlib, DNS-free sockets. EINTR must stay invisible.
import { createHash, createHmac, pbkdf2Sync, randomBytes, scryptSync } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { createChecksum, times } from './checksum.mjs';

const checksum = createChecksum();
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'hotspan-io-'));
const text = Buffer.from('hotspan '.repeat(5000));
const echo = net.createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
await once(echo, 'listening');
try {
  for (let round = 0; round < times(6); round++) {
    const file = path.join(dir, 'file');
    fs.writeFileSync(file, text);
    for (let i = 0; i < 50; i++) fs.readFileSync(file);
    const copied = await fs.promises.readFile(file);
    const packed = zlib.gzipSync(text);
    const unpacked = await promisify(zlib.gunzip)(packed);
    const socket = net.connect(echo.address().port, '127.0.0.1');
    socket.end(text);
    let echoed = 0;
    for await (const part of socket) echoed += part.length;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3);
    const sums = [
      fs.statSync(file).size, copied.equals(text), unpacked.equals(text), zlib.brotliCompressSync(text.subarray(0, 4000)).length > 0,
      createHash('sha256').update(text).digest('hex'), createHmac('sha1', 'key').update(text).digest('hex'),
      pbkdf2Sync('secret', 'salt', 500, 16, 'sha512').toString('hex'), scryptSync('secret', 'salt', 16, { N: 256 }).toString('hex'),
      randomBytes(8).length, echoed,
    ];
    if (round === 0) checksum.add(sums.join());
  }
} finally {
  echo.close();
  fs.rmSync(dir, { recursive: true });
}
checksum.print('input-output');
