import { writeFileSync } from 'node:fs';

/** Gives the calling thread the name by which the sampler knows hotspan's own threads, as do the tools of the system. */
export function nameOwnThread(): void {
  try {
    writeFileSync('/proc/thread-self/comm', 'hotspan');
  } catch {
    // No /proc: its time is shown as that of some worker thread.
  }
}
