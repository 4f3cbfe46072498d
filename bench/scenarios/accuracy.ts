import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { parseTruth } from '../../test/accuracy/cases.ts';
import { ofMainThread, readPprof, type ProfileView } from '../../test/support/pprof-query.ts';
import { runProgram } from '../../test/support/run-program.ts';
import { readCpuProfile } from '../../test/support/v8-reference.ts';
import { accuracyFigures, type AccuracyFigures } from '../support/accuracy-figures.ts';
import { compareVariants, rowsOf } from '../support/compare-variants.ts';
import { withDirectory } from '../support/profile-directory.ts';
import type { BenchContext, Row, Scenario } from '../support/scenario.ts';
import { ours, type Variant } from '../support/variants.ts';

interface Program {
  readonly what: string;
  /** In test/accuracy/programs. */
  readonly file: string;
  /** @default true */
  readonly marksLines?: boolean;
}
const programs: readonly Program[] = [
  { what: 'calls, inlined and recursive', file: 'calls.mjs' },
  { what: 'classes, generators, async', file: 'classes.mjs' },
  { what: 'sort, JSON, regular expressions', file: 'builtins.mjs' },
  { what: 'requests of a period, rest between', file: 'short-work.cjs', marksLines: false },
];
const rateHz = 1000;
const bench = new URL('../', import.meta.url);

const measures = {
  misattributed: 'CPU given to the wrong function or lost',
  shares: 'error of shares',
  total: "error of the thread's CPU in all",
  offLine: 'CPU not on the line that burns',
} as const;

export const accuracy: Scenario = {
  name: 'accuracy',
  title: 'error against ground truth: functions, totals and lines of programs that know what they burn',
  about: `Programs of [test/accuracy](../test/accuracy/README.md) burn CPU in known functions and lines and keep the truth with the
thread's own clock; ${rateHz} Hz, since at 99 Hz chance would hide the rest. *Wrong or lost* adds up over all functions how much
CPU the profile gives them too much or too little; *shares* does so for shares of what was found. The time of a sample of
\`node:inspector\` and \`--cpu-prof\`, which know no CPU time, is that to the next one, at most four periods. Lines: V8's
profiler knows that of the innermost frame, @datadog/pprof none together with contexts. *Requests of a period* burn half a
millisecond in one function, half in another and wait for two, as a service does that has little to do.`,
  plots: [{ kind: 'bars', file: 'accuracy', title: 'CPU given to the wrong function or lost', measures: programs.map(({ what }) => `${what}: ${measures.misattributed}`) }],
  async run(context) {
    const rows: Row[] = [];
    for (const program of context.quick ? programs.slice(0, 1) : programs) {
      const only = context.quick ? ['hotspan', 'datadog', 'inspector', 'cpu-prof'] : ['hotspan', 'datadog', 'pyroscope', 'inspector', 'cpu-prof'];
      const outcomes = await compareVariants(context, { only, rounds: context.rounds }, (variant) => measure(context, variant, program));
      for (const key of Object.keys(measures) as (keyof AccuracyFigures)[]) {
        if (key === 'offLine' && program.marksLines === false) continue;
        rows.push(...rowsOf(outcomes, { measure: `${program.what}: ${measures[key]}`, unit: '%', pick: (figures) => figures[key], compare: 'difference', claim: 'accuracy' }));
      }
    }
    return rows;
  },
};

function measure({ node, quick }: BenchContext, variant: Variant, { file, marksLines = true }: Program): Promise<AccuracyFigures> {
  return withDirectory(async (directory) => {
    const source = fileURLToPath(new URL(`../test/accuracy/programs/${file}`, bench));
    const clockFile = join(directory, 'os-clock.json');
    const preloads = [preloadOf(variant), new URL('../test/support/programs/clock-mark.mjs', bench).href].filter((file) => file !== undefined);
    const { code, stdout, stderr } = await runProgram({
      node: node.path,
      args: [...(variant.flags?.(rateHz, directory) ?? []), ...preloads.flatMap((file) => ['--import', file]), source],
      env: {
        BENCH_PRELOAD: JSON.stringify({ variant: variant.id, rateHz, directory }),
        HOTSPAN_RATE: String(rateHz),
        HOTSPAN_PERIOD: '0',
        HOTSPAN_EXPORT: `file:${directory}`,
        HOTSPAN_TEST_CLOCK_FILE: clockFile,
        HOTSPAN_TEST_SECONDS: quick ? '0.5' : '1.5',
      },
      timeoutMs: 60_000,
    });
    if (code !== 0) throw new Error(`${file} ended with ${code}: ${stderr.trim()}`);
    return accuracyFigures(readProfile(directory), parseTruth(stdout), marksLines ? [source] : [], readClock(directory));
  });
}

/** hotspan as its users preload it; the others by ours. */
function preloadOf({ id, flags }: Variant): string | undefined {
  if (flags !== undefined) return undefined;
  return id === ours ? new URL('../dist/register.js', bench).href : new URL('programs/preload.mjs', bench).href;
}

function readProfile(directory: string): ProfileView {
  const file = readdirSync(directory).find((name) => /\.(pb\.gz|cpuprofile)$/.test(name));
  if (file === undefined) throw new Error('the profiler left no profile');
  const bytes = readFileSync(join(directory, file));
  if (file.endsWith('.cpuprofile')) return readCpuProfile(bytes.toString());
  const profile = readAny(bytes);
  // One lump for all threads but the main one, which only @datadog/pprof has.
  const samples = profile.samples.filter(({ frames }) => !frames.some(({ name }) => name === 'Non JS threads activity'));
  return ofMainThread({ ...profile, samples });
}

/** What counts samples is called `samples` by hotspan, `sample` by @datadog/pprof. */
function readAny(bytes: Uint8Array): ProfileView {
  try {
    return readPprof(bytes);
  } catch {
    return readPprof(bytes, 'sample/count');
  }
}

function readClock(directory: string): number {
  const file = readdirSync(directory).find((name) => name.startsWith('os-clock.json'));
  if (file === undefined) throw new Error('the program left no clock');
  return (JSON.parse(readFileSync(join(directory, file), 'utf8')) as { cpuNs: number }).cpuNs;
}
