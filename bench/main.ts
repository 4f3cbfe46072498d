import { existsSync } from 'node:fs';

import { parseCommand, type Command } from './command.ts';
import { compareReports, describeComparison } from './report/compare-reports.ts';
import { circumstances, readReport, saveReport, type Report } from './report/report.ts';
import { renderReport } from './report/render-report.ts';
import { writeDocument } from './report/write-document.ts';
import { runScenarios } from './support/run-scenarios.ts';
import { scenarios } from './scenarios/all.ts';

/** Runs the bench; returns the exit code: 1 when a scenario failed to run or two reports differ, 2 for a wrong command line. */
export async function main(args: readonly string[]): Promise<number> {
  let command: Command;
  try {
    command = parseCommand(args, scenarios);
  } catch (error) {
    process.stderr.write(`bench: ${messageOf(error)}; see npm run bench -- --help\n`);
    return 2;
  }
  switch (command.kind) {
    case 'help':
      process.stdout.write(command.text);
      return 0;
    case 'compare':
      return compare(command);
    case 'render':
      return render(command);
    case 'run':
      return run(command);
  }
}

function compare({ files }: Extract<Command, { kind: 'compare' }>): number {
  try {
    const comparison = compareReports(readReport(files[0]), readReport(files[1]));
    process.stdout.write(describeComparison(comparison));
    return comparison.holds ? 0 : 1;
  } catch (error) {
    process.stderr.write(`bench: ${messageOf(error)}\n`);
    return 2;
  }
}

function render({ files: [file, again] }: Extract<Command, { kind: 'render' }>): number {
  try {
    const document = renderReport(readReport(file), scenarios, again === undefined ? undefined : readReport(again));
    process.stdout.write(`${writeDocument(document, 'docs')}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`bench: ${messageOf(error)}\n`);
    return 2;
  }
}

async function run({ chosen, nodes, quick, rounds, seed, report: publishes }: Extract<Command, { kind: 'run' }>): Promise<number> {
  if (!existsSync(new URL('../dist/index.js', import.meta.url))) {
    process.stderr.write('bench: dist/ is missing: npm run build\n');
    return 1;
  }
  let failures = 0;
  for (const node of nodes) {
    process.stdout.write(`Node ${node.version}, ${rounds} rounds, seed ${seed} (--seed ${seed} runs in the same order)\n`);
    const about = circumstances(node, { seed, rounds, quick });
    const results = await runScenarios(chosen, { node, quick, rounds, seed });
    const report: Report = { ...about, scenarios: results };
    failures += results.filter(({ failure }) => failure !== undefined).length;
    process.stdout.write(`\nraw results: ${saveReport(report)}\n`);
    // A quick run renders all the same: what it would say means nothing, that it can be written does.
    const document = renderReport(report, scenarios);
    if (quick) process.stdout.write(`a trial of the report: ${writeDocument(document, 'bench/results/quick')}\n`);
    else if (publishes) process.stdout.write(`${writeDocument(document, 'docs')}\n`);
  }
  return failures > 0 ? 1 : 0;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
