import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildTestAddon } from '../support/build-addon.ts';
import { holdFigures, type ItHolds } from '../support/hold-figures.ts';
import { describeNeeding } from '../support/engine-features.ts';
import { nodesUnderTest, type NodeBinary } from '../support/node-versions.ts';
import {
  bareName, countOf, cpuOf, isInside, isSourceFrame, ofMainThread, ratio, sumBy, type Sample,
} from '../support/pprof-query.ts';
import { engineUnderTest, runProfiled } from '../support/run-profiled.ts';
import { assertValidPprof } from '../support/valid-profile.ts';
import { parseTruth } from './cases.ts';

const program = fileURLToPath(new URL('./programs/threads/mixed.cjs', import.meta.url));
const longCall = fileURLToPath(new URL('./programs/threads/long-call.cjs', import.meta.url));

/** Frames of C and C++: what the profile names by a mapping's symbol, or by the mapping alone. */
const openSsl = /sha512_|SHA512|HMAC|PBKDF2|kdf_pbkdf2|EVP_|evp_md|OPENSSL_|CRYPTO_/;
const v8Cpp = /^v8::|^non-virtual thunk to v8::/;
/** What is the same beneath every JavaScript frame: it is folded to one root frame. */
const runUp = /^(_start|__libc_start|main$|uv_run|uv__|node::(Start|SpinEventLoop|NodeMainInstance|LoadEnvironment|StartExecution|InternalCallbackScope|InternalMakeCallback)|v8::(Script::Run|Function::Call|internal::Execution))/;

interface Measured {
  /** Of the main thread. */
  samples: Sample[];
  cpuNs: Record<string, number>;
}

for (const node of nodesUnderTest()) {
  describeNeeding(['native frames'], `native frames on Node ${node.version}`, function () {
    this.timeout(120_000);
    before(function () {
      if (engineUnderTest() === 'v8') this.skip();
    });
    describe('HOTSPAN_NATIVE_FRAMES=all', () => describeAll(node));
    describe('HOTSPAN_NATIVE_FRAMES=leaf', () => describeLeaf(measuring(node, 'leaf', () => '-')));
    describe('a call without a safepoint', () => describeLongCall(node));
    describe('HOTSPAN_NATIVE_FRAMES=none', () => describeNone(measuring(node, 'none', () => '-')));
  });
}

function measuring(node: NodeBinary, nativeFrames: string, addon: () => string): ItHolds<Measured> {
  return holdFigures(async () => {
    const env = { HOTSPAN_NATIVE_FRAMES: nativeFrames };
    const run = await runProfiled({ node: node.path, program, args: [addon()], env, rateHz: 999 });
    assert.equal(run.code, 0, `exit ${run.signal ?? run.code}\n${run.stderr}`);
    assert.ok(run.profile && run.profileBytes, 'no profile was written');
    assertValidPprof(run.profileBytes);
    return { samples: ofMainThread(run.profile).samples, cpuNs: parseTruth(run.stdout).cpuNs };
  });
}

/** The names above the innermost frame of this function, leaf first; empty when the function is the leaf. */
function namesAbove({ frames }: Sample, name: string): string[] {
  const at = frames.findIndex((frame) => bareName(frame.name) === name);
  return frames.slice(0, at).map((frame) => frame.name);
}

/** Of the samples inside `name`, at least this share has frames above it that `check` accepts. */
function assertAbove(samples: readonly Sample[], name: string, atLeast: number, check: (names: string[]) => boolean): void {
  const inside = samples.filter((sample) => isInside(sample, name));
  assert.ok(sumBy(inside, countOf) >= 50, `only ${sumBy(inside, countOf)} samples in ${name}`);
  const good = inside.filter((sample) => check(namesAbove(sample, name)));
  const share = ratio(sumBy(good, cpuOf), sumBy(inside, cpuOf));
  const other = inside.filter((sample) => !good.includes(sample)).sort((a, b) => b.cpuNs - a.cpuNs);
  const shown = other.slice(0, 3).map((sample) => namesAbove(sample, name).join(' < '));
  assert.ok(share >= atLeast, `${(100 * share).toFixed(1)}% of ${name}; not so:\n${shown.join('\n')}`);
}

