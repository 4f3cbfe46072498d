import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holdFigures } from '../support/hold-figures.ts';
import { isInspector, itNeeding, type Feature } from '../support/engine-features.ts';
import { nodesUnderTest, type NodeBinary } from '../support/node-versions.ts';
import {
  bareName, countOf, cpuOf, fileName, groupSum, isSourceFrame, ofMainThread, ownerOf, ratio, sumBy,
  type ProfileView, type Sample,
} from '../support/pprof-query.ts';
import { engineUnderTest, runProfiled, type ProfiledRun } from '../support/run-profiled.ts';
import { accuracyCases, burnLines, functionOf, parseTruth, type AccuracyCase, type Truth } from './cases.ts';
import { assertErrorsWithin, shareErrors } from './share-errors.ts';

const rateHz = 2000;
const minSamples = 5000;

interface Measured {
  run: ProfiledRun;
  profile: ProfileView;
  truth: Truth;
  /** Functions of the truth: code made by eval is recognized by these names. */
  names: ReadonlySet<string>;
}

for (const node of nodesUnderTest()) {
  describe(`accuracy on Node ${node.version} (${engineUnderTest()})`, function () {
    this.timeout(120_000);
    for (const accuracyCase of accuracyCases) describe(accuracyCase.title, () => describeCase(node, accuracyCase));
  });
}

function describeCase(node: NodeBinary, accuracyCase: AccuracyCase): void {
  let dir: string;
  before(() => (dir = mkdtempSync(join(tmpdir(), 'hotspan-accuracy-'))));
  after(() => rmSync(dir, { recursive: true, force: true }));
  const itHolds = holdFigures(() => measure(node, accuracyCase.program(dir)));
  const itHoldsNeeding = (features: readonly Feature[], ...test: Parameters<typeof itHolds>): void => {
    if (isInspector) itNeeding(features, test[0], () => {});
    else itHolds(...test);
  };
  const itHoldsWithInlining = /inlined/.test(accuracyCase.title) ? itHoldsNeeding.bind(undefined, ['inlining']) : itHolds;
  // One stands on one line, the other burns in builtins.
  const itHoldsByLine = /minified|JSON.parse/.test(accuracyCase.title) ? itHoldsNeeding.bind(undefined, ['call lines']) : itHoldsWithInlining;

  itHolds(`takes at least ${minSamples} samples`, ({ profile }) => {
    const samples = sumBy(profile.samples, countOf);
    assert.ok(samples >= minSamples, `only ${samples} samples`);
  });

  itHoldsWithInlining('gives every function its share of cpu within 2 points', (measured) => {
    const { profile, truth, run } = measured;
    const expected = sharesOf(functionTruth(truth), run.osCpuNs ?? 0);
    const errors = shareErrors(expected, ownedShares(measured, sumBy(profile.samples, cpuOf)));
    assertErrorsWithin(errors, 0.02, `${sumBy(profile.samples, countOf)} samples, shares of cpu`);
  });

  itHoldsByLine('carries a line in at least 98% of the samples in JavaScript', (measured) => {
    const owned = measured.profile.samples.filter((sample) => ownerOf(sample, measured.names));
    const lined = owned.filter((sample) => knownLine(sample) > 0);
    const share = ratio(sumBy(lined, countOf), sumBy(owned, countOf));
    assert.ok(share >= 0.98, `${(100 * share).toFixed(2)}% carry a line`);
  });

  itHoldsByLine('puts the time on the lines that burn', (measured) => assertBurningLines(measured, accuracyCase));

  itHolds('sums cpu to what the OS counted for the main thread within 3%', (measured) => {
    const { profile, run } = measured;
    const os = run.osCpuNs ?? assert.fail('the program left no OS clock');
    const error = sumBy(profile.samples, cpuOf) / os - 1;
    assert.ok(Math.abs(error) <= 0.03, `the profile has ${(100 * error).toFixed(2)}% more cpu than the OS (${os} ns)`);
  });

  itHoldsNeeding(['native'], "agrees with V8's profiler within 3 points on functions above 5%", async (measured) => {
    const program = (accuracyCase.reference ?? accuracyCase.program)(dir);
    const reference = withoutGc(await measure(node, program, 'v8'));
    const ours = withoutGc(measured);
    const v8Shares = ownedShares(reference, sumBy(reference.profile.samples, cpuOf));
    const [v8Truth, ourTruth] = [reference, ours].map(({ truth }) => truthShares(truth));
    const large = new Map<string, number>();
    for (const [name, share] of v8Shares) {
      if (share <= 0.05 || !reference.names.has(name)) continue;
      // The two runs are two processes: what the workload itself did differently is not a difference of profilers.
      large.set(name, share + (ourTruth?.get(name) ?? 0) - (v8Truth?.get(name) ?? 0));
    }
    const errors = shareErrors(large, ownedShares(ours, sumBy(ours.profile.samples, cpuOf)));
    assertErrorsWithin(errors, 0.03, "against V8's profiler");
  });

  if (/sort/.test(accuracyCase.title)) itHoldsNeeding(['class names'], 'names the builtins beneath their callers', assertBuiltins);
  if (/recursion/.test(accuracyCase.title)) itHoldsNeeding(['deep stacks'], 'keeps all 500 frames of the recursion', assertDepth);
}

