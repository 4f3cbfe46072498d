import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { describeNodes } from './support/nodes.ts';
import { renderTable } from './support/render-table.ts';
import { saveResults } from './support/save-results.ts';
import type { BenchContext, Scenario } from './support/scenario.ts';
import { scenarios } from './scenarios/all.ts';

const options = {
  scenario: { type: 'string', multiple: true },
  node: { type: 'string', multiple: true },
  datadog: { type: 'string' },
  quick: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const help = `\
usage: npm run bench -- [options]

Measures what hotspan costs, beside no profiler and V8's own, in one run.

  --scenario NAME  only this one; may be repeated
  --quick          fewer rounds and shorter programs: a minute and a half instead of an hour
  --node PATH      Node binary to measure; may be repeated (else HOTSPAN_TEST_NODES, else this one)
  --datadog DIR    also measure the @datadog/pprof installed in DIR
  --help           this text

scenarios:
${scenarios.map(({ name, title }) => `  ${name.padEnd(15)}  ${title}`).join('\n')}

Raw results go to bench/results/. Bars are information: the exit code is 0 unless a scenario fails to run.
`;

/** Runs the bench; returns the exit code: 1 when a scenario failed to run, 2 for a wrong command line. */
export async function main(args: readonly string[]): Promise<number> {
  let chosen: readonly Scenario[];
  let nodes: BenchContext['node'][];
  let values;
  try {
    ({ values } = parseArgs({ args: [...args], options }));
    chosen = choose(values.scenario);
    nodes = describeNodes(values.node);
  } catch (error) {
    process.stderr.write(`bench: ${messageOf(error)}; see npm run bench -- --help\n`);
    return 2;
  }
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (!existsSync(new URL('../dist/index.js', import.meta.url))) {
    process.stderr.write('bench: dist/ is missing: npm run build\n');
    return 1;
  }
  let failures = 0;
  for (const node of nodes) {
    const note = (line: string): void => void process.stdout.write(`  ${line}\n`);
    const context: BenchContext = { node, quick: values.quick, datadog: values.datadog, note };
    for (const scenario of chosen) if (!(await runScenario(scenario, context))) failures++;
  }
  return failures > 0 ? 1 : 0;
}

async function runScenario(scenario: Scenario, context: BenchContext): Promise<boolean> {
  process.stdout.write(`\n${scenario.name}, Node ${context.node.version}: ${scenario.title}\n`);
  try {
    const rows = await scenario.run(context);
    process.stdout.write(renderTable(rows));
    process.stdout.write(`  ${saveResults(scenario.name, context, rows)}\n`);
    return true;
  } catch (error) {
    process.stderr.write(`bench: ${scenario.name} failed on Node ${context.node.version}: ${messageOf(error)}\n`);
    return false;
  }
}

function choose(names: readonly string[] | undefined): readonly Scenario[] {
  if (names === undefined) return scenarios;
  return names.map((name) => {
    const scenario = scenarios.find((candidate) => candidate.name === name);
    if (scenario === undefined) {
      throw new Error(`no scenario '${name}', there are: ${scenarios.map((candidate) => candidate.name).join(', ')}`);
    }
    return scenario;
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
