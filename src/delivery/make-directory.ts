import { mkdirSync, statSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

import { absolutePath } from '../profile/working-directory.ts';

/**
 * Makes a directory and its missing parents; rejects with the error of the one that cannot be made.
 * Not `mkdir` with `recursive`: that never returns where the kernel refuses a name with ENOENT although its parent
 * exists, as in /proc (Node 20 to 26).
 *
 * @returns the first directory that was made, undefined when all were there
 */
export async function makeDirectory(path: string): Promise<string | undefined> {
  const making = makeSteps(path);
  let step = making.next();
  while (!step.done) {
    const { action, directory } = step.value;
    try {
      if (action === 'make') await mkdir(directory);
      step = making.next(action === 'make' || (await stat(directory)).isDirectory());
    } catch (error) {
      step = making.throw(error);
    }
  }
  return step.value;
}

/** The same on this thread, now. */
export function makeDirectorySync(path: string): string | undefined {
  const making = makeSteps(path);
  let step = making.next();
  while (!step.done) {
    const { action, directory } = step.value;
    try {
      if (action === 'make') mkdirSync(directory);
      step = making.next(action === 'make' || statSync(directory).isDirectory());
    } catch (error) {
      step = making.throw(error);
    }
  }
  return step.value;
}

interface Step { readonly action: 'is it there' | 'make'; readonly directory: string }

/** Up to the deepest ancestor that is there, then down again. How it is done is up to the caller. */
function* makeSteps(path: string): Generator<Step, string | undefined, boolean> {
  const missing: string[] = [];
  let directory = absolutePath(path);
  while (!(yield* isThere(directory))) {
    missing.push(directory);
    if (dirname(directory) === directory) break;
    directory = dirname(directory);
  }
  let firstMade: string | undefined;
  for (const each of missing.reverse()) {
    try {
      yield { action: 'make', directory: each };
      firstMade ??= each;
    } catch (error) {
      // Another process was faster.
      if (codeOf(error) !== 'EEXIST' || !(yield* isThere(each))) throw error;
    }
  }
  return firstMade;
}

/** False also for what is no directory: making it then fails with the error that tells so. */
function* isThere(directory: string): Generator<Step, boolean, boolean> {
  try {
    return yield { action: 'is it there', directory };
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
