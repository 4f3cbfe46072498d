import { isMainThread, threadId } from 'node:worker_threads';

/** What samples of this thread say under `thread`. */
export function threadLabel(): string {
  return isMainThread ? 'main' : `worker-${threadId}`;
}
