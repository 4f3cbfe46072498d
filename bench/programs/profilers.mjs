// The profilers that are compared, behind one face:
//   start()    profiles from now on; what it takes is what the event loop is blocked for
//   rotate()   ends a profile and begins the next, at once; the promise it returns gives the ended one as it would be
//              uploaded: { bytes, samples() }
//   stop()     resolves when nothing of it runs any more
//   stats()    hotspan's counters, undefined for the others
//   followSpans(contextManager)  labels samples with OpenTelemetry's active span; where it is missing, nothing has to be
//              done for it, or it cannot be had
// Only the one that is measured is loaded. Which of them lack what: bench/support/variants.ts.

/** `directory` receives hotspan's profiles. @param {{ variant: string, rateHz: number, directory: string }} settings */
export async function loadProfiler({ variant, rateHz, directory }) {
  const { createProfiler } = await import(`./profilers/${variant}.mjs`);
  return createProfiler({ rateHz, intervalMicros: Math.round(1e6 / rateHz), directory });
}
