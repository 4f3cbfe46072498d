/**
 * The engine that the profiled programs run on: what HOTSPAN_ENGINE says, which support/run-program.ts hands on to
 * them. Suites and tests say what they need of it, once; what it lacks is in the title of those that are skipped.
 */
const inspectorLacks = {
  labels: 'labels of spans and of the app',
  threads: 'threads other than the main one',
  'native frames': 'native frames',
  'own cost': 'figures of its own cost, stats() within a period',
  'exact cpu': 'CPU time of each sample',
  'idle rest': 'leaving an idle process alone, starting at once',
  'call lines': 'lines of callers and within one-line functions',
  inlining: 'functions that V8 inlined',
  'class names': 'class names of methods, JavaScript names of builtins',
  'deep stacks': 'stacks deeper than 255 frames',
  'heap counts': 'what was allocated, numbers of objects, lines of allocations',
  'heap limit': 'the heap profile of a process that runs out of memory',
  signals: 'the last profile of a process that a signal ends',
  native: 'being the native engine',
} as const;

export type Feature = keyof typeof inspectorLacks;

export const isInspector = process.env['HOTSPAN_ENGINE'] === 'inspector';

export function describeNeeding(features: readonly Feature[], title: string, body: (this: Mocha.Suite) => void): void {
  if (isInspector) describe.skip(titleOf(title, features), body);
  else describe(title, body);
}

export function itNeeding(features: readonly Feature[], title: string, body: Mocha.Func | Mocha.AsyncFunc): void {
  if (isInspector) it.skip(titleOf(title, features), body);
  else it(title, body);
}

function titleOf(title: string, features: readonly Feature[]): string {
  return `${title} [the inspector engine lacks: ${features.map((feature) => inspectorLacks[feature]).join('; ')}]`;
}
