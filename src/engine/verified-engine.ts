import type { MappedLocation, UnmappedScript } from '../profile/source-maps/positions.ts';
import type { NativeOutOfMemoryWatch, NativeStats } from './addon.ts';
import type { Encodable, Engine, EngineName, EngineOptions, EngineSession, HeapSession, Snapshot } from './engine.ts';
import { EngineError } from './engine-error.ts';
import type { LabelEngine } from './label-engine.ts';
import type { SelfSampling } from './native-engine.ts';
import { NativeSelfTest } from './native-self-test.ts';
import { repeat } from './repeat.ts';
import { endPatienceMs, waitUntilReady } from './wait-until-ready.ts';

export interface VerifiedEngineParts {
  readonly native: SelfSampling;
  /** What takes over when the native engine fails its self-test or cannot start. @throws EngineError */
  readonly fallBack: (reason: string) => Engine;
  /** What does when that is impossible, too; tells the user. Must not throw. */
  readonly giveUp: (reason: string) => Engine;
}

/** Between two steps of the self-test: the app has the thread meanwhile. */
const pauseMs = 5;
/** A profile that is wanted before the self-test is over may wait for it this share of the time since the start. */
const patienceShare = 0.01;
const mostPatienceMs = 20;
/** The same for the builtins' symbols, which the file of the binary holds; a session that ends has more. */
const readingPatienceMs = 100;

/**
 * The native engine while it is exact, another one from the moment it is not. The self-test runs beside the app, in
 * steps between its turns, as its first tiers need what is still being read at the start, and its last one thousands
 * of calls. No profile leaves before it: what the native engine sampled until it failed is dropped.
 */
export class VerifiedEngine implements Engine {
  readonly #parts: VerifiedEngineParts;
  readonly #sessions = new Set<SwitchableSession>();
  readonly #heapSessions = new Set<SwitchableHeapSession>();
  #current: Engine;
  #options: EngineOptions | undefined;
  #test: NativeSelfTest | undefined;
  #endSteps: (() => void) | undefined;
  #startedMs = 0;
  #isVerified = false;

  constructor(parts: VerifiedEngineParts) {
    this.#parts = parts;
    this.#current = parts.native;
  }

  get name(): EngineName {
    return this.#current.name;
  }

  get labels(): LabelEngine | undefined {
    return this.#current.labels;
  }

