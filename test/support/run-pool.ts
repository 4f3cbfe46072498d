/**
 * Runs tasks in the order they were added, at most `width` at a time. The promise of a task settles as the task does;
 * a rejection nobody has asked for yet is kept for the one who will.
 */
export function createPool(width: number): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  const next = (): void => {
    while (running < width) {
      const start = waiting.shift();
      if (!start) return;
      running++;
      start();
    }
  };
  return <T>(task: () => Promise<T>): Promise<T> => {
    const promise = new Promise<T>((resolve, reject) => {
      waiting.push(() => {
        task()
          .then(resolve, reject)
          .finally(() => {
            running--;
            next();
          });
      });
    });
    promise.catch(() => undefined);
    next();
    return promise;
  };
}
