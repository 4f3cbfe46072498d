/** Declares a test of figures that `measure()` gives. */
export type ItHolds<Measured> = (title: string, check: (measured: Measured) => void | Promise<void>) => void;

/** How often a miss is measured anew. `HOTSPAN_TEST_REPEATS=0` fails fast while something is known to be missing. */
const repeatsOfAMiss = Number(process.env['HOTSPAN_TEST_REPEATS'] ?? 2);

/**
 * `it()` for figures from samples, on a machine shared with others: one run may be spoilt by CPU that was stolen from
 * the sampler thread. A profiler that is wrong is wrong in every run, so a miss is measured anew. All tests share the last
 * measurement; the first test makes it.
 */
export function holdFigures<Measured>(measure: () => Promise<Measured>): ItHolds<Measured> {
  // Kept when it rejects, too: a program that fails is not a figure that is off.
  let last: Promise<Measured> | undefined;
  return (title, check) => {
    it(title, async () => {
      for (let repeats = repeatsOfAMiss; ; repeats--) {
        const measured = await (last ??= measure());
        try {
          return await check(measured);
        } catch (error) {
          if (repeats === 0) throw error;
          console.log(`        measured again after: ${String(error).replaceAll('\n', ' | ').slice(0, 300)}`);
          last = undefined;
        }
      }
    });
  };
}
