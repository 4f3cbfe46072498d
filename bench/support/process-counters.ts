import { readFileSync, readdirSync } from 'node:fs';

/** What the kernel has counted for all threads of a process. */
export interface ProcessCounters {
  readonly atMs: number;
  /** Time on a processor, user and system. Exact for threads that sleep; as old as the last tick for others. */
  readonly cpuNs: number;
  /** The same by thread name. */
  readonly cpuNsByThread: Readonly<Record<string, number>>;
  /** How often a thread went to sleep of its own accord: as often as it had been woken. */
  readonly sleeps: number;
  /** The same by thread name, to say who. */
  readonly sleepsByThread: Readonly<Record<string, number>>;
}

/** Reads the counters from outside: the process is not woken. */
export function readProcessCounters(pid: number): ProcessCounters {
  let cpuNs = 0;
  let sleeps = 0;
  const cpuNsByThread: Record<string, number> = {};
  const sleepsByThread: Record<string, number> = {};
  for (const tid of readdirSync(`/proc/${pid}/task`)) {
    const read = (file: string): string => readFileSync(`/proc/${pid}/task/${tid}/${file}`, 'utf8');
    const count = Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(read('status'))?.[1] ?? 0);
    const name = read('comm').trim();
    const ranNs = Number(read('schedstat').split(' ')[0]);
    cpuNs += ranNs;
    cpuNsByThread[name] = (cpuNsByThread[name] ?? 0) + ranNs;
    sleeps += count;
    sleepsByThread[name] = (sleepsByThread[name] ?? 0) + count;
  }
  return { atMs: performance.now(), cpuNs, cpuNsByThread, sleeps, sleepsByThread };
}