async function measure(node: NodeBinary, program: string, engine = engineUnderTest()): Promise<Measured> {
  const run = await runProfiled({ node: node.path, program, rateHz, engine });
  assert.equal(run.code, 0, `exit ${run.signal ?? run.code}\n${run.stderr}`);
  assert.ok(run.profile, `no profile was written\n${run.stderr}`);
  const truth = parseTruth(run.stdout);
  const names = new Set(Object.keys(truth.cpuNs).map(functionOf));
  return { run, profile: ofMainThread(run.profile), truth, names };
}

function ownedCpu({ profile, names }: Measured): Map<string, number> {
  return groupSum(profile.samples, (sample) => {
    const owner = ownerOf(sample, names);
    return owner && bareName(owner.name);
  });
}

const sharesOf = (sums: ReadonlyMap<string, number>, total: number): Map<string, number> =>
  new Map([...sums].map(([name, value]) => [name, ratio(value, total)]));

const ownedShares = (measured: Measured, total: number): Map<string, number> => sharesOf(ownedCpu(measured), total);

function functionTruth(truth: Truth): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [key, ns] of Object.entries(truth.cpuNs)) sums.set(functionOf(key), (sums.get(functionOf(key)) ?? 0) + ns);
  return sums;
}

function truthShares(truth: Truth): Map<string, number> {
  const sums = functionTruth(truth);
  return sharesOf(sums, [...sums.values()].reduce((sum, ns) => sum + ns, 0));
}

/** V8's profiler puts collections and C++ outside the stack that caused them: only what is left can be compared. */
function withoutGc(measured: Measured): Measured {
  const samples = measured.profile.samples.filter(
    (sample) =>
      ownerOf(sample, measured.names) && !sample.frames.some((frame) => frame.name.startsWith('(garbage collector)')),
  );
  return { ...measured, profile: { ...measured.profile, samples } };
}

/** The owner's line; under V8's profiler, which knows only leaf lines (also as our engine), the line of a leaf builtin counts as known. */
function knownLine(sample: Sample, names?: ReadonlySet<string>): number {
  const owner = ownerOf(sample, names);
  if (!owner) return 0;
  return (engineUnderTest() === 'v8' || isInspector) && owner !== sample.frames[0] ? Number.POSITIVE_INFINITY : owner.line;
}

/** Of each function's own time, every burning line gets its part: all of it where only one line burns. */
/**
 * Of all samples in the case's functions 98% are on a line that burns, and no function is far off: V8 gives some
 * instructions behind a function's end, such as slow paths, the position of its start.
 */
function assertBurningLines(measured: Measured, { sources }: AccuracyCase): void {
  const { profile, truth, names } = measured;
  const functions = functionTruth(truth);
  const owned = ownedCpu(measured);
  const expected = new Map<string, number>();
  const found = new Map<string, number>();
  const burning = new Set<string>();
  let onBurningLines = 0;
  for (const [key, place] of burnLines(sources, truth)) {
    if (!(key in truth.cpuNs)) continue;
    const onLine = profile.samples.filter((sample) => {
      const owner = ownerOf(sample, names);
      if (!owner || bareName(owner.name) !== place.function) return false;
      const line = knownLine(sample, names);
      const inFile = place.file === undefined || fileName(owner.file) === place.file || engineUnderTest() === 'v8';
      return line === Number.POSITIVE_INFINITY || (inFile && line === place.line);
    });
    expected.set(key, ratio(truth.cpuNs[key] ?? 0, functions.get(place.function) ?? 0));
    found.set(key, ratio(sumBy(onLine, cpuOf), owned.get(place.function) ?? 0));
    burning.add(place.function);
    onBurningLines += sumBy(onLine, cpuOf);
  }
  const share = ratio(onBurningLines, [...burning].reduce((sum, name) => sum + (owned.get(name) ?? 0), 0));
  console.log(`        ${(100 * share).toFixed(2)}% of the time in these functions is on the lines that burn`);
  assert.ok(share >= 0.98, `only ${(100 * share).toFixed(2)}% is on the lines that burn`);
  assertErrorsWithin(shareErrors(expected, found), 0.05, "shares of each function's own time on its line");
}

function assertBuiltins({ profile }: Measured): void {
  const beneath: [caller: string, callee: RegExp, builtin: RegExp][] = [
    ['sortRecords', /^Array\.prototype\.sort$/, /^compareRecords$/],
    ['parseDocument', /^JSON\.parse$/, /./],
    ['matchProse', /^(RegExp|\(regexp\))/, /./],
  ];
  for (const [caller, builtin, callee] of beneath) {
    const inside = profile.samples.filter((sample) => sample.frames.some((frame) => bareName(frame.name) === caller));
    const named = inside.filter(({ frames }) => {
      const callerAt = frames.findIndex((frame) => isSourceFrame(frame) && bareName(frame.name) === caller);
      const builtinAt = frames.findIndex((frame) => builtin.test(frame.name));
      return builtinAt >= 0 && builtinAt < callerAt && frames.slice(0, callerAt).some((frame) => callee.test(frame.name));
    });
    const share = ratio(sumBy(named, countOf), sumBy(inside, countOf));
    assert.ok(share >= 0.95, `${builtin} stands beneath ${caller} in ${(100 * share).toFixed(1)}% of its samples`);
  }
}

function assertDepth({ profile }: Measured): void {
  const inside = profile.samples.filter((sample) => bareName(ownerOf(sample)?.name ?? '') === 'descend');
  const whole = inside.filter(({ frames }) => frames.filter((frame) => bareName(frame.name) === 'descend').length >= 500);
  const share = ratio(sumBy(whole, countOf), sumBy(inside, countOf));
  assert.ok(share >= 0.98, `${(100 * share).toFixed(1)}% of the samples in the recursion have all its frames`);
}
