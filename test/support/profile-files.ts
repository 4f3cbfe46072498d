import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** How `HOTSPAN_EXPORT=file:` names files: type, process id, start of the session, a random word, and what is left. */
const profileName = /^(cpu|heap)-(\d+)-\d{8}T\d{6}-[0-9a-f]{8}(?:-(.+))?\.pb\.gz$/;

export interface ProfileFile {
  readonly path: string;
  readonly type: string;
  readonly pid: number;
  /** The period's number, or thread and `oom`; empty for the one profile of a session. */
  readonly rest: string;
}

/** The profile files in a directory, by name. Empty where there is no such directory. */
export function profileFiles(directory: string): ProfileFile[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory).sort().flatMap((name) => {
    const [, type = '', pid = '', rest = ''] = profileName.exec(name) ?? [];
    return type === '' ? [] : [{ path: join(directory, name), type, pid: Number(pid), rest }];
  });
}

/** The one profile of a process that rotates none, of its last session; undefined when it left none. */
export function profileFileOf(directory: string, type: string, pid: number | undefined): string | undefined {
  const own = profileFiles(directory).filter((file) => file.type === type && file.pid === pid && file.rest === '');
  const age = ({ path }: ProfileFile): bigint => statSync(path, { bigint: true }).mtimeNs;
  return own.reduce<ProfileFile | undefined>((last, file) => (last === undefined || age(file) >= age(last) ? file : last), undefined)?.path;
}
