/**
 * How often `hotspan ci` names a function of 5% of the CPU that became 10% slower, and how often it fails with nothing
 * changed: `node --import tsx bench/ci/detection.ts [--trials 20] [--runs 10] [--seconds 3] [--load] [--only slower|same|moved|renamed]`.
 * Each trial is a program of 40 functions from another seed, in a git repository of its own. Takes trials x runs x
 * seconds x 2, and the double where a second look is needed.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generateProgram, target, type Change } from './generate-program.ts';

const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '20' }, runs: { type: 'string', default: '10' }, seconds: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' }, rate: { type: 'string' }, only: { type: 'string' }, load: { type: 'boolean', default: false },
  },
});
const cli = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

interface Report {
  readonly result: string;
  readonly headline: string;
  readonly looks: number;
  readonly regressions: readonly { readonly name: string }[];
  readonly moved: readonly { readonly name: string }[];
  readonly functions: readonly { readonly name: string; readonly match: string; readonly relative: { readonly estimate: number; readonly low: number; readonly high: number } }[];
}

interface Case { readonly name: string; readonly change: Change; readonly holds: (report: Report) => boolean; readonly bar: string }

const cases: readonly Case[] = [
  { name: 'slower', change: { slower: { [target]: 1.1 } }, holds: ({ regressions }) => regressions[0]?.name === target, bar: 'at least 18 of 20' },
  { name: 'same', change: {}, holds: ({ result }) => result === 'ok', bar: 'at least 19 of 20' },
  { name: 'moved', change: { split: target }, holds: ({ result, moved }) => result === 'ok' && moved[0]?.name === `${target}Part`, bar: 'all' },
  {
    name: 'renamed', change: { renamed: { [target]: 'calculate' } }, bar: 'all',
    holds: ({ result, functions }) => result === 'ok' && functions.some(({ name, match }) => name === 'calculate' && match === 'renamed'),
  },
];

const load = values.load ? spawn(process.execPath, ['-e', 'for (let x = 1, a = []; ; x++) { a = Array.from({ length: 5000 }, (_, i) => i * x); a.sort(); }'], { stdio: 'ignore' }) : undefined;
try {
  for (const one of cases.filter(({ name }) => values.only === undefined || name === values.only)) {
    let held = 0;
    for (let trial = 0; trial < Number(values.trials); trial++) {
      const report = runTrial(Number(values.seed) + trial, one.change);
      const good = one.holds(report);
      if (good) held += 1;
      const estimate = report.functions.find(({ name }) => name === target || name === 'calculate')?.relative;
      console.log(`${one.name} ${trial + 1}: ${good ? 'holds' : 'DOES NOT HOLD'}; ${report.headline}; looks ${report.looks}; ${target} ${JSON.stringify(estimate)}`);
    }
    console.log(`${one.name}${values.load ? ', under load' : ''}: ${held} of ${values.trials} (bar: ${one.bar})`);
  }
} finally {
  load?.kill();
}

function runTrial(seed: number, change: Change): Report {
  const directory = mkdtempSync(join(tmpdir(), 'hotspan-detection-'));
  try {
    const git = (...args: string[]): void => void execFileSync('git', ['-C', directory, '-c', 'user.name=bench', '-c', 'user.email=bench@localhost', ...args], { stdio: 'ignore' });
    const seconds = Number(values.seconds);
    mkdirSync(join(directory, 'src'));
    const program = join(directory, 'src', 'program.mjs');
    git('init', '--quiet');
    for (const [message, each] of [['base', {}], ['head', change]] as const) {
      writeFileSync(program, generateProgram({ seed, seconds, change: each }));
      git('add', '.');
      git('commit', '--quiet', '--allow-empty', '-m', message);
    }
    const rate = values.rate === undefined ? [] : ['--rate', values.rate];
    const args = [cli, 'ci', '--base', 'HEAD^', '--runs', values.runs, ...rate, '--', process.execPath, 'src/program.mjs'];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: directory, encoding: 'utf8' });
    if (status !== 0 && status !== 1) throw new Error(`hotspan ci ended with ${status}: ${stderr}`);
    return JSON.parse(readFileSync(join(directory, 'hotspan-ci', 'report.json'), 'utf8')) as Report;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
