import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { NodeBinary } from '../../test/support/node-versions.ts';
import type { Row } from '../support/scenario.ts';
import { packageVersion, versionsOf } from '../support/variants.ts';

export interface ScenarioResult {
  readonly name: string;
  readonly seconds: number;
  readonly rows: readonly Row[];
  /** What the table cannot tell. */
  readonly notes: readonly string[];
  /** Why there are no rows. */
  readonly failure?: string;
}

/** Everything that was measured in one run on one Node, with what is needed to judge it later. */
export interface Report {
  /** Of this form; a reader refuses others. */
  readonly form: 1;
  readonly takenAt: string;
  readonly node: string;
  readonly commit: string;
  readonly machine: { readonly cpus: number; readonly model: string; readonly memoryGiB: number; readonly kernel: string };
  /** By title of the variant. */
  readonly versions: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly rounds: number;
  readonly quick: boolean;
  readonly scenarios: readonly ScenarioResult[];
}

export type Circumstances = Omit<Report, 'scenarios'>;

const root = new URL('../../', import.meta.url);

export function circumstances(node: NodeBinary, settings: { seed: number; rounds: number; quick: boolean }): Circumstances {
  const [cpu] = cpus();
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };
  const machine = { cpus: cpus().length, model: cpu?.model.trim() ?? 'unknown', memoryGiB: Math.round(totalmem() / 2 ** 30), kernel: release() };
  const programs = Object.fromEntries(['typescript', 'fastify', '@opentelemetry/sdk-trace-node'].map((name) => [name, packageVersion(name)]));
  return {
    form: 1,
    takenAt: new Date().toISOString(),
    node: node.version,
    commit: commitOf(),
    machine,
    versions: { ...versionsOf(node, version), ...programs },
    ...settings,
  };
}

/** The commit whose sources are measured; says so when they differ from it. Results and this document are no sources. */
function commitOf(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: fileURLToPath(root), encoding: 'utf8' }).trim();
  try {
    const changed = git('status', '--porcelain', '--', 'src', 'native', 'bench', 'package-lock.json');
    return git('rev-parse', '--short=12', 'HEAD') + (changed === '' ? '' : ' with changes');
  } catch {
    return 'unknown';
  }
}

/** Writes every single value, not the summary. Returns the path from the working directory. */
export function saveReport(report: Report): string {
  const directory = fileURLToPath(new URL('../results/', import.meta.url));
  const names = report.scenarios.length === 1 ? (report.scenarios[0]?.name ?? '') : 'report';
  const path = `${directory}${names}-${report.node}-${report.takenAt.replaceAll(':', '').slice(0, 17)}.json`;
  mkdirSync(directory, { recursive: true });
  writeFileSync(path, `${JSON.stringify(report, null, 1)}\n`);
  return relative(process.cwd(), path);
}

/** Throws one clear line when the file is not a report. */
export function readReport(path: string): Report {
  let report: Partial<Report>;
  try {
    report = JSON.parse(readFileSync(path, 'utf8')) as Partial<Report>;
  } catch (error) {
    throw new Error(`${path} cannot be read as a report: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  if (report.form !== 1 || !Array.isArray(report.scenarios)) throw new Error(`${path} is not a report of this bench`);
  return { ...(report as Report), scenarios: (report as Report).scenarios.map(withGaps) };
}

/** JSON has no NaN: a round that failed was written as null. */
function withGaps(scenario: ScenarioResult): ScenarioResult {
  const rows = scenario.rows.map((row) => ({ ...row, values: row.values.map((value) => (value as number | null) ?? NaN) }));
  return { ...scenario, rows };
}
