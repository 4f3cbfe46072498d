import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { absolutePath } from '../profile/working-directory.ts';
import type { Exporter, FinishedPeriod } from './exporter.ts';
import { makeDirectory, makeDirectorySync } from './make-directory.ts';
import { utcStamp } from './utc-stamp.ts';

/** Profiles name functions and files of the app: for the owner's eyes. */
export const profileFileMode = 0o600;

/** Begins the name of the directory that a `hotspan run` makes, and removes when it ends. The exporter never makes it. */
export const runDirectoryPrefix = '.run-';

/**
 * Names the files of one session: `<pid>-<start, UTC>-<random>`. The process id alone would not do: in a container it
 * is 1 after each restart and in each replica, and a process may have several sessions.
 */
function sessionName(): string {
  return `${process.pid}-${utcStamp(Date.now())}-${randomHex()}`;
}

/** 32 bits. Not by node:crypto, which a start would have to load. */
function randomHex(): string {
  return Math.floor(Math.random() * 2 ** 32).toString(16).padStart(8, '0');
}

/**
 * Writes `cpu-<session>.pb.gz` into `directory`, which is made when missing; with rotation `cpu-<session>-<n>.pb.gz`, n
 * from 1. A file is complete as soon as it has its name: it is written under another one first, which did not exist
 * (`wx`), so a link that another user planted there is not followed.
 */
export function createFileExporter(directory: string, log: (line: string) => void = () => {}): Exporter {
  const absolute = absolutePath(directory);
  const isOfRun = basename(absolute).startsWith(runDirectoryPrefix);
  const session = sessionName();
  const filesOf = (period: FinishedPeriod): { path: string; unfinished: string; bytes: Uint8Array }[] => {
    const suffix = period.whole ? '' : `-${period.sequence + 1}`;
    return period.profiles.map(({ type, bytes }) => {
      const path = join(absolute, `${type}-${session}${suffix}.pb.gz`);
      return { path, unfinished: `${path}.${randomHex()}.tmp`, bytes };
    });
  };
  /** Whether the `hotspan run` that would have read the profile has ended. */
  const isOver = (error: unknown): boolean => {
    if (!isOfRun || (error as NodeJS.ErrnoException).code !== 'ENOENT') return false;
    log('a profile is not kept: the `hotspan run` that asked for it has ended');
    return true;
  };
  return {
    async export(period) {
      for (const { path, unfinished, bytes } of filesOf(period)) {
        try {
          if (!isOfRun) await makeDirectory(absolute);
          await writeFile(unfinished, bytes, { mode: profileFileMode, flag: 'wx' });
          await rename(unfinished, path);
        } catch (error) {
          await rm(unfinished, { force: true }).catch(() => {});
          if (isOver(error)) continue;
          throw writeError(path, error);
        }
        log(`wrote ${path}`);
      }
    },
    exportSync(period) {
      for (const { path, unfinished, bytes } of filesOf(period)) {
        try {
          if (!isOfRun) makeDirectorySync(absolute);
          writeFileSync(unfinished, bytes, { mode: profileFileMode, flag: 'wx' });
          renameSync(unfinished, path);
        } catch (error) {
          try {
            rmSync(unfinished, { force: true });
          } catch {
            // The directory is not there; nothing is left behind.
          }
          if (isOver(error)) continue;
          throw writeError(path, error);
        }
        log(`wrote ${path}`);
      }
    },
  };
}

/** A file that is written natively, by the same rules; thread and ending are added there. */
export interface OutOfMemoryFile {
  /** Absolute. */
  readonly directory: string;
  readonly name: string;
}

/** Where the heap profile of a thread goes whose memory runs out: `heap-<session>-oom.pb.gz`, `heap-<session>-worker-1-oom.pb.gz`. */
export function outOfMemoryFile(directory: string): OutOfMemoryFile {
  return { directory: absolutePath(directory), name: `heap-${sessionName()}` };
}

function writeError(path: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return new Error(`cannot write ${path}: ${reason}`, { cause: error });
}
