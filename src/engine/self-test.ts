import { Script } from 'node:vm';

import type { Engine } from './engine.ts';
import { countSelfTest } from './self-test-profile.ts';
import { waitUntilReady } from './wait-until-ready.ts';

export interface SelfTestResult {
  readonly ok: boolean;
  readonly detail: string;
}

/**
 * Compiled from text, so that its lines are known whatever built this file. In a function: at the top of a script these
 * would be global names of the app.
 */
const source = `\
(() => { 'use strict'; function selfTestCallee(state) {
  for (let i = 0; i < 20000; i++) state.x = (state.x * 31 + i) | 0;
}
function selfTestCaller(isDone) {
  const state = { x: 1 };
  do selfTestCallee(state); while (!isDone());
  return state.x;
}
return selfTestCaller; })()`;
const calleeLine = 2;
const callerLine = 6;

const enoughSamples = 100;
/** On a busy machine the sampler thread may not run for a while. */
const patienceMs = 3000;

/**
 * Samples a known call tree in this process and looks whether it comes back: caller, callee and the lines that burn.
 * Blocks for about a tenth of a second. REQUIRES: the engine is not started.
 */
export function selfTest(engine: Engine): SelfTestResult {
  const caller = new Script(source, { filename: 'hotspan:doctor' }).runInThisContext() as (isDone: () => boolean) => number;
  engine.start({ rateHz: 2000, nativeFrames: 'none' });
  waitUntilReady(engine, patienceMs);
  const session = engine.openSession();
  const before = engine.stats()?.samples ?? 0;
  const end = performance.now() + patienceMs;
  let snapshot;
  try {
    caller(() => performance.now() > end || (engine.stats()?.samples ?? 0) - before >= enoughSamples);
  } finally {
    snapshot = session.closeSync();
    engine.stop();
  }
  const bytes = snapshot.encodeSync({ startMs: Date.now(), durationMs: 0, comments: [] });
  const { callee, withCaller, onLines } = countSelfTest(bytes, { calleeLine, callerLine });
  return {
    ok: callee >= enoughSamples / 2 && withCaller >= 0.95 * callee && onLines >= 0.9 * callee,
    detail: `${callee} samples in a known function, ${withCaller} with its caller, ${onLines} with the right lines`,
  };
}
