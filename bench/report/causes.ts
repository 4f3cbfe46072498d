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
    why: "Both read the thread's own CPU clock, so neither loses any; what is left lies outside of the marks of the measurement. Of 7 ms too much in 1,540, hotspan's profile has 4 before the module with the first mark is loaded and 3 after the last mark, where hotspan proves its walk and closes the profile: it counts itself.",
  },
  {
    scenario: 'accuracy',
    measure: /^(calls|classes).*CPU not on the line that burns/,
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
    scenario: 'memory',
    measure: /above none/,
    standing: 'unclear',
    why: "What is left is the app's own: the resident memory of `none` itself varies by more from process to process than profilers take, as V8 and malloc keep pages they freed.",
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
