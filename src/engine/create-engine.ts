import type { Engine } from './engine.ts';
import { EngineError } from './engine-error.ts';
import { createNativeEngine, type SelfSampling } from './native-engine.ts';
import { VerifiedEngine } from './verified-engine.ts';

/** `auto`: the native engine where it is exact, else V8's own profilers. `native`: the first or nothing. */
export type EngineChoice = 'auto' | 'native' | 'inspector';

/** What few processes need, made, and loaded, only then. */
export interface OtherEngines {
  /** @throws EngineError */
  readonly inspector: () => Engine;
  /** Samples nothing, for `reason`. */
  readonly idle: (reason: string) => Engine;
  /** @default createNativeEngine */
  readonly native?: () => SelfSampling;
}

/**
 * The engine that the option asks for.
 * @param warn gets one line when it is another than the native one, or none, without having been asked for
 * @throws EngineError when none can run in this process
 */
export function createEngine(choice: EngineChoice, others: OtherEngines, warn: (line: string) => void): Engine {
  if (choice === 'inspector') return others.inspector();
  const fallBack = (reason: string): Engine => {
    if (choice === 'native') throw new EngineError(reason);
    const engine = inspectorInstead(reason, others);
    warn(`${reason}: profiling with V8's own profiler, main thread only and without span labels; HOTSPAN_ENGINE=inspector accepts that, npx hotspan doctor tells more`);
    return engine;
  };
  const giveUp = (reason: string): Engine => {
    warn(`no profiles from now on: ${reason}`);
    return others.idle(reason);
  };
  let native: SelfSampling;
  try {
    native = (others.native ?? createNativeEngine)();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return fallBack(error.message);
  }
  return new VerifiedEngine({ native, fallBack, giveUp });
}

function inspectorInstead(reason: string, { inspector }: OtherEngines): Engine {
  try {
    return inspector();
  } catch (error) {
    throw new EngineError(`${reason}; and ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
