import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** What package.json says about the profiled program. */
export interface PackageIdentity {
  readonly name?: string;
  readonly version?: string;
}

/**
 * The nearest package.json with a name, from `directory` upwards. Those without a name only set
 * the module type of a folder and are passed over. Unreadable or malformed files are too: this
 * must never stand in the way of the app.
 */
export function findPackageIdentity(directory: string): PackageIdentity | undefined {
  let current = resolve(directory);
  for (;;) {
    const identity = readIdentity(join(current, 'package.json'));
    if (identity !== undefined) return identity;
    const parent = dirname(current);
    if (parent === current) return undefined;
    current = parent;
  }
}

function readIdentity(path: string): PackageIdentity | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(path, 'utf8')) as { name?: unknown; version?: unknown };
    if (typeof name !== 'string' || name === '') return undefined;
    return typeof version === 'string' ? { name, version } : { name };
  } catch {
    return undefined;
  }
}
