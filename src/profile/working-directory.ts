import { resolve } from 'node:path';

/** The working directory, or `/` where it was removed: Node then throws, and what asks for it may stand before the app. */
export function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}

/** `path` as it is seen from the working directory. Never throws, as `resolve()` of a relative path may. */
export function absolutePath(path: string): string {
  return resolve(workingDirectory(), path);
}
