import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { heapOf, readHeap, type HeapView } from '../support/heap-query.ts';
import { nodesUnderTest } from '../support/node-versions.ts';
import { runProgram } from '../support/run-program.ts';
import { assertValidPprof } from '../support/valid-profile.ts';

const program = fileURLToPath(new URL('./programs/retain.mjs', import.meta.url));
/** One sample each 64 KiB of 80 MB: 3.6 standard deviations of a Poisson count. */
const tolerance = 0.1;

interface Output {
  readonly truth: Readonly<Record<string, number>>;
  readonly during: string;
  readonly released: string;
  readonly objectBytes: number;
}

for (const node of nodesUnderTest()) {
  describe(`heap profiles against the truth on Node ${node.version}`, () => {
    let output: Output;
    let during: HeapView;
    let released: HeapView;
    /** The session's own profile, of all that the process did. */
    let whole: HeapView;
    before(async () => {
      const directory = mkdtempSync(join(tmpdir(), 'hotspan-heap-'));
      try {
        const env = { HOTSPAN_EXPORT: `file:${directory}` };
        const result = await runProgram({ node: node.path, args: ['--expose-gc', program], env, timeoutMs: 60_000 });
        assert.deepEqual([result.code, result.stderr], [0, '']);
        output = JSON.parse(result.stdout) as Output;
        during = checked(Buffer.from(output.during, 'base64'));
        released = checked(Buffer.from(output.released, 'base64'));
        whole = checked(readFileSync(join(directory, readdirSync(directory)[0] ?? '')));
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    });

    for (const name of ['keepObjects', 'keepStrings', 'keepArrays', 'keepClosures', 'keepMap', 'keepBuffers']) {
      it(`counts what ${name} keeps`, () => {
        const truth = output.truth[name] ?? 0;
        assert.ok(truth > 60e6, `the truth itself is off: ${truth}`);
        assertClose(heapOf(during, name, 'inuse_space'), truth, name);
      });
      it(`no longer counts it after its release`, () => {
        assert.ok(heapOf(released, name, 'inuse_space') < 0.01 * (output.truth[name] ?? 0));
      });
    }

    it('counts the objects themselves, at their true number', function () {
      // Its optimized loop allocates several objects at once, which V8 samples as one of their common size.
      if (node.major >= 26) this.skip();
      assertClose(heapOf(during, 'keepObjects', 'inuse_objects'), 1_400_000, 'objects');
    });

    it('knows what was allocated, dead or alive', () => {
      assert.deepEqual(whole.types, ['alloc_objects', 'alloc_space', 'inuse_objects', 'inuse_space']);
      assertClose(heapOf(whole, 'churn', 'alloc_space'), 1_400_000 * output.objectBytes, 'churn');
      assertClose(heapOf(whole, 'keepObjects', 'alloc_space'), output.truth['keepObjects'] ?? 0, 'keepObjects');
      assert.ok(heapOf(whole, 'churn', 'inuse_space') < 5e6);
      // A capture begins with what is allocated from then on.
      assert.ok(heapOf(during, 'keepObjects', 'alloc_space') === 0);
    });

    it('tells array buffers from the heap, and names the rest of memory', () => {
      const buffers = during.samples.filter(({ labels }) => labels['memory'] === 'array buffer');
      assert.ok(buffers.length > 0 && buffers.every(({ frames }) => frames.length > 1));
      assertClose(heapOf({ ...during, samples: buffers }, 'keepBuffers', 'inuse_space'), 8000 * 10_000 + 20 * 2 ** 20, 'buffers');
      for (const kind of ['resident', 'main: heap used', 'main: heap limit', 'main: external and array buffers', 'main: space old_space']) {
        assert.ok(during.comments.some((line) => line.startsWith(`memory: ${kind} `)), kind);
      }
    });

    it('has inuse_space as its default, the thread on every sample and each allocation at its line', () => {
      assert.equal(during.defaultType, 'inuse_space');
      assert.ok(during.samples.every(({ labels }) => labels['thread'] === 'main'));
      const source = readFileSync(program, 'utf8').split('\n');
      const frames = during.samples.flatMap((sample) => sample.frames).filter(({ name }) => /^keep/.test(name));
      for (const { name, file, startLine } of frames) {
        assert.equal(file, program);
        assert.ok(source[startLine - 1]?.startsWith(`function ${name}(`), `${name}:${startLine}`);
      }
      const lines = new Map<string, number>();
      for (const { frames, values } of during.samples) {
        const [frame] = frames;
        if (frame?.name !== 'keepObjects') continue;
        const text = source[frame.line - 1]?.trim() ?? '';
        lines.set(text, (lines.get(text) ?? 0) + (values.inuse_space ?? 0));
      }
      const [best] = [...lines].sort((a, b) => b[1] - a[1]);
      assert.match(best?.[0] ?? '', /head = \{ a: i/);
    });
  });
}

function assertClose(value: number, truth: number, what: string): void {
  const error = value / truth - 1;
  assert.ok(Math.abs(error) <= tolerance, `${what}: ${value} for ${truth}, ${(100 * error).toFixed(1)}% off`);
}

function checked(bytes: Uint8Array): HeapView {
  assertValidPprof(bytes);
  return readHeap(bytes);
}
