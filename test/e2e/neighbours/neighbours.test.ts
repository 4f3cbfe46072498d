import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import { holdFigures } from '../../support/hold-figures.ts';
import { nodesUnderTest, type NodeBinary } from '../../support/node-versions.ts';
import { bareName, countOf, readPprof, sumBy, type ProfileView } from '../../support/pprof-query.ts';
import { profileFileOf } from '../../support/profile-files.ts';
import { runProgram } from '../../support/run-program.ts';
import { readCpuProfile } from '../../support/v8-reference.ts';

const program = fileURLToPath(new URL('./programs/neighbours.mjs', import.meta.url));
const register = new URL('../../../dist/register.js', import.meta.url).href;
const datadog = createRequire(import.meta.url).resolve('@datadog/pprof');

/** Samples whose leaf is one of the functions, by function. */
type Counts = Record<string, number>;

interface Run {
  truth: Counts;
  /** By profiler; hotspan only where it ran. */
  counts: Record<string, Counts>;
}

for (const node of nodesUnderTest()) {
  describe(`other profilers in the process on Node ${node.version}`, function () {
    this.timeout(120_000);
    const itHolds = holdFigures(async () => ({ alone: await run(node, []), beside: await run(node, ['--import', register]) }));

    for (const profiler of ['cpu-prof', 'inspector', 'datadog', 'hotspan']) {
      itHolds(`${profiler} sees both functions with their shares`, ({ alone, beside }) => {
        assertShares(beside, profiler);
        if (profiler !== 'hotspan') assertShares(alone, profiler);
      });
    }

    for (const profiler of ['cpu-prof', 'inspector', 'datadog']) {
      itHolds(`${profiler} takes as many samples as without hotspan`, ({ alone, beside }) => {
        const [before, after] = [alone, beside].map(({ counts }) => total(counts[profiler]!)) as [number, number];
        // Both runs burn the same CPU time; a machine shared with others takes ticks from either.
        assert.ok(after >= 0.75 * before, `${after} samples, ${before} without hotspan`);
      });
    }
  });
}

function assertShares({ truth, counts }: Run, profiler: string): void {
  const found = counts[profiler] ?? assert.fail(`${profiler} left no profile`);
  assert.ok(total(found) >= 100, `only ${total(found)} samples`);
  const [expectedShare, share] = [truth, found].map((values) => values['burnTwoThirds']! / total(values)) as [number, number];
  const text = `burnTwoThirds has ${(100 * share).toFixed(1)}%, not ${(100 * expectedShare).toFixed(1)}%`;
  assert.ok(Math.abs(share - expectedShare) <= 0.06, text);
}

const total = (counts: Counts): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

async function run(node: NodeBinary, flags: readonly string[]): Promise<Run> {
  const dir = mkdtempSync(join(tmpdir(), 'hotspan-neighbours-'));
  try {
    const cpuProf = ['--cpu-prof', `--cpu-prof-dir=${join(dir, 'cpu-prof')}`, '--cpu-prof-interval=2000'];
    const { code, signal, stdout, stderr, pid } = await runProgram({
      node: node.path,
      args: [...flags, ...cpuProf, program, dir, datadog],
      env: { HOTSPAN_RATE: '499', HOTSPAN_PERIOD: '0', HOTSPAN_PROFILES: 'cpu', HOTSPAN_EXPORT: `file:${dir}` },
      timeoutMs: 60_000,
    });
    assert.deepEqual([code, signal, stderr], [0, null, '']);
    const counts: Run['counts'] = {
      'cpu-prof': countsOf(readCpuProfile(readFileSync(onlyFile(join(dir, 'cpu-prof')), 'utf8'))),
      inspector: countsOf(readCpuProfile(readFileSync(join(dir, 'inspector.cpuprofile'), 'utf8'))),
      datadog: datadogCounts(readFileSync(join(dir, 'datadog.pb.gz'))),
    };
    if (flags.length > 0) counts['hotspan'] = countsOf(readPprof(readFileSync(profileFileOf(dir, 'cpu', pid) ?? '')));
    return { truth: JSON.parse(stdout) as Counts, counts };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function onlyFile(dir: string): string {
  const files = readdirSync(dir);
  assert.equal(files.length, 1, files.join(' '));
  return join(dir, files[0]!);
}

const names = ['burnTwoThirds', 'burnOneThird'];

function countsOf({ samples }: ProfileView): Counts {
  const ofLeaf = (name: string): number =>
    sumBy(samples.filter(({ frames }) => frames[0] !== undefined && bareName(frames[0].name) === name), countOf);
  return Object.fromEntries(names.map((name) => [name, ofLeaf(name)]));
}

/** Its sample types are its own, so it is decoded here: the first value is a count. */
function datadogCounts(gzipped: Buffer): Counts {
  const profile = Profile.decode(gunzipSync(gzipped));
  const functions = new Map(profile.function.map((fn) => [Number(fn.id), profile.stringTable.strings[Number(fn.name)] ?? '']));
  const leaves = new Map(profile.location.map((location) => [Number(location.id), functions.get(Number(location.line[0]?.functionId))]));
  const counts: Counts = Object.fromEntries(names.map((name) => [name, 0]));
  for (const { locationId, value } of profile.sample) {
    const name = bareName(leaves.get(Number(locationId[0])) ?? '');
    if (name in counts) counts[name] = counts[name]! + Number(value[0]);
  }
  return counts;
}
