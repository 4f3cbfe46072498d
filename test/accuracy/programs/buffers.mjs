// Each function keeps some 24 MB in another way. The truth is what process.memoryUsage() grew by meanwhile, after a
// collection. Prints it as JSON; the profile is the session's, taken while all is still kept.
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const kept = [];
const totalBytes = 24e6;
const pieceBytes = 60_000;
const pieces = totalBytes / pieceBytes;
const file = join(tmpdir(), `hotspan-buffers-${process.pid}`);
writeFileSync(file, randomBytes(pieceBytes));
const text = 'x'.repeat(pieceBytes);

function keepPieces(make) {
  for (let i = 0; i < pieces; i++) kept.push(make(i));
}

const ways = {
  keepAlloc: () => keepPieces(() => Buffer.alloc(pieceBytes)),
  keepAllocUnsafe: () => keepPieces(() => Buffer.allocUnsafe(pieceBytes)),
  keepFromString: () => keepPieces(() => Buffer.from(text)),
  keepConcat: () => keepPieces(() => Buffer.concat([Buffer.alloc(pieceBytes / 2), Buffer.alloc(pieceBytes / 2)])),
  keepTyped: () => keepPieces(() => new Float64Array(pieceBytes / 8)),
  keepArrayBuffer: () => keepPieces(() => new ArrayBuffer(pieceBytes)),
  keepShared: () => keepPieces(() => new SharedArrayBuffer(pieceBytes)),
  keepRead: () => keepPieces(() => readFileSync(file)),
  keepRandom: () => keepPieces(() => randomBytes(pieceBytes)),
  keepGzip: () => keepPieces(() => gzipSync(readFileSync(file))),
  keepEncoded: () => keepPieces(() => new TextEncoder().encode(text)),
  keepClone: () => keepPieces(() => structuredClone(new ArrayBuffer(pieceBytes))),
  keepSlice: () => keepPieces(() => new Uint8Array(2 * pieceBytes).slice(0, pieceBytes)),
  /** Each kept Buffer of three bytes holds a pool of 8 KiB. */
  keepPooled() {
    for (let i = 0; i < totalBytes / 8192; i++) {
      kept.push(Buffer.from('abc'));
      for (let k = 0; k < 2730; k++) Buffer.from('ab');
    }
  },
};

function bytesInUse() {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const truth = {};
for (const [name, keep] of Object.entries(ways)) {
  const before = bytesInUse();
  keep();
  truth[name] = bytesInUse() - before;
}
rmSync(file);
console.log(JSON.stringify(truth));
process.once('exit', () => kept.length);
