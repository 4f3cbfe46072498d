import { loadAddon } from './addon.ts';
import { createNativeEngine } from './native-engine.ts';
import { labelPath, type LabelPath } from './label-path.ts';
import { selfTest } from './self-test.ts';

export interface EngineCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Which engine would run in a process like this one, and why. */
export interface EngineReport {
  readonly engine: 'native' | 'inspector' | 'none';
  readonly reason: string;
  readonly node: string;
  readonly v8: string;
  readonly platform: string;
  readonly arch: string;
  readonly libc: string;
  readonly checks: readonly EngineCheck[];
  /** How span labels find the context of a sample. */
  readonly labels: LabelPath | 'none';
  /** What does not work here, one line each. */
  readonly limits: readonly string[];
}

/** Runs the checks in this process; takes about a fifth of a second. */
export async function describeEngine(): Promise<EngineReport> {
  const checks: EngineCheck[] = [];
  const run = (name: string, check: () => string): boolean => {
    try {
      checks.push({ name, ok: true, detail: check() });
      return true;
    } catch (error) {
      checks.push({ name, ok: false, detail: error instanceof Error ? error.message : String(error) });
      return false;
    }
  };
  const works =
    run('addon', checkAddon) && run('V8 layout', () => checkLayout()) && run('frame walk', checkFrameWalk);
  const failed = checks.find(({ ok }) => !ok);
  const labels = works ? labelPath(createNativeEngine().labels) : 'none';
  return {
    engine: works ? 'native' : 'none',
    reason: works ? 'own stack walk, every check passed' : `${failed?.name}: ${failed?.detail}`,
    node: process.version,
    v8: process.versions.v8,
    platform: process.platform,
    arch: process.arch,
    libc: describeLibc(),
    checks,
    labels,
    limits: [
      ...(labels === 'async-hooks' ? ['span labels use async hooks here: a few ns at each change of context, and 2% of samples may lack them'] : []),
      'there is no other engine in this version: where the native one does not run, the app runs without profiles',
    ],
  };
}

function checkAddon(): string {
  const load = loadAddon();
  if ('reason' in load) throw new Error(load.reason);
  return `loaded for ABI ${process.versions.modules}`;
}

function checkLayout(): string {
  createNativeEngine();
  return `V8 ${process.versions.v8} is known`;
}

function checkFrameWalk(): string {
  const { ok, detail } = selfTest(createNativeEngine());
  if (!ok) throw new Error(detail);
  return detail;
}

function describeLibc(): string {
  if (process.platform !== 'linux') return 'none';
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime === undefined ? 'musl or unknown' : `glibc ${header.glibcVersionRuntime}`;
}
