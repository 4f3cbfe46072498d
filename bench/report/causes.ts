import type { Standing, Verdict } from './judge.ts';

/** Why hotspan is not ahead in a measure: found with a profiler or by an experiment, not guessed. */
interface Cause {
  readonly scenario: string;
  /** Which measures. */
  readonly measure: RegExp;
  /** @default every peer */
  readonly peers?: readonly string[];
  /** Where it explains no more than that neither is ahead. @default any */
  readonly standing?: Standing;
  readonly why: string;
}

const causes: readonly Cause[] = [
  {
    scenario: 'accuracy',
    measure: /error of the thread's CPU in all/,
    peers: ['datadog', 'pyroscope'],
    why: "Both read the thread's own CPU clock, so neither loses any; what is left, about a thousandth, lies between the marks of the measurement and those of the profilers.",
  },
  {
    scenario: 'accuracy',
    measure: /CPU not on the line that burns/,
    peers: ['inspector', 'cpu-prof'],
    why: 'Truth gives all of a function to the line that burns; what is found beside it is the head of the loop around that line, which takes some thousandths. V8 finds the same.',
  },
  {
    scenario: 'accuracy',
    measure: /error of shares|wrong function or lost/,
    standing: 'unclear',
    why: 'What is left at this rate is chance: which slice of work a sample falls into.',
  },
  {
    scenario: 'stall',
    measure: /event-loop delay|longest turn/,
    standing: 'unclear',
    why: "What is left is the app's own: garbage collections of what it did before. `none`, which calls nothing, has as much.",
  },
];

/** The cause that is known for a verdict. */
export function causeOf({ scenario, measure, peer, standing }: Pick<Verdict, 'scenario' | 'measure' | 'peer' | 'standing'>): string | undefined {
  return causes.find(
    (cause) => cause.scenario === scenario && cause.measure.test(measure) && (cause.peers?.includes(peer) ?? true) && (cause.standing ?? standing) === standing,
  )?.why;
}
