import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether Go's own pprof is there to be asked. */
export const hasGoPprof = (): boolean => spawnSync('go', ['version']).status === 0;

export interface TopRow {
  /** Percent of the profile's total. */
  flatPercent: number;
  /** Percent of the profile's total. */
  cumPercent: number;
  /** The function, with file and line when asked with `-lines`. */
  name: string;
}

/** What `go tool pprof -top FLAGS` says about a profile. Throws when it refuses the file. */
export function goPprofTop(gzipped: Uint8Array, flags: readonly string[] = []): TopRow[] {
  const dir = mkdtempSync(join(tmpdir(), 'hotspan-pprof-'));
  try {
    const file = join(dir, 'cpu.pb.gz');
    writeFileSync(file, gzipped);
    const { status, stdout, stderr } = spawnSync('go', ['tool', 'pprof', '-top', ...flags, file], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`go tool pprof: ${stderr}`);
    return stdout.split('\n').flatMap((line): TopRow[] => {
      const match = /^\s*\S+\s+([\d.]+)%\s+[\d.]+%\s+\S+\s+([\d.]+)%\s+(.+?)\s*$/.exec(line);
      return match ? [{ flatPercent: Number(match[1]), cumPercent: Number(match[2]), name: match[3]! }] : [];
    });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
