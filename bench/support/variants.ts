import { createRequire } from 'node:module';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { NodeBinary } from '../../test/support/node-versions.ts';

/** What a scenario may ask of a profiler. */
export type Ability = 'start' | 'rotation' | 'labels' | 'heap' | 'upload' | 'workers';

export interface Variant {
  /** Name of the file in bench/programs/profilers. */
  readonly id: string;
  /** As its users call it. */
  readonly title: string;
  /** The npm package, for its version. */
  readonly packageName?: string;
  /** Flags of Node without which it does not run. */
  readonly flags?: (rateHz: number, directory: string) => readonly string[];
  /** What it cannot do, and why: shown in place of a figure. */
  readonly lacks: Readonly<Partial<Record<Ability, string>>>;
}

const atProcessStart = 'runs from the start of the process to its end: nothing to start or to rotate';
const oneThread = 'profiles the thread that loads it; every worker would have to load its own';
const noLabels = 'has no labels';

/** Everything that is compared, hotspan and its peers; the baseline first. */
export const variants: readonly Variant[] = [
  { id: 'none', title: 'none', lacks: {} },
  { id: 'hotspan', title: 'hotspan', lacks: {} },
  { id: 'datadog', title: '@datadog/pprof', packageName: '@datadog/pprof', lacks: { workers: oneThread } },
  {
    id: 'pyroscope',
    title: '@pyroscope/nodejs',
    packageName: '@pyroscope/nodejs',
    lacks: { workers: oneThread, labels: 'has one set of labels for the process: they do not follow asynchronous work' },
  },
  { id: 'inspector', title: 'node:inspector', lacks: { workers: oneThread, labels: noLabels } },
  {
    id: 'cpu-prof',
    title: '--cpu-prof',
    flags: (rateHz, directory) => ['--cpu-prof', `--cpu-prof-interval=${Math.round(1e6 / rateHz)}`, `--cpu-prof-dir=${directory}`],
    lacks: {
      start: atProcessStart,
      rotation: atProcessStart,
      upload: 'writes one file when the process ends',
      labels: noLabels,
      heap: 'samples no allocations',
      workers: 'writes a file for each worker; not measured here',
    },
  },
];

export const baseline = 'none';
export const ours = 'hotspan';
export const peers: readonly string[] = variants.map(({ id }) => id).filter((id) => id !== baseline && id !== ours);

export function variantOf(id: string): Variant {
  const variant = variants.find((candidate) => candidate.id === id);
  if (variant === undefined) throw new Error(`no variant '${id}', there are: ${variants.map((one) => one.id).join(', ')}`);
  return variant;
}

/** Versions of everything that was measured, by title: of packages their own, of what V8 brings V8's. */
export function versionsOf(node: NodeBinary, hotspanVersion: string): Record<string, string> {
  return Object.fromEntries(
    variants.slice(1).map(({ id, title, packageName }) => [
      title,
      packageName === undefined ? (id === ours ? hotspanVersion : `of Node ${node.version}`) : packageVersion(packageName),
    ]),
  );
}

export function packageVersion(name: string): string {
  const require = createRequire(import.meta.url);
  for (let directory = dirname(require.resolve(name)); ; directory = dirname(directory)) {
    const file = join(directory, 'package.json');
    const found = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string }) : {};
    if (found.name === name) return found.version ?? 'unknown';
    if (directory === dirname(directory)) return 'unknown';
  }
}
