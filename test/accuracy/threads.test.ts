import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { goPprofTop, hasGoPprof } from '../support/go-pprof.ts';
import { holdFigures, type ItHolds } from '../support/hold-figures.ts';
import { describeNeeding } from '../support/engine-features.ts';
import { nodesUnderTest, type NodeBinary } from '../support/node-versions.ts';
import { cpuOf, groupSum, isInside, ownerOf, ratio, sumBy, threadOf, type ProfileView } from '../support/pprof-query.ts';
import { engineUnderTest, runProfiled, type OsClock } from '../support/run-profiled.ts';
import { assertValidPprof } from '../support/valid-profile.ts';
import { assertWithin, type WorkerTruth } from './thread-truth.ts';

const programPath = (name: string): string => fileURLToPath(new URL(`./programs/threads/${name}`, import.meta.url));

// As users run it: the sums must not need a high rate, and the profiler's own thread must not matter beside them.
const rateHz = 99;
const tolerance = 0.03;

interface Measured {
  profile: ProfileView;
  profileBytes: Buffer;
  os: OsClock;
  pid: number;
  stdout: string;
}

for (const node of nodesUnderTest()) {
  describeNeeding(['threads'], `cpu of all threads on Node ${node.version}`, function () {
    this.timeout(120_000);
    before(function () {
      if (engineUnderTest() === 'v8') this.skip();
    });
    describe('crypto on the pool', () => describeCrypto(measuring(node, 'crypto-pool.mjs')));
    describe('zlib on the pool', () => describeZlib(measuring(node, 'zlib-pool.mjs')));
    describe('allocation', () => describeAllocation(measuring(node, 'allocation.mjs')));
    describe('four workers', () => describeWorkers(measuring(node, 'workers.mjs')));
  });
}

function measuring(node: NodeBinary, program: string): ItHolds<Measured> {
  const itHolds = holdFigures(async (): Promise<Measured> => {
    const { code, signal, stderr, stdout, profile, profileBytes, os, pid } = await runProfiled({
      node: node.path,
      program: programPath(program),
      rateHz,
    });
    assert.equal(code, 0, `exit ${signal ?? code}\n${stderr}`);
    assert.ok(profile && profileBytes && os, `no profile was written\n${stderr}`);
    assertValidPprof(profileBytes);
    return { profile, profileBytes, os, pid, stdout };
  });
  itHolds('sums cpu to what getrusage says within 3%', ({ profile, os }) => {
    const byThread = [...groupSum(profile.samples, threadOf)].map(([thread, ns]) => `${thread || '(none)'} ${millis(ns)}`);
    const system = os.threads.map(({ name, cpuNs }) => `${name} ${millis(cpuNs)}`);
    const details = `profile: ${byThread.join(', ')}; OS: ${system.join(', ')}`;
    assertWithin(sumBy(profile.samples, cpuOf), { atLeast: os.processCpuNs, tolerance, what: `cpu of the process (${details})` });
  });
  itHolds('says of every sample which thread it is of', ({ profile }) => {
    assert.deepEqual(profile.samples.filter((sample) => threadOf(sample) === ''), []);
  });
  return itHolds;
}

const millis = (ns: number): string => `${(ns / 1e6).toFixed(0)} ms`;

/** All threads of the OS that are neither JavaScript's nor the profiler's did one thread label's work here. */
function itCreditsHelpers(itHolds: ItHolds<Measured>, label: string): void {
  itHolds(`gives ${label} what these threads used within 3% of the whole`, ({ profile, os, pid }) => {
    const helpers = os.threads.filter(({ tid, name }) => tid !== pid && name !== 'hotspan');
    const expected = helpers.reduce((sum, { cpuNs }) => sum + cpuNs, 0);
    const found = groupSum(profile.samples, threadOf).get(label) ?? 0;
    assert.ok(expected > 0.05 * os.processCpuNs, 'these threads did nothing: the program proves nothing');
    const error = (found - expected) / os.processCpuNs;
    assert.ok(Math.abs(error) <= tolerance, `${label} has ${millis(found)}, the OS counted ${millis(expected)}`);
  });
}

/** That functions which look so hold this part of the flat time of `go tool pprof -top`. */
function itNames(itHolds: ItHolds<Measured>, what: string, names: RegExp, atLeastPercent: number): void {
  itHolds(`go tool pprof -top names ${what}`, ({ profileBytes }) => {
    const rows = goPprofTop(profileBytes);
    const percent = rows.filter(({ name }) => names.test(name)).reduce((sum, row) => sum + row.flatPercent, 0);
    const first = rows.slice(0, 8).map((row) => `${row.flatPercent}% ${row.name}`);
    assert.ok(percent >= atLeastPercent, `${percent}% of the time is in ${String(names)}; the top:\n${first.join('\n')}`);
  });
}

