import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Names a process in file names, so that another one can tell whether it still runs. The process id alone would not
 * do: in containers it is 1 each time. The start time tells them apart.
 */
export const ownOwner = ownerName(process.pid);

function ownerName(pid: number): string {
  return `${hostTag()}-${pid}-${startTicks(pid) ?? 0}`;
}

/**
 * Whether the process still runs; undefined where that cannot be seen from here (another host that shares the
 * directory).
 */
export function isOwnerAlive(owner: string): boolean | undefined {
  const [, host, pid = 0, ticks] = /^([0-9a-f]{8})-(\d+)-(\d+)$/.exec(owner) ?? [];
  if (host === undefined) return false;
  if (host !== hostTag()) return undefined;
  if (ticks !== '0') return startTicks(Number(pid)) === ticks;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function hostTag(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
}

/** When the process started, in clock ticks since the machine did: field 22 of /proc/PID/stat. */
function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name, in parentheses, and may hold anything, parentheses and spaces too.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
