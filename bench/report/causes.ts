import type { Verdict } from './judge.ts';

/** Why hotspan is not ahead in a measure: found with a profiler, not guessed. */
interface Cause {
  readonly scenario: string;
  /** Which measures. */
  readonly measure: RegExp;
  /** @default every peer */
  readonly peers?: readonly string[];
  readonly why: string;
}

const causes: readonly Cause[] = [];

/** The cause that is known for a verdict. */
export function causeOf({ scenario, measure, peer }: Pick<Verdict, 'scenario' | 'measure' | 'peer'>): string | undefined {
  return causes.find((cause) => cause.scenario === scenario && cause.measure.test(measure) && (cause.peers?.includes(peer) ?? true))?.why;
}
