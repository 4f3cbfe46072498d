import { parseArgs } from 'node:util';

import type { NodeBinary } from '../test/support/node-versions.ts';
import { describeNodes } from './support/nodes.ts';
import type { Scenario } from './support/scenario.ts';

export type Command =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'compare'; readonly files: readonly [string, string] }
  | { readonly kind: 'render'; readonly files: readonly [string, string?] }
  | {
      readonly kind: 'run';
      readonly chosen: readonly Scenario[];
      readonly nodes: readonly NodeBinary[];
      readonly quick: boolean;
      readonly rounds: number;
      readonly seed: number;
      /** Write docs/benchmarks.md. */
      readonly report: boolean;
    };

const defaultRounds = 5;

const options = {
  scenario: { type: 'string', multiple: true },
  node: { type: 'string', multiple: true },
  rounds: { type: 'string' },
  seed: { type: 'string' },
  report: { type: 'boolean', default: false },
  from: { type: 'string', multiple: true },
  compare: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Throws one line for what cannot be done. */
export function parseCommand(args: readonly string[], scenarios: readonly Scenario[]): Command {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  if (values.help) return { kind: 'help', text: helpText(scenarios) };
  if (values.compare) {
    const [first, second, ...more] = positionals;
    if (first === undefined || second === undefined || more.length > 0) throw new Error('--compare takes two files of results');
    return { kind: 'compare', files: [first, second] };
  }
  if (positionals.length > 0) throw new Error(`'${positionals[0] ?? ''}' is not an option`);
  if (values.from !== undefined) {
    const [file = '', again, ...more] = values.from;
    if (more.length > 0) throw new Error('--from takes one file of results, or two of the same machine');
    return { kind: 'render', files: again === undefined ? [file] : [file, again] };
  }
  const nodes = describeNodes(values.node);
  if (values.report && nodes.length > 1) throw new Error('--report is of one Node; give --node once');
  const quick = values.quick;
  return {
    kind: 'run',
    chosen: choose(values.scenario, values.report, scenarios),
    nodes,
    quick,
    rounds: quick ? 1 : wholeNumber('--rounds', values.rounds, defaultRounds),
    seed: wholeNumber('--seed', values.seed, Date.now() % 1_000_000),
    report: values.report,
  };
}

function wholeNumber(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} is '${text}'; give a whole number from 1 on`);
  return value;
}

function choose(names: readonly string[] | undefined, report: boolean, scenarios: readonly Scenario[]): readonly Scenario[] {
  if (names === undefined) return report ? scenarios.filter(({ about }) => about !== undefined) : scenarios;
  return names.map((name) => {
    const scenario = scenarios.find((candidate) => candidate.name === name);
    if (scenario === undefined) throw new Error(`no scenario '${name}', there are: ${scenarios.map((candidate) => candidate.name).join(', ')}`);
    return scenario;
  });
}

function helpText(scenarios: readonly Scenario[]): string {
  const list = (some: readonly Scenario[]): string => some.map(({ name, title }) => `  ${name.padEnd(12)}${title}`).join('\n');
  return `\
usage: npm run bench -- [options]
       npm run bench -- --from RESULTS.json [--from SECOND.json]
       npm run bench -- --compare RESULTS.json SECOND.json

Measures what hotspan costs, beside no profiler and its peers, in one run on one machine.

  --report         the scenarios of the report; writes docs/benchmarks.md and docs/images/ from them (about 45 minutes)
  --quick          one round of short programs (about a minute): shows that all of it runs; the figures mean nothing
  --scenario NAME  only this one; may be repeated
  --node PATH      Node binary to measure; may be repeated (else HOTSPAN_TEST_NODES, else this one)
  --rounds N       how often each variant runs (${defaultRounds}); some scenarios take a multiple or a part of it
  --seed N         the order of runs, which is random otherwise
  --from FILE      write the document from saved results; a second one states whether two runs agree
  --compare A B    whether two runs agree within the intervals they state; exit code 1 when not
  --help           this text

scenarios of the report:
${list(scenarios.filter(({ about }) => about !== undefined))}
of hotspan alone:
${list(scenarios.filter(({ about }) => about === undefined))}

Raw results go to bench/results/. Bars are information: the exit code is 0 unless a scenario fails to run.
`;
}