function describeCrypto(itHolds: ItHolds<Measured>): void {
  itCreditsHelpers(itHolds, 'libuv-pool');
  // The rest is libc, by way of which it allocates and copies.
  if (hasGoPprof()) itNames(itHolds, "OpenSSL's functions", /sha512_|SHA512|HMAC|PBKDF2|kdf_pbkdf2|EVP_|evp_md|OPENSSL_|CRYPTO_/, 60);
}

function describeZlib(itHolds: ItHolds<Measured>): void {
  itCreditsHelpers(itHolds, 'libuv-pool');
  // Chromium's zlib, as Node links it: the match finders, the trees, the checksums, and copies of the window.
  if (hasGoPprof()) itNames(itHolds, "zlib's functions", /deflate|longest_match|fill_window|compress_block|adler|crc|insert_string|slide_hash/i, 80);
}

function describeAllocation(itHolds: ItHolds<Measured>): void {
  itCreditsHelpers(itHolds, 'v8-platform');
  const line = readFileSync(programPath('allocation.mjs'), 'utf8').split('\n').findIndex((text) => text.includes('// @burn')) + 1;

  itHolds('puts collections beneath the line whose allocations trigger them', ({ profile }) => {
    const inGc = profile.samples.filter((sample) => threadOf(sample) === 'main' && isGc(sample.frames.map(({ name }) => name)));
    const onLine = inGc.filter((sample) => ownerOf(sample)?.line === line && isInside(sample, 'allocateRecords'));
    assert.ok(sumBy(inGc, cpuOf) > 0.02 * sumBy(profile.samples, cpuOf), 'hardly any collection was sampled');
    // Incremental steps and finalizations may be tasks of the event loop; what allocation triggers is on the line.
    const share = ratio(sumBy(onLine, cpuOf), sumBy(inGc, cpuOf));
    assert.ok(share >= 0.75, `${(100 * share).toFixed(1)}% of the main thread's GC time is on line ${line}`);
  });

  itHolds('tells the kind of each collection', ({ profile }) => {
    const kinds = /^\((scavenge|mark-compact|incremental marking|weak callbacks|minor mark-sweep)\)$/;
    const stacks = profile.samples.map((sample) => sample.frames.map(({ name }) => name)).filter(isGc);
    const untold = stacks.filter((names) => !kinds.test(names[names.indexOf('(garbage collector)') - 1] ?? ''));
    assert.deepEqual(untold, [], 'directly above (garbage collector) stands its kind');
    assert.ok(stacks.some((names) => names.includes('(scavenge)')) && stacks.some((names) => names.includes('(mark-compact)')));
  });

  if (!hasGoPprof()) return;
  itHolds('go tool pprof -top names the line that triggers collections', ({ profileBytes }) => {
    const rows = goPprofTop(profileBytes, ['-lines', '-cum', '-focus=garbage collector']);
    const named = rows.find(({ name }) => name.includes('allocateRecords') && name.includes(`allocation.mjs:${line}`));
    assert.ok(named && named.cumPercent > 1, `no row for allocateRecords line ${line}:\n${rows.map(({ name }) => name).join('\n')}`);
  });
}

const isGc = (names: readonly string[]): boolean => names.includes('(garbage collector)');

function describeWorkers(itHolds: ItHolds<Measured>): void {
  itHolds("gives each worker its own thread's clock within 3%", ({ profile, stdout }) => {
    const truths = JSON.parse(stdout) as WorkerTruth[];
    assert.equal(truths.length, 4);
    const byThread = groupSum(profile.samples, threadOf);
    for (const { threadId, sinceEntryNs, wholeNs } of truths) {
      const label = `worker-${threadId}`;
      // What runs before the worker's first line (Node's bootstrap) may be in the profile or not.
      assertWithin(byThread.get(label) ?? 0, { atLeast: sinceEntryNs, atMost: wholeNs, tolerance, what: label });
    }
  });

  itHolds('puts it on the function that burns, of that worker alone', ({ profile, stdout }) => {
    const burning = profile.samples.filter((sample) => isInside(sample, 'burnInWorker'));
    const byThread = groupSum(burning, threadOf);
    for (const { threadId, sinceEntryNs } of JSON.parse(stdout) as WorkerTruth[]) {
      const share = ratio(byThread.get(`worker-${threadId}`) ?? 0, sinceEntryNs);
      assert.ok(share >= 0.9, `worker-${threadId}: ${(100 * share).toFixed(1)}% of its time is in burnInWorker`);
    }
    assert.equal(byThread.size, 4, `burnInWorker runs in ${[...byThread.keys()].join(', ')}`);
  });
}
