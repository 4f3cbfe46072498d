import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readPprof, type ProfileView } from '../../test/support/pprof-query.ts';

/** Gives `use` a directory for profiles that is gone afterwards. */
export async function withDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'hotspan-bench-'));
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The one profile a program left in its directory. */
export function readOnlyProfile(directory: string): ProfileView {
  const files = readdirSync(directory).filter((file) => file.endsWith('.pb.gz'));
  const [file] = files;
  if (file === undefined || files.length > 1) throw new Error(`expected one profile in ${directory}, found ${files.length}`);
  return readPprof(readFileSync(join(directory, file)));
}
