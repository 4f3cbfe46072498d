import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { describeNeeding } from '../support/engine-features.ts';
import { nodesUnderTest, refusalOf, type NodeBinary } from '../support/node-versions.ts';
import { countOf, ratio, sumBy, type ProfileView, type Sample } from '../support/pprof-query.ts';
import { runProfiled, type ProfiledRun } from '../support/run-profiled.ts';

/** Labels that samples of each span must have, by the span's unique name. */
type Truth = Readonly<Record<string, Readonly<Record<string, string>>>>;

interface Report {
  readonly truth: Truth;
  readonly labels: { readonly path: string; readonly sources: readonly { readonly failed: number; readonly skipped: number }[] };
}

const program = (name: string): string => fileURLToPath(new URL(`programs/${name}`, import.meta.url));
const tracers = [
  { kind: 'labels', title: 'withLabels alone' },
  { kind: 'otel', title: 'OpenTelemetry 2.x' },
  { kind: 'ddTrace', title: 'dd-trace' },
] as const;
const frameFlag = '--experimental-async-context-frame';

for (const node of nodesUnderTest()) {
  for (const flags of flagsFor(node)) {
    describeNeeding(['labels'], `labels on Node ${[node.version, ...flags].join(' ')}`, function () {
      this.timeout(180_000);
      for (const { kind, title } of tracers) {
        for (const file of ['requests.mjs', 'requests.cjs', 'workers.mjs']) describeRun(`${title}, ${file}`, node, flags, [file, kind]);
      }
    });
  }
}

/** Node 22 has both ways to find a context; 24 and later may be asked for the old one. */
function flagsFor(node: NodeBinary): string[][] {
  const sets = node.major === 22 ? [[], [frameFlag]] : node.major >= 24 ? [[], ['--no-async-context-frame']] : [[]];
  return sets.filter((flags) => refusalOf(node, flags) === undefined);
}

function describeRun(title: string, node: NodeBinary, flags: string[], [file, ...args]: [string, ...string[]]): void {
  describe(title, () => {
    const frames = node.major >= 24 ? flags.length === 0 : flags.includes(frameFlag);
    let run: ProfiledRun;
    let report: Report;
    let samples: Judged[];

    before(async () => {
      run = await runProfiled({ node: node.path, nodeFlags: flags, program: program(file), args, timeoutMs: 120_000 });
      assert.equal(run.code, 0, run.stderr);
      const reports = run.stdout.trim().split('\n').map((line) => JSON.parse(line) as Report);
      assert.equal(reports.length, file.startsWith('workers') ? 2 : 1);
      report = mergeReports(reports);
      samples = judge(run.profile, report.truth);
    });

    it('finds contexts the way this Node has', () => {
      assert.equal(report.labels.path, frames ? 'async-context-frame' : 'async-hooks');
    });

    it('asks without failure and says nothing', () => {
      assert.deepEqual(report.labels.sources.map(({ failed, skipped }) => failed + skipped), report.labels.sources.map(() => 0));
      assert.equal(run.stderr, '');
    });

    it('gives no sample a label of another span', () => {
      const wrong = samples.filter((sample) => sample.wrong.length > 0);
      assert.deepEqual(wrong.slice(0, 5).map(({ wrong, sample }) => ({ wrong, frames: sample.frames.slice(0, 6).map(({ name }) => name) })), []);
    });

    // From Node 24 on timers leave the context before the hook runs: turned off there, labels are none rather than wrong.
    const share98 = frames || node.major < 24 ? it : it.skip;
    share98(`labels ${frames ? 99 : 98}% of the samples inside spans`, () => {
      const inside = samples.filter(({ expected }) => Object.keys(expected).length > 0);
      const taken = sumBy(inside.map(({ sample }) => sample), countOf);
      assert.ok(taken >= 300, `only ${taken} samples`);
      const labelled = sumBy(inside.filter(({ missing }) => missing.length === 0).map(({ sample }) => sample), countOf);
      const share = ratio(labelled, taken);
      console.log(`        ${labelled} of ${taken} samples, ${(100 * share).toFixed(2)}%`);
      assert.ok(share >= (frames ? 0.99 : 0.98), `${labelled} of ${taken}`);
    });
  });
}

/** Workers each tell their own; their spans' names differ. */
function mergeReports(reports: readonly Report[]): Report {
  const paths = new Set(reports.map(({ labels }) => labels.path));
  assert.equal(paths.size, 1);
  return {
    truth: Object.assign({}, ...reports.map(({ truth }) => truth)) as Truth,
    labels: { path: [...paths][0] ?? '', sources: reports.flatMap(({ labels }) => labels.sources) },
  };
}

interface Judged {
  readonly sample: Sample;
  readonly expected: Readonly<Record<string, string>>;
  readonly missing: readonly string[];
  readonly wrong: readonly string[];
}

/** Holds each sample against the span and the step that the function it burns in is named after. */
function judge(profile: ProfileView | undefined, truth: Truth): Judged[] {
  assert.ok(profile !== undefined, 'no profile');
  return profile.samples.flatMap((sample): Judged[] => {
    const name = sample.frames.map((frame) => /^burn__(.+?)__(.+)$/.exec(frame.name)).find((match) => match !== null);
    const [, span = '', step = ''] = name ?? [];
    if (span === '' || span === 'warmup') return [];
    const expected = { ...(span === 'none' ? {} : truth[span]), ...(step === 'none' ? {} : { step }) };
    const { thread, ...labels } = sample.labels;
    assert.notEqual(thread, undefined);
    const wrong = Object.entries(labels).filter(([key, value]) => expected[key as keyof typeof expected] !== value);
    return [
      {
        sample,
        expected,
        missing: Object.keys(expected).filter((key) => !(key in labels)),
        wrong: wrong.map(([key, value]) => `${key}=${value} in ${name?.[0] ?? ''}`),
      },
    ];
  });
}
