import { loadAddon } from './addon.ts';
import type { EngineChoice } from './create-engine.ts';
import { borrowConnection, giveBackConnection } from './inspector/inspector-connection.ts';
import { createNativeEngine } from './native-engine.ts';
import { NativeSelfTest } from './native-self-test.ts';
import { waitUntilReady } from './wait-until-ready.ts';
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

const forcedNative = 'HOTSPAN_ENGINE=native: where that engine cannot run, the app runs without profiles';
const inspectorLimits = [
  'the main thread only: no workers, no threads of native code, no CPU time that nobody was seen using',
  'no span labels, no native frames; lines of the innermost function only; functions that V8 inlined count to their callers',
  'cpu is the thread\'s CPU time shared out by wall time; heap profiles have inuse_space alone',
  'V8\'s profiler wakes an idle process, and stops the event loop when a profile begins: 20 ms and more, by the size of the app',
  'a signal that the app does not handle ends it without the last profile',
];

/**
 * Runs the checks in this process; takes about a fifth of a second.
 * @param choice what HOTSPAN_ENGINE asks for
 */
export async function describeEngine(choice: EngineChoice = 'auto'): Promise<EngineReport> {
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
  const isNative =
    choice !== 'inspector' &&
    run('addon', checkAddon) && run('V8 layout', checkLayout) && run('self-test', checkSelfTest) && run('frame walk', checkFrameWalk);
  const missing = checks.find(({ ok }) => !ok);
  const isInspector = !isNative && choice !== 'native' && run('inspector', checkInspector);
  const engine = isNative ? 'native' : isInspector ? 'inspector' : 'none';
  const why = missing === undefined ? '' : `${missing.name}: ${missing.detail}`;
  const labels = isNative ? labelPath(createNativeEngine().labels) : 'none';
  return {
    engine,
    reason: { native: 'own stack walk, every check passed', inspector: why || 'HOTSPAN_ENGINE asks for it', none: why || `inspector: ${checks.at(-1)?.detail}` }[engine],
    node: process.version,
    v8: process.versions.v8,
    platform: process.platform,
    arch: process.arch,
    libc: describeLibc(),
    checks,
    labels,
    limits: [
      ...(labels === 'async-hooks' ? ['span labels use async hooks here: a few ns at each change of context, and 2% of samples may lack them'] : []),
      ...(engine === 'inspector' ? inspectorLimits : []),
      ...(choice === 'native' ? [forcedNative] : []),
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

/** What the engine itself looks at when it starts. */
function checkSelfTest(): string {
  const engine = createNativeEngine();
  const test = new NativeSelfTest(() => engine.sampleSelf());
  engine.start({ rateHz: 99, nativeFrames: 'none' });
  try {
    waitUntilReady(engine, 3000);
    while (test.state === 'running') {
      test.step();
      // The compiler works on threads of its own.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  } finally {
    engine.stop();
  }
  if (test.state === 'failed') throw new Error(test.detail);
  return test.detail;
}

function checkInspector(): string {
  giveBackConnection(borrowConnection());
  return "V8's own profilers can be used";
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
