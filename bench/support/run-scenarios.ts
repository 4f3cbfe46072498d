import type { NodeBinary } from '../../test/support/node-versions.ts';
import type { ScenarioResult } from '../report/report.ts';
import { seededRandom } from './random.ts';
import { renderTable } from './render-table.ts';
import type { Scenario } from './scenario.ts';

export interface RunSettings {
  readonly node: NodeBinary;
  readonly quick: boolean;
  readonly rounds: number;
  readonly seed: number;
}

/** Runs scenarios one after the other, and tells of each when it has ended. Quick ones, whose times mean nothing, three at once. */
export async function runScenarios(scenarios: readonly Scenario[], settings: RunSettings): Promise<ScenarioResult[]> {
  const results = new Map<Scenario, ScenarioResult>();
  const waiting = [...scenarios];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const result = await runScenario(next, settings);
      results.set(next, result);
      tell(next, result);
    }
  };
  await Promise.all(Array.from({ length: settings.quick ? 3 : 1 }, lane));
  return scenarios.flatMap((scenario) => results.get(scenario) ?? []);
}

async function runScenario(scenario: Scenario, { node, quick, rounds, seed }: RunSettings): Promise<ScenarioResult> {
  const notes: string[] = [];
  const began = performance.now();
  const progress = createProgress(scenario.name);
  // Of its own, so that a scenario alone runs in the same order as among others.
  const random = seededRandom(seed + scenario.name.length);
  const result = { name: scenario.name, notes };
  const secondsSoFar = (): number => Math.round((performance.now() - began) / 100) / 10;
  try {
    const rows = await scenario.run({ node, quick, rounds, random, note: (line) => void notes.push(line), progress: progress.tell });
    return { ...result, rows, seconds: secondsSoFar() };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return { ...result, rows: [], seconds: secondsSoFar(), failure };
  } finally {
    progress.end();
  }
}

function tell({ name, title }: Scenario, { rows, notes, failure, seconds }: ScenarioResult): void {
  process.stdout.write(`\n${name} (${seconds.toFixed(0)} s): ${title}\n`);
  if (failure !== undefined) process.stderr.write(`bench: ${name} failed: ${failure}\n`);
  if (rows.length > 0) process.stdout.write(renderTable(rows));
  for (const note of notes) process.stdout.write(`  ${note}\n`);
}

/** How far a scenario is: in place on a terminal, else a line every half minute. */
function createProgress(name: string): { tell: (done: number, all: number) => void; end: () => void } {
  const terminal = process.stderr.isTTY;
  let last = performance.now();
  return {
    tell(done, all) {
      if (terminal) process.stderr.write(`\r  ${name}: ${done} of ${all} runs `);
      else if (performance.now() - last > 30_000) {
        last = performance.now();
        process.stderr.write(`  ${name}: ${done} of ${all} runs\n`);
      }
    },
    end() {
      if (terminal) process.stderr.write('\r\x1b[K');
    },
  };
}
