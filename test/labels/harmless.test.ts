import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { describeNeeding } from '../support/engine-features.ts';
import { nodesUnderTest } from '../support/node-versions.ts';
import { countOf, sumBy } from '../support/pprof-query.ts';
import { runProfiled, type ProfiledRun } from '../support/run-profiled.ts';

const program = (name: string): string => fileURLToPath(new URL(`programs/${name}`, import.meta.url));
/** Compressed: ten minutes at 99 Hz are a minute at 1000. */
const retentionSeconds = Number(process.env['HOTSPAN_TEST_RETENTION_SECONDS'] ?? 5);

for (const node of nodesUnderTest()) {
  describeNeeding(['labels'], `labels do no harm on Node ${node.version}`, function () {
    this.timeout(300_000);

    const odd = (kind: string): Promise<ProfiledRun> => runProfiled({ node: node.path, program: program('odd.cjs'), args: [kind], rateHz: 500 });
    const withLabel = (run: ProfiledRun, key: string, value?: string): number =>
      sumBy((run.profile?.samples ?? []).filter(({ labels }) => (value === undefined ? key in labels : labels[key] === value)), countOf);

    it('holds no object of a request for longer than 2 s', async () => {
      const nodeFlags = ['--expose-gc'];
      const run = await runProfiled({ node: node.path, nodeFlags, program: program('retention.mjs'), args: [String(retentionSeconds)], rateHz: 1000, timeoutMs: 250_000 });
      assert.equal(run.code, 0, run.stderr);
      const { longestMs, collected, held } = JSON.parse(run.stdout) as { longestMs: number; collected: number; held: number };
      console.log(`        ${collected} objects collected, ${held} held, the longest for ${longestMs.toFixed(0)} ms`);
      assert.ok(collected > 20 * retentionSeconds, `${collected} objects collected`);
      assert.ok(longestMs <= 2000, `an object was held for ${longestMs} ms`);
      assert.ok(withLabel(run, 'id') > 50 * retentionSeconds, 'samples have labels');
    });

    it('finds the span whichever copy of the API the app uses', async () => {
      const run = await odd('severalApis');
      assert.deepEqual([run.code, run.stdout, run.stderr], [0, 'true\n', '']);
      assert.ok(withLabel(run, 'span_id') > 50);
    });

    it('labels the sample that closes a profile, whose end waits for it', async () => {
      const run = await runProfiled({ node: node.path, program: program('odd.cjs'), args: ['closing'], rateHz: 1 });
      assert.deepEqual([run.code, run.stdout, run.stderr], [0, 'closing\n', '']);
      assert.deepEqual(run.profile?.comments.filter((comment) => comment.startsWith('lost:')), []);
      assert.equal(withLabel(run, 'closing', 'yes'), 1);
    });

    it('needs no tracing library', async () => {
      const run = await odd('none');
      assert.deepEqual([run.code, run.stdout, run.stderr], [0, 'none\n', '']);
      assert.equal(withLabel(run, 'trace_id'), 0);
    });

    it('lives with providers that fail, each told once', async () => {
      const run = await odd('throwing');
      assert.deepEqual([run.code, run.stdout], [0, 'throwing\n']);
      const lines = run.stderr.trim().split('\n');
      assert.equal(lines.length, 4, run.stderr);
      assert.match(lines.join('\n'), /label provider 'bad' threw: no tenant/);
      assert.match(lines.join('\n'), /label provider 'late' threw: it returned a promise/);
      assert.ok(withLabel(run, 'good', 'yes') > 50);
    });

    it('stops asking a provider that is slow, and goes on asking others', async () => {
      const run = await odd('slow');
      assert.equal(run.code, 0, run.stderr);
      assert.match(run.stderr, /^hotspan: label provider 'slow' used more than \d+ ms within a second[^\n]*\n$/);
      const { calls, skipped, seconds } = JSON.parse(run.stdout) as { calls: number; skipped: number; seconds: number };
      // 30 ms each, the slowest not counted: after three calls the time of a second is used up.
      assert.ok(calls <= 3 * (seconds + 1), `${calls} calls in ${seconds} s`);
      assert.ok(skipped > calls, `${skipped} skipped`);
      assert.ok(withLabel(run, 'quick', 'yes') > 50);
    });

    it('is not misled by things that only look like a tracing library', async () => {
      const run = await odd('foreignGlobal');
      assert.deepEqual([run.code, run.stdout], [0, 'foreign\n']);
      assert.equal(run.stderr.trim().split('\n').filter((line) => line !== '' && !/^hotspan: the (OpenTelemetry|dd-trace) label provider threw/.test(line)).length, 0, run.stderr);
      assert.ok((run.profile?.samples.length ?? 0) > 0);
    });
  });
}
