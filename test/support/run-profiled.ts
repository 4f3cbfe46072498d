import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPprof, type ProfileView } from './pprof-query.ts';
import { profileFileOf } from './profile-files.ts';
import { runProgram, type RunResult } from './run-program.ts';
import { readCpuProfile } from './v8-reference.ts';

/** `v8` runs the very same tests on V8's own profiler: it shows that they are fair, and works without the addon. */
export type Engine = 'hotspan' | 'v8';

export function engineUnderTest(): Engine {
  const engine = process.env['HOTSPAN_TEST_ENGINE'] ?? 'hotspan';
  if (engine !== 'hotspan' && engine !== 'v8') throw new Error(`HOTSPAN_TEST_ENGINE=${engine}: use hotspan or v8`);
  return engine;
}

export interface ProfiledRunOptions {
  node: string;
  program: string;
  nodeFlags?: readonly string[];
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** @default 2000 */
  rateHz?: number;
  /** @default engineUnderTest() */
  engine?: Engine;
  /** `self`: the program starts the profiler through the API, nothing is preloaded. @default 'register' */
  start?: 'register' | 'self';
  /** @default 60000 */
  timeoutMs?: number;
}

/** What the OS counted between the profiler's start and its end. */
export interface OsClock {
  /** CPU time of the main thread. */
  cpuNs: number;
  /** CPU time of all threads (`getrusage`), the ones that have ended and the profiler's own included. */
  processCpuNs: number;
  /** Threads alive at the end; the main thread's `tid` is the pid. A busy thread's clock is as old as its last tick. */
  threads: { tid: number; name: string; cpuNs: number }[];
}

export interface ProfiledRun extends RunResult {
  /** The CPU profile of the program itself, not of its children; undefined when it left none. */
  profile: ProfileView | undefined;
  /** The file as it was written, for checks of the bytes. */
  profileBytes: Buffer | undefined;
  /** CPU time the OS counts for the main thread from just after the profiler's start to just before its end. */
  osCpuNs: number | undefined;
  /** The same for all threads. Undefined when the program was killed or never loaded. */
  os: OsClock | undefined;
}

const supportUrl = new URL('./programs/', import.meta.url);
const registerUrl = new URL('../../dist/register.js', import.meta.url);

/** Runs `program` with the profiler on, waits for its end and reads its profile. */
export async function runProfiled(options: ProfiledRunOptions): Promise<ProfiledRun> {
  const engine = options.engine ?? engineUnderTest();
  if (engine === 'hotspan' && !existsSync(registerUrl)) throw new Error('dist/register.js is missing: npm run build');
  const rateHz = options.rateHz ?? 2000;
  const dir = mkdtempSync(join(tmpdir(), 'hotspan-test-'));
  const clockFile = join(dir, 'os-clock.json');
  try {
    const result = await runProgram({
      node: options.node,
      args: [
        ...(options.nodeFlags ?? []),
        ...(options.start === 'self' ? [] : preloads(engine)),
        options.program,
        ...(options.args ?? []),
      ],
      env: {
        HOTSPAN_RATE: String(rateHz),
        HOTSPAN_PERIOD: '0',
        HOTSPAN_PROFILES: 'cpu',
        HOTSPAN_EXPORT: `file:${dir}`,
        HOTSPAN_TEST_CLOCK_FILE: clockFile,
        HOTSPAN_TEST_V8_PROFILE_DIR: dir,
        HOTSPAN_TEST_V8_INTERVAL_US: String(Math.round(1e6 / rateHz)),
        ...options.env,
      },
      timeoutMs: options.timeoutMs ?? 60_000,
    });
    const os = readClock(clockFile, result.pid);
    return { ...result, ...readResults(dir, result.pid, engine), osCpuNs: os?.cpuNs, os };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The clock mark comes last so that it starts counting after the profiler does. */
function preloads(engine: Engine): string[] {
  const profiler = engine === 'v8' ? new URL('v8-profiler.mjs', supportUrl).href : registerUrl.href;
  return ['--import', profiler, '--import', new URL('clock-mark.mjs', supportUrl).href];
}

function readResults(dir: string, pid: number, engine: Engine): Pick<ProfiledRun, 'profile' | 'profileBytes'> {
  const file = engine === 'v8' ? join(dir, `cpu-${pid}.cpuprofile`) : profileFileOf(dir, 'cpu', pid);
  if (file === undefined || !existsSync(file)) return { profile: undefined, profileBytes: undefined };
  const profileBytes = readFileSync(file);
  const profile = engine === 'v8' ? readCpuProfile(profileBytes.toString()) : readPprof(profileBytes);
  return { profile, profileBytes };
}

function readClock(file: string, pid: number): OsClock | undefined {
  try {
    return JSON.parse(readFileSync(`${file}.${pid}`, 'utf8')) as OsClock;
  } catch {
    return undefined; // killed by a signal, or never loaded
  }
}
