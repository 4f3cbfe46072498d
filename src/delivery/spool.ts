import { chmodSync, closeSync, fsyncSync, lstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { chmod, lstat, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { OutgoingPeriod } from './backend.ts';
import { isOwnerAlive, ownOwner } from './file-owner.ts';
import { makeDirectory, makeDirectorySync } from './make-directory.ts';
import { decodePeriodFile, encodePeriodFile } from './period-file.ts';

export interface SpoolOptions {
  readonly directory: string;
  /** Of all files in the directory, whichever process wrote them. */
  readonly maxBytes: number;
  /** What is older is deleted. */
  readonly maxAgeMs: number;
}

/** A period on disk. */
export interface SpoolEntry {
  /** File name without its state: `<end, ms>-<id>`. */
  readonly name: string;
  readonly endMs: number;
  readonly bytes: number;
}

export interface SpoolScan {
  /** Left by processes that have ended; now ours. */
  readonly adopted: readonly SpoolEntry[];
  /** What had to go because it was too old or there was too much. */
  readonly dropped: readonly SpoolEntry[];
  /** Bytes of all that is there, ours and others'. */
  readonly totalBytes: number;
}

interface SpoolFile extends SpoolEntry {
  readonly path: string;
  readonly state: 'held' | 'sent';
  readonly owner: string;
  readonly changedMs: number;
}

/** Where it cannot be seen whether an owner still runs, it is given this long for an upload. */
const foreignOwnerMs = 15 * 60_000;

/**
 * Periods that wait to be sent, one file each, of all processes of a service that send to one place. The file's name
 * holds its state and owner, and changes of either are renames, so they happen once or not at all:
 *
 *     <end, ms>-<id>.held.<owner>    to be sent by its owner; by whoever adopts it when that process has ended
 *     <end, ms>-<id>.sent.<owner>    sent in full, no answer yet. If the owner ends now the receiver most likely has
 *                                    it: it is not sent again
 *
 * Every period is written before it is first sent, so that not even SIGKILL loses it.
 */
export class Spool {
  readonly #options: SpoolOptions;
  /** Names of the entries that this object put or adopted and has not removed. */
  readonly #mine = new Set<string>();

  constructor(options: SpoolOptions) {
    this.#options = options;
  }

  /** Keeps the period. Rejects with the file system's error. */
  async put(period: OutgoingPeriod): Promise<SpoolEntry> {
    const { directory, maxBytes } = this.#options;
    const content = encodePeriodFile(period);
    if (content.length > maxBytes) throw new Error(`a period of ${content.length} bytes is more than the spool may hold`);
    await makePrivate(directory);
    const entry = entryOf(period, content.length);
    // Before the file is there, or a scan would take it for an abandoned one.
    this.#mine.add(entry.name);
    const unfinished = join(directory, `${entry.name}.tmp.${ownOwner}`);
    try {
      const file = await open(unfinished, 'w', 0o600);
      try {
        await file.writeFile(content);
      } finally {
        await file.close();
      }
      await rename(unfinished, this.#path(entry, 'held'));
    } catch (error) {
      this.#mine.delete(entry.name);
      await rm(unfinished, { force: true }).catch(() => {});
      throw error;
    }
    return entry;
  }

  /** The same at once, for the end of the process. */
  putSync(period: OutgoingPeriod): void {
    const { directory } = this.#options;
    makePrivateSync(directory);
    const content = encodePeriodFile(period);
    const entry = entryOf(period, content.length);
    const unfinished = join(directory, `${entry.name}.tmp.${ownOwner}`);
    try {
      const file = openSync(unfinished, 'w', 0o600);
      try {
        for (let written = 0; written < content.length; ) written += writeSync(file, content, written);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(unfinished, this.#path(entry, 'held'));
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw error;
    }
  }

  /** Undefined when the entry is gone or broken; a broken one is deleted. */
  async read(entry: SpoolEntry): Promise<OutgoingPeriod | undefined> {
    const path = this.#path(entry, 'held');
    try {
      const period = decodePeriodFile(await readFile(path));
      if (period === undefined) await rm(path, { force: true });
      return period;
    } catch {
      return undefined;
    }
  }

  async markSent(entry: SpoolEntry): Promise<void> {
    await rename(this.#path(entry, 'held'), this.#path(entry, 'sent')).catch(() => {});
  }

  /** Takes `markSent` back: it is known that the receiver does not have it. */
  async markHeld(entry: SpoolEntry): Promise<void> {
    await rename(this.#path(entry, 'sent'), this.#path(entry, 'held')).catch(() => {});
  }

  async remove(entry: SpoolEntry): Promise<void> {
    this.#mine.delete(entry.name);
    await Promise.all(
      (['held', 'sent'] as const).map((state) => rm(this.#path(entry, state), { force: true }).catch(() => {})),
    );
  }

  /** Looks after the directory: adopts what ended processes left, deletes what is too old or too much. */
  async scan(nowMs: number = Date.now()): Promise<SpoolScan> {
    const files = await this.#files();
    const dropped: SpoolEntry[] = [];
    const adopted: SpoolEntry[] = [];
    let totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const file of files) {
      const isExpired = file.endMs < nowMs - this.#options.maxAgeMs;
      if (isExpired || totalBytes > this.#options.maxBytes) {
        totalBytes -= file.bytes;
        if ((await this.#delete(file)) && file.state === 'held') dropped.push(file);
      } else if (this.#isAbandoned(file, nowMs)) {
        if (file.state === 'sent') await this.#delete(file);
        else if (await this.#adopt(file)) adopted.push(file);
      }
    }
    return { adopted, dropped, totalBytes };
  }

  #path(entry: SpoolEntry, state: SpoolFile['state']): string {
    return join(this.#options.directory, `${entry.name}.${state}.${ownOwner}`);
  }

  /** Files of this process that this object does not know were left by a delivery thread that broke down. */
  #isAbandoned({ name, owner, changedMs }: SpoolFile, nowMs: number): boolean {
    if (owner === ownOwner) return !this.#mine.has(name);
    return !(isOwnerAlive(owner) ?? nowMs - changedMs < foreignOwnerMs);
  }

  /** False when another process was faster. */
  async #adopt(file: SpoolFile): Promise<boolean> {
    this.#mine.add(file.name);
    if (file.owner === ownOwner) return true;
    try {
      await rename(file.path, this.#path(file, 'held'));
      return true;
    } catch {
      this.#mine.delete(file.name);
      return false;
    }
  }

  async #delete(file: SpoolFile): Promise<boolean> {
    return rm(file.path).then(() => true, () => false);
  }

  /** Oldest first. Unfinished files of ended processes are deleted on the way. */
  async #files(): Promise<SpoolFile[]> {
    const { directory } = this.#options;
    const names = await readdir(directory).catch(() => []);
    const files: SpoolFile[] = [];
    for (const fileName of names) {
      // The native writer, for want of memory, puts its own mark of an unfinished file at the end.
      const [, name, end, state, owner, unfinished] = /^((\d+)-[\w-]+)\.(held|sent|tmp)\.([\w-]+)(\.tmp)?$/.exec(fileName) ?? [];
      if (name === undefined || owner === undefined) continue;
      const path = join(directory, fileName);
      const facts = await stat(path).catch(() => undefined);
      if (facts === undefined) continue;
      if (state === 'tmp' || unfinished !== undefined) {
        if (owner !== ownOwner && isOwnerAlive(owner) === false) await rm(path, { force: true }).catch(() => {});
        continue;
      }
      files.push({
        name,
        endMs: Number(end),
        bytes: facts.size,
        path,
        state: state === 'sent' ? 'sent' : 'held',
        owner,
        changedMs: facts.ctimeMs,
      });
    }
    return files.sort((a, b) => a.endMs - b.endMs);
  }
}

function entryOf(period: OutgoingPeriod, bytes: number): SpoolEntry {
  return { name: `${Math.round(period.endMs)}-${period.id}`, endMs: Math.round(period.endMs), bytes };
}

/** Profiles name functions and files of the app: the directory is the owner's alone, and really a directory. */
async function makePrivate(directory: string): Promise<void> {
  const made = await makeDirectory(directory);
  if (made !== undefined) await chmod(directory, 0o700);
  assertPrivate(await lstat(directory), await lstat(dirname(directory)), directory);
}

/** The same at once. Throws when the directory cannot be made, or is another user's. */
export function makePrivateSync(directory: string): void {
  if (makeDirectorySync(directory) !== undefined) chmodSync(directory, 0o700);
  assertPrivate(lstatSync(directory), lstatSync(dirname(directory)), directory);
}

interface Facts { isDirectory(): boolean; readonly uid: number }

/** In a shared place such as /tmp anybody may have made it first, and who owns the parent can put another in its place. */
function assertPrivate(facts: Facts, parent: Facts, directory: string): void {
  const uid = process.getuid?.();
  if (facts.isDirectory() && (uid === undefined || (facts.uid === uid && (parent.uid === uid || parent.uid === 0)))) return;
  throw new Error(`${directory} is not a directory of this user`);
}
