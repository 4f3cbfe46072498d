import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isInspector } from '../../support/engine-features.ts';
import { nodesUnderTest, type NodeBinary } from '../../support/node-versions.ts';
import { bareName, countOf, cpuOf, readPprof, sumBy, type ProfileView } from '../../support/pprof-query.ts';
import { runProgram, type RunResult } from '../../support/run-program.ts';
import { assertValidPprof } from '../../support/valid-profile.ts';

const programs = fileURLToPath(new URL('./programs/', import.meta.url));
const register = new URL('../../../dist/register.js', import.meta.url).href;

let directory: string;
/** Of each test of a suite that calls this. */
function useFreshDirectory(): void {
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'hotspan-api-'))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
}

for (const node of nodesUnderTest()) {
  describe(`API on Node ${node.version}`, () => {
    useFreshDirectory();
    it('starts, captures beside the session, counts and stops', async () => {
      const { code, stdout, stderr } = await run(node, [join(programs, 'sessions.mjs')]);
      assert.deepEqual([code, stderr], [0, '']);
      const seen = JSON.parse(stdout) as {
        before: { running: boolean; samples: number };
        during: { running: boolean; samples: number; handler: { count: number; totalMs: number; p50Us: number; maxUs: number }; bytesHeld: number };
        after: boolean;
        cpu: string;
        ms: number;
        refused: string;
      };
      assert.deepEqual([seen.before.running, seen.before.samples, seen.during.running, seen.after], [false, 0, true, false]);
      assert.match(seen.refused, /^capture: seconds is -1/);
      const captured = checked(Buffer.from(seen.cpu, 'base64'));
      const whole = checked(onlyProfile(/^cpu-\d+-\d{8}T\d{6}-[0-9a-f]{8}\.pb\.gz$/));
      // V8's profiler never shows a function that ran when it began, if it was inlined there.
      for (const profile of isInspector ? [whole] : [captured, whole]) assert.ok(shareOf(profile, 'burnHere') > 0.5, largestOf(profile));
      assert.ok(samplesOf(captured) <= samplesOf(whole), 'a capture is a part of the session');
      if (!isInspector) {
        assert.ok(seen.during.samples > 0);
        const { count, totalMs, p50Us, maxUs } = seen.during.handler;
        assert.ok(count > 0 && p50Us > 0);
        assert.ok(totalMs * 1000 >= maxUs && totalMs * 1000 <= count * maxUs, `${count} times up to ${maxUs} us are ${totalMs} ms`);
        assert.ok(seen.during.bytesHeld > 0);
      }
      assert.ok(whole.comments.includes('service: sessions'));
    });

    it('rotates every period and numbers the files', async () => {
      const { code, stderr } = await run(node, ['--import', register, join(programs, 'rotating.mjs')], { HOTSPAN_PERIOD: '1' });
      assert.deepEqual([code, stderr], [0, '']);
      const files = readdirSync(directory).sort();
      const session = /^cpu-\d+-\d{8}T\d{6}-[0-9a-f]{8}/.exec(files[0] ?? '')?.[0] ?? '';
      assert.ok(files.length >= 2, files.join(' '));
      assert.deepEqual(files, files.map((_, index) => `${session}-${index + 1}.pb.gz`));
      for (const file of files) checked(readFileSync(join(directory, file)));
    });

    it('does nothing when it is turned off', async () => {
      const { code, stderr } = await run(node, ['--import', register, join(programs, 'rotating.mjs')], { HOTSPAN_ENABLED: 'false' });
      assert.deepEqual([code, stderr, readdirSync(directory)], [0, '', []]);
    });

    it('tells of a directory it cannot write, and leaves the exit code alone', async () => {
      writeFileSync(join(directory, 'file'), '');
      const env = { HOTSPAN_PERIOD: '0', HOTSPAN_EXPORT: `file:${directory}/file/x` };
      const { code, stderr } = await run(node, ['--import', register, '--eval', 'process.exitCode = 5'], env);
      assert.equal(code, 5);
      assert.match(stderr, /^hotspan: cannot write [^\n]+\/file\/x\/cpu-\d+-[\w-]+\.pb\.gz: [^\n]+\n$/);
    });

    it('says once that it cannot write, not at each end of a period', async () => {
      writeFileSync(join(directory, 'file'), '');
      const env = { HOTSPAN_PERIOD: '0.3', HOTSPAN_EXPORT: `file:${directory}/file/x` };
      const { code, stderr } = await run(node, ['--import', register, join(programs, 'rotating.mjs')], env);
      assert.equal(code, 0);
      assert.match(stderr, /^hotspan: cannot write [^\n]+\nhotspan: the profiles of \d+ periods were lost\n$/);
    });
  });
}

function run(node: NodeBinary, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunResult> {
  return runProgram({ node: node.path, args, env: { HOTSPAN_EXPORT: `file:${directory}`, ...env }, timeoutMs: 60_000 });
}

function onlyProfile(name: RegExp): Buffer {
  const files = readdirSync(directory);
  assert.equal(files.length, 1, files.join(' '));
  assert.match(files[0] ?? '', name);
  return readFileSync(join(directory, files[0] ?? ''));
}

function checked(bytes: Uint8Array): ProfileView {
  assertValidPprof(bytes);
  return readPprof(bytes);
}

const samplesOf = (profile: ProfileView): number => sumBy(profile.samples, countOf);

function shareOf(profile: ProfileView, name: string): number {
  const inside = profile.samples.filter(({ frames }) => frames.some((frame) => bareName(frame.name) === name));
  return sumBy(inside, cpuOf) / sumBy(profile.samples, cpuOf);
}

/** The costliest sample, to tell what took the place of what was expected. */
function largestOf(profile: ProfileView): string {
  const [largest] = profile.samples.toSorted((a, b) => b.cpuNs - a.cpuNs);
  const stack = largest?.frames.slice(0, 5).map(({ name }) => name).join(' < ');
  return `${largest?.cpuNs} of ${sumBy(profile.samples, cpuOf)} ns of cpu in ${largest?.count} samples of ${stack}`;
}
