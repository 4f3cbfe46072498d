import { mkdtemp, readdir, rm, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { runDirectoryPrefix } from '../delivery/file-exporter.ts';
import { makeDirectory } from '../delivery/make-directory.ts';
import { UsageError } from './command.ts';

/** Where one `hotspan run` puts its files. */
export interface RunDirectory {
  /** Absolute path of the output directory, shared with earlier runs. */
  readonly output: string;
  /**
   * Absolute path of a fresh directory inside it, for the files of this run's processes: it tells
   * new files from old, and a rename out of it never crosses a file system.
   */
  readonly incoming: string;
  /** Removes `incoming` with what is left in it, and `output` if we made it and nothing came of it. */
  remove(): Promise<void>;
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'no directory can be made there',
  EEXIST: 'it is not a directory',
  ENOTDIR: 'it is not a directory',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left',
};

/**
 * Makes the output directory and proves that it can be written, so that a bad one is known before
 * the command starts. Throws `UsageError`.
 */
export async function openRunDirectory(directory: string, cwd: string): Promise<RunDirectory> {
  const output = resolve(cwd, directory);
  try {
    const firstMade = await makeDirectory(output);
    const incoming = await mkdtemp(join(output, `${runDirectoryPrefix}${process.pid}-`));
    return { output, incoming, remove: () => removeRun(output, incoming, firstMade !== undefined) };
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new UsageError(`cannot write to the output directory ${directory}: ${reasons[code] ?? message}`);
  }
}

async function removeRun(output: string, incoming: string, madeOutput: boolean): Promise<void> {
  await rm(incoming, { recursive: true, force: true });
  if (madeOutput && (await readdir(output)).length === 0) await rmdir(output);
}
