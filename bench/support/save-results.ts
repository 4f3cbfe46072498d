import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { BenchContext, Row } from './scenario.ts';

/** Writes every value, not the summary, with what is needed to compare it later. Returns the path. */
export function saveResults(scenario: string, { node, quick }: BenchContext, rows: readonly Row[]): string {
  const directory = fileURLToPath(new URL('../results/', import.meta.url));
  const takenAt = new Date().toISOString();
  const path = `${directory}${scenario}-${node.version}-${takenAt.replaceAll(':', '').slice(0, 17)}.json`;
  const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? '', kernel: release() };
  mkdirSync(directory, { recursive: true });
  writeFileSync(path, `${JSON.stringify({ scenario, node: node.version, takenAt, quick, machine, rows }, null, 2)}\n`);
  return relative(process.cwd(), path);
}
