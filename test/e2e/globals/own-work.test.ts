import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeNeeding } from '../../support/engine-features.ts';
import { nodesUnderTest } from '../../support/node-versions.ts';
import { bareName, isInside, readPprof, threadOf, type Sample } from '../../support/pprof-query.ts';
import { RecordingServer } from '../../support/recording-server.ts';
import { runProgram } from '../../support/run-program.ts';

const program = fileURLToPath(new URL('./programs/own-work.mjs', import.meta.url));
const dist = fileURLToPath(new URL('../../../dist/', import.meta.url));
const own = '(hotspan)';
const sumOf = (samples: readonly Sample[]): number => samples.reduce((sum, { count }) => sum + count, 0);

for (const node of nodesUnderTest()) {
  describeNeeding(['threads'], `hotspan's own work, on Node ${node.version}`, function () {
    this.timeout(60_000);
    let samples: readonly Sample[];

    before(async () => {
      const directory = mkdtempSync(join(tmpdir(), 'hotspan-own-work-'));
      const server = new RecordingServer();
      await server.listen();
      try {
        const env = { HOTSPAN_EXPORT: `file:${directory},otlp:${server.url}`, HOTSPAN_SPOOL: join(directory, 'spool') };
        const { code, stderr } = await runProgram({ node: node.path, args: [program], env, timeoutMs: 60_000 });
        assert.deepEqual([code, stderr], [0, '']);
        const files = readdirSync(directory).filter((name) => name.endsWith('.pb.gz'));
        samples = files.flatMap((name) => readPprof(readFileSync(join(directory, name))).samples);
      } finally {
        await server.close();
        rmSync(directory, { recursive: true, force: true });
      }
    });

    it('is shown as such, and as what its caller asked for', () => {
      const asked = samples.filter((sample) => isInside(sample, 'asksForFigures') && !isInside(sample, '(garbage collector)'));
      const inHotspan = asked.filter(({ frames }) => frames[0]?.name === own && bareName(frames[1]?.name ?? '') === 'asksForFigures');
      assert.ok(sumOf(inHotspan) > 0.8 * sumOf(asked), `${sumOf(inHotspan)} of ${sumOf(asked)} samples of a function that does nothing else`);
    });

    it('has no function of its own in a stack, but around functions of the app', () => {
      const shown = samples.filter(({ frames }) => frames.some(({ file }) => file.includes(dist)));
      const wrong = shown.filter((sample) => !isInside(sample, 'burnsWithLabels') && !isInside(sample, 'makesWorker'));
      assert.deepEqual(wrong.map(({ frames }) => frames.map(({ name, file }) => `${name} ${file}`)), []);
    });

    it('leaves functions of the app that it calls where they are', () => {
      const labelled = samples.filter(({ labels }) => labels['kind'] === 'labelled');
      const all = sumOf(labelled);
      assert.ok(all > 30, `${all} samples with the label`);
      assert.ok(sumOf(labelled.filter((sample) => isInside(sample, 'burnsWithLabels'))) > 0.9 * all);
    });

    it('is all of what its threads do', () => {
      const threads = samples.filter((sample) => threadOf(sample) === 'hotspan');
      assert.ok(threads.some(({ frames }) => frames.length === 1 && frames[0]?.name === own));
      const inAddon = samples.filter((sample) => threadOf(sample) !== 'main' && sample.frames.some(({ file, name }) => /hotspan\.abi/.test(file + name)));
      assert.deepEqual(inAddon.map(({ frames }) => frames.map(({ name }) => name)), []);
      const uploading = samples.filter((sample) => threadOf(sample) === 'worker');
      assert.deepEqual(uploading.map(({ frames }) => frames.map(({ name }) => name)), []);
    });
  });
}
