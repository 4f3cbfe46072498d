import { readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Profile } from 'pprof-format';
import { profileFileMode } from './file-exporter.ts';
import { gzipProfile } from '../profile/encode-profile.ts';
import { mergeProfiles } from '../profile/merge-profiles.ts';
import { readProfile } from '../profile/read-profile.ts';

/** The profiles of one type, such as `cpu`, that one run left behind. */
export interface CollectedProfiles {
  readonly type: string;
  /** All processes together. */
  readonly merged: Profile;
  /** The file that holds `merged`. */
  readonly mergedPath: string;
  /** One file per process, by ascending process id. */
  readonly processPaths: readonly string[];
}

export interface Collection {
  readonly collected: readonly CollectedProfiles[];
  /** One clause each about a file that could not be used. */
  readonly skipped: readonly string[];
}

export interface CollectOptions {
  /** Where the processes wrote. What is left in it afterwards is of no more use. */
  readonly incoming: string;
  /** Where `<type>-<pid>.pb.gz` and `<type>.pb.gz` go. */
  readonly output: string;
  readonly onProgress?: (text: string) => void;
}

/** `cpu-4711.pb.gz`; what stands between the process id and the ending (a thread, a sequence number) is free. */
const profileName = /^([a-z]+)-(\d+)(?:[-.].*)?\.pb\.gz$/;

/**
 * Gathers what the processes of a run wrote: one file per process and type, and the merge of each
 * type over all processes. A file that cannot be read (its process was killed while writing) is
 * skipped and named. Every file appears whole or not at all.
 */
export async function collectProfiles({ incoming, output, onProgress }: CollectOptions): Promise<Collection> {
  const skipped: string[] = [];
  const files = new Map<string, Map<number, string[]>>();
  for (const name of (await readdir(incoming)).sort()) {
    const [, type, pid] = profileName.exec(name) ?? [];
    if (type === undefined) {
      skipped.push(`${name} was left half-written`);
      continue;
    }
    const byProcess = files.get(type) ?? new Map<number, string[]>();
    files.set(type, byProcess);
    byProcess.set(Number(pid), [...(byProcess.get(Number(pid)) ?? []), name]);
  }
  const collected: CollectedProfiles[] = [];
  for (const [type, byProcess] of files) {
    const profiles: Profile[] = [];
    const processPaths: string[] = [];
    let done = 0;
    for (const [pid, names] of [...byProcess].sort(([a], [b]) => a - b)) {
      onProgress?.(`collecting ${type} profiles: ${++done} of ${byProcess.size}`);
      const path = join(output, `${type}-${pid}.pb.gz`);
      const profile = await collectProcess(incoming, names, path, skipped);
      if (profile === undefined) continue;
      profiles.push(profile);
      processPaths.push(path);
    }
    if (profiles.length === 0) continue;
    onProgress?.(`merging ${type} profiles of ${profiles.length} processes`);
    const merged = mergeProfiles(profiles);
    const mergedPath = join(output, `${type}.pb.gz`);
    await writeWhole(merged, mergedPath, incoming);
    collected.push({ type, merged, mergedPath, processPaths });
  }
  return { collected, skipped };
}

async function collectProcess(
  incoming: string,
  names: readonly string[],
  path: string,
  skipped: string[],
): Promise<Profile | undefined> {
  const readable: { name: string; profile: Profile }[] = [];
  for (const name of names) {
    try {
      readable.push({ name, profile: await readProfile(join(incoming, name)) });
    } catch (error) {
      skipped.push(`${name} was left half-written (${reasonOf(error)})`);
    }
  }
  const [only] = readable;
  if (only === undefined) return undefined;
  if (readable.length === 1) {
    await rename(join(incoming, only.name), path);
    return only.profile;
  }
  const merged = mergeProfiles(readable.map(({ profile }) => profile));
  await writeWhole(merged, path, incoming);
  return merged;
}

/** Written beside and moved into place: a reader of `path` never sees half a file. */
async function writeWhole(profile: Profile, path: string, incoming: string): Promise<void> {
  const temporary = join(incoming, 'merged.tmp');
  await writeFile(temporary, await gzipProfile(profile), { mode: profileFileMode });
  await rename(temporary, path);
}

/** The innermost cause: the outer messages repeat the path, which the user is told already. */
function reasonOf(error: unknown): string {
  let current = error;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  return current instanceof Error ? current.message : String(current);
}