function describeLongCall(node: NodeBinary): void {
  it('gives all of it to the call, also what found no room for samples', async () => {
    const { code, stdout, stderr, profile } = await runProfiled({ node: node.path, program: longCall });
    assert.deepEqual([code, stderr], [0, '']);
    assert.ok(profile, 'no profile was written');
    assert.match(profile.comments.join('\n'), /^lost: \d+ samples found the ring full/m);
    const { samples } = ofMainThread(profile);
    const share = sumBy(samples.filter((sample) => isInside(sample, 'deriveLong')), cpuOf) / Number(stdout);
    assert.ok(Math.abs(share - 1) < 0.03, `${(100 * share).toFixed(1)}% of the call's time`);
    const own = sumBy(samples.filter((sample) => isInside(sample, '(hotspan)')), cpuOf);
    assert.ok(own < 20e6, `${own / 1e6} ms of it are hotspan's`);
  });
}

function describeAll(node: NodeBinary): void {
  let dir: string;
  let addon = '-';
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'hotspan-mixed-'));
    const built = buildTestAddon('threads', dir);
    if ('path' in built) addon = built.path;
    else console.log(`      without the addon: ${built.missing}`);
  });
  after(() => rmSync(dir, { recursive: true, force: true }));
  const itHolds = measuring(node, 'all', () => addon);

  itHolds("shows V8's C++ above JSON.stringify above its caller", ({ samples }) => {
    assertAbove(samples, 'stringifyTree', 0.8, (names) => {
      const builtin = names.indexOf('JSON.stringify');
      return builtin >= 0 && names.slice(0, builtin).some((name) => v8Cpp.test(name));
    });
  });

  itHolds("shows OpenSSL's functions above the JavaScript that calls them", ({ samples }) => {
    // Not always the leaf: it allocates and copies by way of libc.
    assertAbove(samples, 'deriveKey', 0.9, (names) => names.some((name) => openSsl.test(name)));
  });

  itHolds('keeps the time of a native call on its JavaScript', ({ samples, cpuNs }) => {
    for (const name of ['stringifyTree', 'deriveKey'] as const) {
      const found = sumBy(samples.filter((sample) => isInside(sample, name)), cpuOf);
      const share = ratio(found, cpuNs[name] ?? 0);
      assert.ok(Math.abs(share - 1) <= 0.05, `${name} has ${(100 * share).toFixed(1)}% of the time it took`);
    }
  });

  itHolds('shows an addon between the JavaScript that calls it and the JavaScript it calls', function ({ samples }) {
    if (addon === '-') return;
    assertAbove(samples, 'throughAddon', 0.9, (names) => {
      const [inner, native] = [names.indexOf('spinInJs'), names.indexOf('hotspan_test_call_back')];
      return inner >= 0 && native > inner;
    });
    assertAbove(samples, 'spinInAddon', 0.9, (names) => names[0] === 'hotspan_test_spin_hot');
  });

  itHolds('folds the run-up below the first JavaScript frame to one root frame', ({ samples }) => {
    const roots = samples.flatMap(({ frames }): string[][] => {
      const outermost = frames.findLastIndex(isSourceFrame);
      return outermost < 0 ? [] : [frames.slice(outermost + 1).map(({ name }) => name)];
    });
    assert.ok(roots.length > 0, 'no sample has JavaScript');
    assert.deepEqual(roots.filter((below) => below.some((name) => runUp.test(name))), []);
    // A builtin may run between the root and the first source frame: an await goes on in one.
    assert.ok(new Set(roots.map((below) => below.at(-1) ?? '')).size === 1, JSON.stringify(roots.slice(0, 5)));
  });
}

function describeLeaf(itHolds: ItHolds<Measured>): void {
  itHolds('names the native leaf and no other native frame', ({ samples }) => {
    assertAbove(samples, 'deriveKey', 0.9, (names) => names[0] !== 'pbkdf2Sync' && !names.slice(1).some((name) => openSsl.test(name)));
    assert.ok(samples.some(({ frames }) => openSsl.test(frames[0]?.name ?? '')), 'no leaf is of OpenSSL');
    assertAbove(samples, 'stringifyTree', 0.9, (names) => names.filter((name) => v8Cpp.test(name)).length <= 1);
  });
}

function describeNone(itHolds: ItHolds<Measured>): void {
  itHolds('names no native frame', ({ samples }) => {
    const names = new Set(samples.flatMap(({ frames }) => frames.map(({ name }) => name)));
    assert.deepEqual([...names].filter((name) => openSsl.test(name) || v8Cpp.test(name)), []);
    assertAbove(samples, 'stringifyTree', 0.9, (above) => above.every((name) => !v8Cpp.test(name)));
  });
}
