import type { Report, ScenarioResult } from '../../../../bench/report/report.ts';
import type { Row } from '../../../../bench/support/scenario.ts';

/** A row of three or more rounds; give what matters. */
export function makeRow(row: Partial<Row> & Pick<Row, 'variant' | 'values'>): Row {
  return { measure: 'the call', unit: 'ms', ...row };
}

/** A report of one scenario. */
export function makeReport(rows: readonly Row[], scenario: Partial<ScenarioResult> = {}): Report {
  return {
    form: 1,
    takenAt: '2026-11-22T20:00:00.000Z',
    node: 'v24.0.0',
    commit: 'abc',
    machine: { cpus: 2, model: 'some processor', memoryGiB: 8, kernel: '6.1' },
    versions: { hotspan: '0.1.0', '--cpu-prof': 'of Node v24.0.0' },
    seed: 1,
    rounds: 5,
    quick: false,
    scenarios: [{ name: 'stall', seconds: 60, notes: [], rows, ...scenario }],
  };
}