  start(options: EngineOptions): void {
    this.#options = options;
    try {
      this.#current.start(options);
    } catch (error) {
      if (this.#current !== this.#parts.native || !(error instanceof EngineError)) throw error;
      // Sessions are opened on the engine that is left.
      this.#endTest();
      this.#current = this.#parts.fallBack(error.message);
      this.#current.start(options);
      return;
    }
    if (this.#isVerified || this.#endSteps !== undefined) return;
    this.#startedMs = performance.now();
    this.#test ??= new NativeSelfTest(() => this.#parts.native.sampleSelf());
    this.#endSteps = repeat(pauseMs, () => this.#step());
  }

  stop(): void {
    this.#endSteps?.();
    this.#endSteps = undefined;
    this.#current.stop();
  }

  watchSignals(signals: readonly number[], finish: () => void, survived: () => void): void {
    this.#current.watchSignals(signals, finish, survived);
  }

  openSession(): EngineSession {
    return new SwitchableSession(this.#current.openSession(), this.#sessions, {
      verify: (patienceMs) => this.#verify(patienceMs),
      taken: () => this.#leaveWithoutSignal(),
    });
  }

  handOver(): Promise<void> {
    return this.#current.handOver();
  }

  openHeapSession(intervalBytes: number): HeapSession {
    const session = this.#current.openHeapSession(intervalBytes);
    return new SwitchableHeapSession(session, intervalBytes, this.#heapSessions, () => this.#verify());
  }

  watchOutOfMemory(watch: NativeOutOfMemoryWatch): void {
    this.#current.watchOutOfMemory(watch);
  }

  takeUnmapped(): readonly UnmappedScript[] {
    return this.#current.takeUnmapped();
  }

  setMapped(locations: readonly MappedLocation[]): void {
    this.#current.setMapped(locations);
  }

  stats(): NativeStats | undefined {
    return this.#current.stats();
  }

  #step(): void {
    // Until the builtins are read no sample of any tier is resolved.
    if (this.#test === undefined || this.#parts.native.stats()?.ready !== true) return;
    this.#test.step();
    if (this.#test.state === 'running') return;
    const { state, detail } = this.#test;
    this.#endTest();
    if (state === 'failed') this.#fallBack(`its self-test failed: ${detail}`);
  }

  /** Before a profile is taken: the test comes to its end, or as far as is worth the time. */
  #verify(patienceMs = readingPatienceMs): void {
    if (this.#isVerified) return;
    waitUntilReady(this.#parts.native, patienceMs);
    const now = performance.now();
    const end = now + Math.min(mostPatienceMs, (now - this.#startedMs) * patienceShare);
    do this.#step();
    while (!this.#isVerified && performance.now() < end);
    this.#endTest();
  }

  /** After a profile was taken, so that it is not lost. */
  #leaveWithoutSignal(): void {
    if (this.#current !== this.#parts.native || !this.#parts.native.signalLost()) return;
    this.#fallBack('other code in this process keeps taking the sampling signal');
  }

  #endTest(): void {
    this.#isVerified = true;
    this.#test = undefined;
    this.#endSteps?.();
    this.#endSteps = undefined;
  }

  #fallBack(reason: string): void {
    this.#endTest();
    const { native, fallBack, giveUp } = this.#parts;
    try {
      for (const session of [...this.#sessions, ...this.#heapSessions]) session.drop();
      native.stop();
      this.#current = fallBack(reason);
      this.#goOn();
    } catch (error) {
      // A timer of ours called this: whatever it is must not reach the app.
      this.#current = giveUp(error instanceof Error ? error.message : String(error));
      this.#goOn();
    }
  }

  #goOn(): void {
    if (this.#options !== undefined) this.#current.start(this.#options);
    for (const session of this.#sessions) session.goOnWith(this.#current.openSession());
    for (const session of this.#heapSessions) session.goOnWith(this.#current.openHeapSession(session.intervalBytes));
  }
}

interface SessionHooks {
  /** Before anything is taken of it. */
  readonly verify: (patienceMs?: number) => void;
  /** When it goes on after a profile was taken. */
  readonly taken: () => void;
}

/** A session that may go on with another engine's. */
class SwitchableSession implements EngineSession {
  readonly #open: Set<SwitchableSession>;
  readonly #hooks: SessionHooks;
  #session: EngineSession;

  constructor(session: EngineSession, open: Set<SwitchableSession>, hooks: SessionHooks) {
    this.#session = session;
    this.#open = open;
    this.#hooks = hooks;
    open.add(this);
  }

  take(how?: { readonly toNow: boolean }): Snapshot {
    this.#hooks.verify();
    const snapshot = this.#session.take(how);
    this.#hooks.taken();
    return snapshot;
  }

  close(): Promise<Snapshot> {
    this.#end();
    return this.#session.close();
  }

  closeSync(): Snapshot {
    this.#end(endPatienceMs);
    return this.#session.closeSync();
  }

  drop(): void {
    this.#session.closeSync();
  }

  goOnWith(session: EngineSession): void {
    this.#session = session;
  }

  #end(patienceMs?: number): void {
    this.#hooks.verify(patienceMs);
    this.#open.delete(this);
  }
}

class SwitchableHeapSession implements HeapSession {
  readonly intervalBytes: number;
  readonly #open: Set<SwitchableHeapSession>;
  readonly #verify: () => void;
  #session: HeapSession;

  constructor(session: HeapSession, intervalBytes: number, open: Set<SwitchableHeapSession>, verify: () => void) {
    this.#session = session;
    this.intervalBytes = intervalBytes;
    this.#open = open;
    this.#verify = verify;
    open.add(this);
  }

  take(): Encodable {
    this.#verify();
    return this.#session.take();
  }

  close(): Encodable {
    this.#verify();
    this.#open.delete(this);
    return this.#session.close();
  }

  drop(): void {
    this.#session.close();
  }

  goOnWith(session: HeapSession): void {
    this.#session = session;
  }
}
