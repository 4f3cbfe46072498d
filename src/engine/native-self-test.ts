import { Script } from 'node:vm';

import type { OwnSample } from './addon.ts';

/**
 * Compiled from text, so that its lines are known whatever built this file. In a function: at the top of a script these
 * would be global names of the app.
 */
const source = `\
(() => { 'use strict'; function selfTestInner(state, sample) {
  state.x = (state.x * 31 + 7) | 0;
  if (--state.n > 0) return false;
  return sample();
}
function selfTestOuter(state, sample) {
  state.y = (state.y + state.x) | 0;
  return selfTestInner(state, sample);
}
function selfTestDriver(state, sample, n) {
  state.n = n;
  while (!selfTestOuter(state, sample));
}
return selfTestDriver; })()`;
const expected = [
  { name: 'selfTestInner', line: 4 },
  { name: 'selfTestOuter', line: 8 },
] as const;

/** About 0.2 ms, interpreted. */
const callsAStep = 1000;
/** V8 optimizes the functions within 15 steps; with some flags it never does. */
const mostSteps = 40;
const mostMissingSamples = 5;

type Driver = (state: object, sample: () => boolean, calls: number) => void;

export type SelfTestState = 'running' | 'passed' | 'failed';

/**
 * Looks whether samples of a known call tree come back exactly: the two innermost functions and the lines at which
 * they stand, taken by the real signal and resolved without caches, in every tier from the interpreter to code with
 * both inlined. Optimized code takes some thousand calls, so that it goes by steps of a few tenths of a millisecond.
 */
export class NativeSelfTest {
  readonly #takeSample: () => OwnSample | undefined;
  readonly #state = { x: 1, y: 1, n: 0 };
  #driver: Driver | undefined;
  #last: OwnSample | undefined;
  #steps = 0;
  #missing = 0;
  #sawInlined = false;
  #failure: string | undefined;
  #tableFull = false;

  /** `takeSample`: from the addon; the engine is started and ready. */
  constructor(takeSample: () => OwnSample | undefined) {
    this.#takeSample = takeSample;
  }

  get state(): SelfTestState {
    if (this.#failure !== undefined) return 'failed';
    return this.#tableFull || this.#sawInlined || this.#steps >= mostSteps ? 'passed' : 'running';
  }

  /** What was seen, or what was wrong. */
  get detail(): string {
    if (this.#failure !== undefined) return this.#failure;
    if (this.#tableFull) return 'not looked at: the table of functions is full, known functions keep their names';
    const tiers = this.#sawInlined ? 'interpreted and inlined' : 'interpreted; V8 inlined none here';
    return `known functions found on their lines, ${tiers}`;
  }

  step(): void {
    if (this.state !== 'running') return;
    try {
      this.#driver ??= new Script(source, { filename: 'hotspan:self-test' }).runInThisContext() as Driver;
      const sample = (): boolean => {
        this.#last = this.#takeSample();
        return true;
      };
      // The first call is interpreted.
      this.#driver(this.#state, sample, this.#steps === 0 ? 1 : callsAStep);
      this.#steps++;
      this.#judge(this.#last);
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
    }
  }

  #judge(sample: OwnSample | undefined): void {
    if (sample === undefined) {
      if (++this.#missing >= mostMissingSamples) this.#failure = 'the sampling signal does not come';
      return;
    }
    // What was proven when there was room holds on; the known functions are new ones.
    if (sample.tableFull) {
      this.#tableFull = true;
      return;
    }
    const at = sample.frames.findIndex(({ name }) => name === expected[0].name);
    const found = at < 0 ? [] : sample.frames.slice(at, at + expected.length);
    const isExact = expected.every(({ name, line }, i) => found[i]?.name === name && found[i].line === line);
    if (!isExact || process.env['HOTSPAN_TEST_FAULT'] === 'self-test') {
      this.#failure = `a known stack, ${describe(expected)}, was read as ${describe(at < 0 ? sample.frames.slice(0, 3) : found)}`;
    }
    // Nothing else on this stack can be: what calls us runs for the first time.
    this.#sawInlined = sample.inlined > 0;
  }
}

function describe(frames: OwnSample['frames']): string {
  return frames.length === 0 ? 'nothing' : frames.map(({ name, line }) => `${name}:${line}`).join(' < ');
}
