import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeNeeding } from '../../support/engine-features.ts';
import { nodesUnderTest, type NodeBinary } from '../../support/node-versions.ts';
import { countOf, cpuOf, isInside, readPprof, sumBy, type ProfileView } from '../../support/pprof-query.ts';
import { runProgram, type RunResult } from '../../support/run-program.ts';
import { assertValidPprof } from '../../support/valid-profile.ts';

const cli = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const program = fileURLToPath(new URL('./programs/family.mjs', import.meta.url));

interface Said {
  /** Node processes, each with the name of a function that burns in it. */
  pids: [pid: number, burner: string][];
  /** What the non-Node child saw: its signal masks, how many files it has open, what is preloaded. */
  foreign?: { status: number; stdout: string; stderr: string };
}

interface Family {
  said: Said;
  /** File name to profile, the merged one included. */
  profiles: ReadonlyMap<string, ProfileView>;
}

const plainFamily = (node: NodeBinary, mode: string): Promise<RunResult> =>
  runProgram({ node: node.path, args: [program, mode], timeoutMs: 60_000 });

async function profiledFamily(node: NodeBinary, mode: string): Promise<Family> {
  const dir = mkdtempSync(join(tmpdir(), 'hotspan-family-'));
  try {
    const args = [cli, 'run', '--rate', '499', '--out', dir, '--', node.path, program, mode];
    const { code, signal, stdout, stderr } = await runProgram({ node: node.path, args, env: { NO_COLOR: '1' }, timeoutMs: 60_000 });
    assert.deepEqual([code, signal], [0, null], stderr);
    const profiles = readdirSync(dir).filter((file) => file.startsWith('cpu')).map((file): [string, ProfileView] => {
      const bytes = readFileSync(join(dir, file));
      assertValidPprof(bytes);
      return [file, readPprof(bytes)];
    });
    return { said: JSON.parse(stdout) as Said, profiles: new Map(profiles) };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

for (const node of nodesUnderTest()) {
  describeNeeding(['threads'], `processes beneath hotspan run on Node ${node.version}`, function () {
    this.timeout(120_000);
    // The process that `sh` starts tells nobody its pid.
    for (const [mode, processes] of [['cluster', 3], ['fork', 2], ['spawn', 3]] as const) {
      describe(mode, () => describeFamily(node, mode, processes));
    }

    it('leaves a child that is not Node alone', async () => {
      const [plain, { said, profiles }] = [await plainFamily(node, 'foreign'), await profiledFamily(node, 'foreign')];
      assert.deepEqual(said.foreign, (JSON.parse(plain.stdout) as Said).foreign);
      assert.match(said.foreign!.stdout, /^SigCgt:/m, 'the child must have told its masks');
      assert.deepEqual([...profiles.keys()].sort(), [`cpu-${said.pids[0]![0]}.pb.gz`, 'cpu.pb.gz']);
    });
  });
}

function describeFamily(node: NodeBinary, mode: string, processes: number): void {
  let family: Family;
  before(async () => (family = await profiledFamily(node, mode)));

  it('leaves one profile of each process', () => {
    const files = [...family.profiles.keys()].filter((file) => file !== 'cpu.pb.gz');
    assert.equal(files.length, processes, files.join(' '));
    for (const [pid, burner] of family.said.pids) {
      const profile = family.profiles.get(`cpu-${pid}.pb.gz`);
      assert.ok(profile, `no profile of process ${pid}, which runs ${burner}`);
      const inside = profile.samples.filter((sample) => isInside(sample, burner));
      assert.ok(sumBy(inside, cpuOf) > 100e6, `${burner} has ${sumBy(inside, cpuOf) / 1e6} ms in process ${pid}`);
    }
  });

  it('merges all of them, and adds nothing', () => {
    const merged = family.profiles.get('cpu.pb.gz') ?? assert.fail('no merged profile');
    const parts = [...family.profiles].flatMap(([file, profile]) => (file === 'cpu.pb.gz' ? [] : [profile]));
    for (const value of [countOf, cpuOf]) {
      assert.equal(sumBy(merged.samples, value), sumBy(parts.flatMap(({ samples }) => samples), value));
    }
    for (const [, burner] of family.said.pids) assert.ok(merged.samples.some((sample) => isInside(sample, burner)), burner);
  });
}
