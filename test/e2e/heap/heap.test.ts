import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { flatHeap, heapOf, readHeap, type HeapView } from '../../support/heap-query.ts';
import { itNeeding } from '../../support/engine-features.ts';
import { nodesUnderTest, type NodeBinary } from '../../support/node-versions.ts';
import { profileFiles } from '../../support/profile-files.ts';
import { runProgram, type RunResult } from '../../support/run-program.ts';
import { assertValidPprof } from '../../support/valid-profile.ts';

const cli = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const programs = fileURLToPath(new URL('./programs/', import.meta.url));

let directory: string;
/** Of each test of a suite that calls this. */
function useFreshDirectory(): void {
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'hotspan-heap-'))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
}

for (const node of nodesUnderTest()) {
  describe(`heap profiles on Node ${node.version}`, () => {
    useFreshDirectory();
    itNeeding(['class names'], 'shows the leaking function of a service first', async () => {
      const run = await hotspan(node, ['run', '--profiles', 'cpu,heap', '--out', 'out', '--', node.path, join(programs, 'leaking-service.mjs')]);
      assert.equal(run.code, 0, run.stderr);
      const [cpuOwn = '', cpu, heapOwn = '', heap] = readdirSync(join(directory, 'out')).sort();
      assert.deepEqual([cpu, heap], ['cpu.pb.gz', 'heap.pb.gz']);
      assert.match(cpuOwn, /^cpu-\d+\.pb\.gz$/);
      assert.match(heapOwn, /^heap-\d+\.pb\.gz$/);
      assert.match(run.stderr, /^heap: .* inuse_space, 1 process$/m);
      const top = await hotspan(node, ['top', 'out/heap.pb.gz', '--type', 'inuse_space', '--json']);
      const { rows } = JSON.parse(top.stdout) as { rows: { name: string; flat: number }[] };
      // The others' share is what no collection has met yet.
      assert.equal(rows[0]?.name, 'rememberSession');
      assert.ok((rows[0]?.flat ?? 0) > 2 * (rows[1]?.flat ?? 0), JSON.stringify(rows.slice(0, 3)));
    });

    itNeeding(['class names'], 'shows in the difference of two captures the leak alone', async () => {
      const env = { HOTSPAN_PERIOD: '0', HOTSPAN_PROFILES: 'heap', HOTSPAN_EXPORT: `file:${directory}/session` };
      const register = new URL('../../../dist/register.js', import.meta.url).href;
      const args = ['--expose-gc', '--import', register, join(programs, 'leaking-service.mjs'), '6000', directory];
      const { code, stderr } = await runProgram({ node: node.path, args, env, timeoutMs: 90_000 });
      assert.deepEqual([code, stderr], [0, '']);
      const [first, second] = ['first', 'second'].map((name) => flatHeap(profileAt(`${name}.pb.gz`), 'inuse_space'));
      assert.ok(first !== undefined && second !== undefined);
      const growth = [...second].map(([name, bytes]) => ({ name, bytes: bytes - (first.get(name) ?? 0) })).sort((a, b) => b.bytes - a.bytes);
      assert.equal(growth[0]?.name, 'rememberSession');
      const others = growth.slice(1).reduce((sum, { bytes }) => sum + Math.max(0, bytes), 0);
      assert.ok(others < 0.15 * (growth[0]?.bytes ?? 0), JSON.stringify(growth.slice(0, 4)));
    });

    // Code of each kind names the place in it by other means.
    for (const flags of ['--no-opt --no-maglev --no-sparkplug', '--no-opt --no-maglev --always-sparkplug', '--no-turbo-inlining', '--interpreted-frames-native-stack --no-opt --no-maglev --no-sparkplug']) {
      itNeeding(['heap counts'], `tells the lines that allocate apart, and the lines that called them, with ${flags}`, async () => {
        const env = { HOTSPAN_EXPORT: `file:${directory}` };
        const args = [...flags.split(' '), '--expose-gc', '--stress-compaction', join(programs, 'two-lines.mjs')];
        const run = await runProgram({ node: node.path, args, env, timeoutMs: 60_000 });
        assert.deepEqual([run.code, run.stderr], [0, '']);
        const heap = profileAt(readdirSync(directory)[0] ?? '');
        const text = readFileSync(join(programs, 'two-lines.mjs'), 'utf8').split('\n');
        const from = (line: string, caller: string): number => {
          const inside = heap.samples.filter(({ frames }) => [line, caller].every((end, at) => text[(frames[at]?.line ?? 0) - 1]?.endsWith(end)));
          return inside.reduce((sum, { values }) => sum + (values.alloc_space ?? 0), 0);
        };
        const found = [from('// once', '// by one'), from('// thrice', '// by one'), from('// once', '// by two'), from('// thrice', '// by two')];
        const truth = [1, 3, 2, 6];
        const bytes = found.reduce((sum, value) => sum + value, 0);
        // 9,000 calls a phase, four arrays each; 300 samples of the rarest.
        assert.ok(bytes > 10 * 9000 * 4 * 180 * 0.9, found.join(' '));
        truth.forEach((share, i) => assert.ok(Math.abs((found[i] ?? 0) / (bytes * share / 12) - 1) < 0.25, found.join(' ')));
      });
    }

    it('leaves the heap alone unless it is asked for it', async () => {
      const run = await hotspan(node, ['run', '--out', 'out', '--', node.path, '-e', '0']);
      assert.equal(run.code, 0, run.stderr);
      assert.deepEqual(readdirSync(join(directory, 'out')).filter((name) => name.startsWith('heap')), []);
    });

    it('says who is in its way when another tool has the heap sampler, and goes on without', async () => {
      const other = "const { Session } = require('inspector'); const s = new Session(); s.connect(); s.post('HeapProfiler.startSampling');";
      const code = `${other} import('hotspan').then(({ start, stop }) => { start({ profiles: ['cpu', 'heap'], period: 0 }); return stop(); });`;
      const env = { HOTSPAN_EXPORT: `file:${directory}` };
      const root = fileURLToPath(new URL('../../../', import.meta.url));
      const run = await runProgram({ node: node.path, args: ['-e', code], env, cwd: root, timeoutMs: 30_000 });
      assert.equal(run.code, 0);
      assert.equal(run.stderr, "hotspan: no heap profiles: V8's heap profiler is in use by another tool in this process\n");
      assert.deepEqual(profileFiles(directory).map(({ type, rest }) => [type, rest]), [['cpu', '']]);
    });

    it('ends its sampling with the last session', async () => {
      const code = `import('hotspan').then(async ({ capture }) => {
        for (let i = 0; i < 3; i++) await capture({ seconds: 0.01, profiles: ['heap'] });
        const { Session } = await import('node:inspector/promises');
        const s = new Session(); s.connect();
        await s.post('HeapProfiler.startSampling');
        await s.post('HeapProfiler.stopSampling');
        console.log('free');
      });`;
      const root = fileURLToPath(new URL('../../../', import.meta.url));
      const run = await runProgram({ node: node.path, args: ['-e', code], cwd: root, timeoutMs: 30_000 });
      assert.deepEqual([run.code, run.stdout, run.stderr], [0, 'free\n', '']);
    });

    // V8 has one sampler for all: who stops it stops all others' sampling. The steps are DevTools', while hotspan runs.
    for (const [steps, stops] of [
      ['', 0],
      ['start', 0],
      ['start stop', 1],
      ['start stop start', 1],
      ['start stop start stop start', 1],
      ['start stop take start stop start', 2],
      ['start stop start take start', 1],
    ] as const) {
      itNeeding(['heap counts'], `shares V8's sampler with DevTools: ${steps || 'not used'}`, async () => {
        const root = fileURLToPath(new URL('../../../', import.meta.url));
        const env = { HOTSPAN_EXPORT: `file:${directory}` };
        const run = await runProgram({ node: node.path, args: [join(programs, 'beside-devtools.mjs'), ...steps.split(' ')], env, cwd: root, timeoutMs: 30_000 });
        assert.deepEqual([run.code, run.stderr], [0, '']);
        const { others, kept } = JSON.parse(run.stdout) as { others: number | undefined; kept: number };
        // DevTools' own sampler goes on after hotspan has stopped, with all since it began (and more: V8 counts mementos).
        const has = stops > 0 && steps.endsWith('start');
        if (has) assert.ok(others !== undefined && others > 0.75 * kept && others < 2 * kept, `${others} of ${kept} bytes`);
        else assert.equal(others, undefined);
        const heap = profileAt(readdirSync(directory)[0] ?? '');
        const lost = heap.comments.filter((line) => line.startsWith('lost: ') && line.includes('another tool stopped'));
        assert.deepEqual(lost.map((line) => Number(/^lost: main: (\d+) times/.exec(line)?.[1])), stops === 0 ? [] : [stops], heap.comments.join('\n'));
        assert.equal(lost[0]?.includes('has it now') ?? false, has);
        if (stops === 0) assert.ok(heapOf(heap, 'keepBeforeStop', 'inuse_space') > 0.75 * kept);
      });
    }

    for (const thread of ['main', 'worker-1']) {
      for (const kind of ['objects', 'strings', 'arrays']) {
        itNeeding(['heap limit', 'threads'], `writes the heap when it runs out: ${kind}, ${thread}`, async () => {
          const run = await runProgram({
            node: node.path,
            args: ['--max-old-space-size=64', '--import', new URL('../../../dist/register.js', import.meta.url).href, join(programs, 'run-out.mjs'), kind, thread === 'main' ? thread : 'worker'],
            env: { HOTSPAN_PROFILES: 'cpu,heap', HOTSPAN_PERIOD: '0', HOTSPAN_EXPORT: `file:${directory}/deep/er` },
            timeoutMs: 60_000,
          });
          // As it ends without a profiler: the process with its last words, the worker with an error event.
          if (thread === 'main') assert.match(run.stderr, /JavaScript heap out of memory/);
          else assert.equal(run.stdout, 'ERR_WORKER_OUT_OF_MEMORY\n', run.stderr);
          assert.equal(run.signal ?? run.code, thread === 'main' ? 'SIGABRT' : 0);
          const files = profileFiles(join(directory, 'deep/er')).filter(({ rest }) => rest.includes('oom'));
          assert.deepEqual(files.map(({ type, pid, rest }) => [type, pid, rest]), [['heap', run.pid, thread === 'main' ? 'oom' : `${thread}-oom`]]);
          const heap = profileAt(join('deep/er', basename(files[0]?.path ?? '')));
          const leak = `leak${kind[0]?.toUpperCase()}${kind.slice(1)}`;
          const all = heap.samples.reduce((sum, { values }) => sum + (values.inuse_space ?? 0), 0);
          assert.ok(heapOf(heap, leak, 'inuse_space') > 0.8 * all);
          assert.ok(all > 30e6 && all < 200e6, String(all));
          assert.ok(heap.samples.every(({ labels }) => labels['on_oom'] === 'true' && labels['thread'] === thread));
          assert.ok(heap.comments.some((line) => line.startsWith('on_oom: ')));
        });
      }
    }
  });
}

function hotspan(node: NodeBinary, args: readonly string[]): Promise<RunResult> {
  return runProgram({ node: node.path, args: [cli, ...args], env: { NO_COLOR: '1' }, cwd: directory, timeoutMs: 60_000 });
}

function profileAt(path: string): HeapView {
  const bytes = readFileSync(join(directory, path));
  assertValidPprof(bytes);
  return readHeap(bytes);
}
