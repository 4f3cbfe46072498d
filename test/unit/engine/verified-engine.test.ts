import assert from 'node:assert/strict';
import { createEngine, type OtherEngines } from '../../../src/engine/create-engine.ts';
import { EngineError } from '../../../src/engine/engine-error.ts';
import type { Engine, EngineSession, HeapSession, Snapshot } from '../../../src/engine/engine.ts';
import type { SelfSampling } from '../../../src/engine/native-engine.ts';

type OwnSample = ReturnType<SelfSampling['sampleSelf']>;

const right: OwnSample = { frames: [{ name: 'sample', line: 1 }, { name: 'selfTestInner', line: 4 }, { name: 'selfTestOuter', line: 8 }], inlined: 1, tableFull: false };
const wrong: OwnSample = { frames: [{ name: 'selfTestInner', line: 4 }, { name: 'selfTestOuter', line: 7 }], inlined: 1, tableFull: false };
const options = { rateHz: 99, nativeFrames: 'leaf' } as const;

interface Fakes {
  engine: Engine;
  calls: string[];
  warnings: string[];
}

function fake(name: 'native' | 'inspector', calls: string[], sampleSelf: () => OwnSample): SelfSampling {
  const snapshot = { counters: { samples: name === 'native' ? 1 : 2 } } as unknown as Snapshot;
  const say = (what: string) => () => void calls.push(`${name} ${what}`);
  const take = (): Snapshot => {
    calls.push(`${name} take`);
    return snapshot;
  };
  const session = { take, close: () => Promise.resolve(take()), closeSync: take };
  return {
    name,
    labels: {},
    start: say('start'),
    stop: say('stop'),
    openSession: () => session,
    openHeapSession: (): HeapSession => ({ take, close: take }),
    sampleSelf,
    signalLost: () => false,
    stats: () => ({ ready: true }),
  } as unknown as SelfSampling;
}

function make(sampleSelf: () => OwnSample, choice: 'auto' | 'native' = 'auto', others: Partial<OtherEngines> = {}): Fakes {
  const calls: string[] = [];
  const warnings: string[] = [];
  const engine = createEngine(
    choice,
    {
      native: () => fake('native', calls, sampleSelf),
      inspector: () => fake('inspector', calls, () => undefined),
      idle: (reason) => ({ ...fake('inspector', calls, () => undefined), idle: reason }) as unknown as Engine,
      ...others,
    },
    (line) => warnings.push(line),
  );
  return { engine, calls, warnings };
}

const refuse = (reason: string) => (): never => {
  throw new EngineError(reason);
};

describe('the choice of an engine', () => {
  it('keeps the native engine when every sample of itself is right', () => {
    const { engine, warnings } = make(() => right);
    engine.start(options);
    assert.equal(engine.openSession().closeSync().counters.samples, 1);
    assert.equal(engine.name, 'native');
    assert.deepEqual(warnings, []);
    engine.stop();
  });

  it('drops what it sampled and goes on with the inspector in all open sessions when one is wrong', () => {
    const { engine, calls, warnings } = make(() => wrong);
    engine.start(options);
    const [first, second] = [engine.openSession(), engine.openSession()];
    assert.equal(first.take().counters.samples, 2);
    assert.equal(second.closeSync().counters.samples, 2);
    assert.equal(engine.name, 'inspector');
    assert.deepEqual(calls.slice(0, 5), ['native start', 'native take', 'native take', 'native stop', 'inspector start']);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /self-test failed: a known stack, selfTestInner:4 < selfTestOuter:8, was read as selfTestInner:4 < selfTestOuter:7: .*HOTSPAN_ENGINE=inspector/);
  });

  it('waits at the end of the process for what a slow disk still reads, and not that long before', () => {
    const isReadWhen = (end: (session: EngineSession) => void): boolean => {
      const readyMs = performance.now() + 300;
      const native = { ...fake('native', [], () => right), stats: () => ({ ready: performance.now() >= readyMs }) } as unknown as SelfSampling;
      const { engine } = make(() => right, 'auto', { native: () => native });
      engine.start(options);
      end(engine.openSession());
      engine.stop();
      return performance.now() >= readyMs;
    };
    assert.equal(isReadWhen((session) => void session.closeSync()), true);
    assert.equal(isReadWhen((session) => void session.take()), false);
  });

  it('goes on beside the app, before anybody takes a profile', async () => {
    const { engine } = make(() => wrong);
    engine.start(options);
    for (let i = 0; i < 1000 && engine.name === 'native'; i++) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(engine.name, 'inspector');
  });

  it('takes samples that never come for a failure', async () => {
    const { engine, warnings } = make(() => undefined);
    engine.start(options);
    for (let i = 0; i < 1000 && engine.name === 'native'; i++) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.match(warnings.join('\n'), /^its self-test failed: the sampling signal does not come: /);
  });

  it('keeps what it sampled, then goes on with the inspector when the sampling signal is lost', () => {
    let lost = false;
    const calls: string[] = [];
    const native = { ...fake('native', calls, () => right), signalLost: () => lost };
    const { engine, warnings } = make(() => right, 'auto', { native: () => native });
    engine.start(options);
    const session = engine.openSession();
    assert.equal(session.take().counters.samples, 1);
    assert.equal(engine.name, 'native');
    lost = true;
    assert.equal(session.take().counters.samples, 1);
    assert.equal(engine.name, 'inspector');
    assert.equal(session.take().counters.samples, 2);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /^other code in this process keeps taking the sampling signal: profiling with V8's own profiler/);
  });

  it('gives up, and says so once, when the inspector is missing too', () => {
    for (const [choice, others] of [['auto', { inspector: refuse('no inspector') }], ['native', {}]] as const) {
      const { engine, warnings } = make(() => wrong, choice, others);
      engine.start(options);
      engine.openSession().closeSync();
      assert.match(warnings.join('\n'), /^no profiles from now on: its self-test failed: [^\n]+$/);
    }
  });

  it('falls back at once where the native engine cannot be made or started', () => {
    const made = make(() => right, 'auto', { native: refuse('no addon') });
    assert.equal(made.engine.name, 'inspector');
    assert.match(made.warnings.join('\n'), /^no addon: profiling with V8's own profiler/);
    const calls: string[] = [];
    const broken = { ...fake('native', calls, () => right), start: refuse('SIGURG and every real-time signal are taken') };
    const started = make(() => right, 'auto', { native: () => broken });
    started.engine.start(options);
    assert.equal(started.engine.name, 'inspector');
    assert.match(started.warnings.join('\n'), /^SIGURG and every real-time signal are taken: /);
  });

  it('is an error where the native engine is a must, or none can run', () => {
    assert.throws(() => make(() => right, 'native', { native: refuse('no addon') }), { code: 'HOTSPAN_ERR_ENGINE_UNAVAILABLE', message: 'no addon' });
    const none = { native: refuse('no addon'), inspector: refuse('no inspector') };
    assert.throws(() => make(() => right, 'auto', none), { message: 'no addon; and no inspector' });
  });
});
