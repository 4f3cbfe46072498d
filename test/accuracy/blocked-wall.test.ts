import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { holdFigures } from '../support/hold-figures.ts';
import { describeNeeding } from '../support/engine-features.ts';
import { nodesUnderTest, type NodeBinary } from '../support/node-versions.ts';
import { cpuOf, fileName, sumBy, threadOf, type ProfileView } from '../support/pprof-query.ts';
import { engineUnderTest, runProfiled } from '../support/run-profiled.ts';

const program = fileURLToPath(new URL('./programs/threads/blocked.cjs', import.meta.url));

interface Measured {
  profile: ProfileView;
  /** Milliseconds each wait took, by thread label and function. */
  waitsMs: Record<string, Record<string, number>>;
}

for (const node of nodesUnderTest()) {
  describeNeeding(['exact cpu', 'threads'], `threads that block on Node ${node.version}`, function () {
    this.timeout(60_000);
    before(function () {
      if (engineUnderTest() === 'v8') this.skip();
    });
    describeBlocked(node);
  });
}

function describeBlocked(node: NodeBinary): void {
  const itHolds = holdFigures(() => measure(node));
  for (const [thread, name] of [
    ['main', 'readSlowly'],
    ['main', 'waitForCommand'],
    ['main', 'waitForNobody'],
    ['worker', 'waitForNobody'],
  ] as const) {
    itHolds(`shows wall without cpu on the line where ${name} blocks the ${thread} thread`, ({ profile, waitsMs }) => {
      const label = Object.keys(waitsMs).find((key) => key.startsWith(thread))!;
      const line = markedLine(name);
      const waiting = profile.samples.filter(
        ({ frames, ...sample }) =>
          threadOf({ frames, ...sample }) === label &&
          frames.some((frame) => fileName(frame.file) === 'blocked.cjs' && frame.line === line),
      );
      const expectedMs = waitsMs[label]![name]!;
      const wallMs = sumBy(waiting, ({ wallNs }) => wallNs) / 1e6;
      const cpuMs = sumBy(waiting, cpuOf) / 1e6;
      assert.ok(Math.abs(wallMs / expectedMs - 1) <= 0.05, `${wallMs.toFixed(1)} ms of wall, it took ${expectedMs.toFixed(1)} ms`);
      assert.ok(cpuMs <= 0.1 * expectedMs, `${cpuMs.toFixed(1)} ms of cpu`);
    });
  }
}

async function measure(node: NodeBinary): Promise<Measured> {
  const dir = mkdtempSync(join(tmpdir(), 'hotspan-blocked-'));
  try {
    const pipe = join(dir, 'pipe');
    const made = spawnSync('mkfifo', [pipe], { encoding: 'utf8' });
    assert.equal(made.status, 0, made.stderr);
    const run = await runProfiled({ node: node.path, program, args: [pipe], rateHz: 499 });
    assert.equal(run.code, 0, `exit ${run.signal ?? run.code}\n${run.stderr}`);
    assert.ok(run.profile, 'no profile was written');
    return { profile: run.profile, waitsMs: JSON.parse(run.stdout) as Measured['waitsMs'] };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function markedLine(name: string): number {
  const at = readFileSync(program, 'utf8').split('\n').findIndex((text) => text.endsWith(`// @wait ${name}`));
  assert.ok(at >= 0, `no line is marked ${name}`);
  return at + 1;
}
