import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

/** What the kernel has counted for all threads of a process. */
export interface ProcessCounters {
  readonly atMs: number;
  /** Time on a processor, user and system. Exact for threads that sleep; as old as the last tick for others. */
  readonly cpuNs: number;
  /** The same by thread name. */
  readonly cpuNsByThread: Readonly<Record<string, number>>;
  /** How often a thread went to sleep of its own accord: as often as it had been woken. */
  readonly sleeps: number;
  /** How often a thread lost its processor to another. */
  readonly preempted: number;
  /** The same by thread name, to say who. */
  readonly sleepsByThread: Readonly<Record<string, number>>;
}

/** Reads the counters from outside: the process is not woken. */
export function readProcessCounters(pid: number): ProcessCounters {
  let cpuNs = 0;
  let sleeps = 0;
  let preempted = 0;
  const cpuNsByThread: Record<string, number> = {};
  const sleepsByThread: Record<string, number> = {};
  for (const tid of readdirSync(`/proc/${pid}/task`)) {
    const read = (file: string): string => readFileSync(`/proc/${pid}/task/${tid}/${file}`, 'utf8');
    const status = read('status');
    const count = Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)?.[1] ?? 0);
    preempted += Number(/^nonvoluntary_ctxt_switches:\s*(\d+)/m.exec(status)?.[1] ?? 0);
    const name = read('comm').trim();
    const ranNs = Number(read('schedstat').split(' ')[0]);
    cpuNs += ranNs;
    cpuNsByThread[name] = (cpuNsByThread[name] ?? 0) + ranNs;
    sleeps += count;
    sleepsByThread[name] = (sleepsByThread[name] ?? 0) + count;
  }
  return { atMs: performance.now(), cpuNs, cpuNsByThread, sleeps, preempted, sleepsByThread };
}

/** Resident memory of a process now, and the most since the last `resetPeak`. */
export function readMemory(pid: number): { readonly rssMiB: number; readonly peakMiB: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (key: string): number => Number(new RegExp(`^${key}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? NaN) / 1024;
  return { rssMiB: mib('VmRSS'), peakMiB: mib('VmHWM') };
}

/** Lets the kernel find the peak of a process's memory anew. */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
