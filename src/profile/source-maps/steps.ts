/** Work in pieces: it yields wherever it may pause. Whoever runs it decides whether it does. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** All of it, now. */
export function runSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** In turns of the event loop of about `turnMs` each, so that nothing waits longer for it. Rejects when it throws. */
export async function runInTurns<T>(steps: Steps<T>, turnMs: number): Promise<T> {
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    const end = performance.now() + turnMs;
    do {
      const step = steps.next();
      if (step.done === true) return step.value;
    } while (performance.now() < end);
  }
}
