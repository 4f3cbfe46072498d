import { readFileSync } from 'node:fs';

/**
 * CPU time that the calling thread has used, in microseconds; undefined where Node and the system do not tell (Node 20
 * outside Linux). Not process.cpuUsage(): that counts the compiler's, the collector's and the pool's threads, too.
 */
export function threadCpuUs(): number | undefined {
  const { threadCpuUsage } = process as { threadCpuUsage?: () => { user: number; system: number } };
  if (threadCpuUsage !== undefined) {
    const { user, system } = threadCpuUsage.call(process);
    return user + system;
  }
  try {
    // Nanoseconds on a processor, nanoseconds waited for one, time slices. See proc_pid_schedstat in proc(5).
    const [onCpuNs] = readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ');
    const us = Number(onCpuNs) / 1000;
    return us > 0 ? us : undefined;
  } catch {
    return undefined;
  }
}
