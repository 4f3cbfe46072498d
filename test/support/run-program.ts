import { spawn } from 'node:child_process';

export interface RunOptions {
  node: string;
  /** Flags and arguments, program included. */
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  timeoutMs: number;
  /** Called with the first output on stdout. */
  onStdout?: () => void;
}

export interface RunResult {
  pid: number;
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** The program was still running after `timeoutMs` and was killed. */
  timedOut: boolean;
  wallMs: number;
}

/**
 * Runs a program to its end and collects what it said. Never rejects because of the program: a crash and a hang are
 * results. The environment is the test's own without `HOTSPAN_*` (but for the engine under test), `NODE_OPTIONS` and the coverage variables, which
 * would make runs differ from one machine to the next.
 */
export function runProgram(options: RunOptions): Promise<RunResult> {
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(options.node, options.args, {
      env: { ...cleanEnvironment(), ...options.env },
      cwd: options.cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, options.timeoutMs);
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
    }
    if (options.onStdout !== undefined) child.stdout.once('data', options.onStdout);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ pid: child.pid ?? 0, code, signal, ...output, timedOut, wallMs: performance.now() - startedMs });
    });
  });
}

function cleanEnvironment(): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value === undefined || /^(HOTSPAN_(?!ENGINE$)|NODE_OPTIONS$|NODE_V8_COVERAGE$|TSX_|ESBUILD_)/.test(name)) continue;
    kept[name] = value;
  }
  return kept;
}
