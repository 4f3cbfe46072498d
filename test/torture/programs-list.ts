import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A program and what its head comment says about its end. */
export interface TortureProgram {
  /** File name without extension, and the case where there are several. */
  title: string;
  path: string;
  /** `@flags`: V8 flags it needs, on top of the ones under test. */
  flags: string[];
  /** `@cases`: one run each; the name becomes its second argument. */
  case: string | undefined;
  /** `@exit`: exit code. @default 0 */
  code: number | null;
  /** `@signal`: the signal it dies by. */
  signal: string | null;
  /** `@stderr`: text that must be in its stderr. Without it stderr must be empty. */
  stderr: string | undefined;
  /** `@profile none`: it dies before a profile can be written. */
  leavesProfile: boolean;
  /** `@start self`: it starts the profiler through the API. */
  start: 'register' | 'self';
}

const programsDir = fileURLToPath(new URL('./programs/', import.meta.url));

/** All programs with all their cases, or only the first case of each. */
export function tortureProgramsOf(cases: 'all' | 'first'): TortureProgram[] {
  return readdirSync(programsDir)
    .filter((file) => file.endsWith('.mjs') && file !== 'checksum.mjs')
    .sort()
    .flatMap((file) => describeProgram(file, cases));
}

function describeProgram(file: string, cases: 'all' | 'first'): TortureProgram[] {
  const path = programsDir + file;
  const source = readFileSync(path, 'utf8');
  const tag = (name: string): string | undefined => new RegExp(`^// @${name} (.+)$`, 'm').exec(source)?.[1];
  const words = (name: string): string[] => tag(name)?.split(' ') ?? [];
  const signal = tag('signal') ?? null;
  const start = tag('start') === 'self' ? 'self' : 'register';
  const runs: (string | undefined)[] = words('cases').length > 0 ? words('cases') : [undefined];
  return (cases === 'all' ? runs : runs.slice(0, 1)).map((name) => ({
    title: [file.replace('.mjs', ''), name].filter(Boolean).join(' '),
    path,
    flags: words('flags'),
    case: name,
    code: signal ? null : Number(tag('exit') ?? 0),
    signal,
    stderr: tag('stderr'),
    leavesProfile: tag('profile') !== 'none',
    start,
  }));
}
