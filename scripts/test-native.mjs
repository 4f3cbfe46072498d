// Builds native/test with CMake and runs it: rules on includes and signal
// safety, unit tests, fuzzers. Options: --tsan runs the concurrency tests under
// ThreadSanitizer instead of everything under AddressSanitizer and
// UndefinedBehaviorSanitizer. HOTSPAN_FUZZ_SECONDS (default 5) bounds each
// fuzzer, HOTSPAN_FUZZ_SEED repeats one.

import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { codeOnly, forbiddenIn, hasUnsafeWord, signalFunctions } from './signal-rules.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const coreDir = join(root, 'native', 'core');
const fuzzers = ['pprof_encoder_fuzz', 'position_table_fuzz', 'safepoint_table_fuzz', 'wasm_names_fuzz'];
const tally = { passed: 0, failed: 0 };

function usageError(message) {
  console.error(`test-native: ${message}`);
  process.exit(2);
}

function parseOptions(args, env) {
  const unknown = args.find((arg) => arg !== '--tsan');
  if (unknown !== undefined) usageError(`unknown option ${unknown}; the only one is --tsan`);
  const fuzzSeconds = Number(env.HOTSPAN_FUZZ_SECONDS ?? 5);
  if (!(fuzzSeconds >= 0 && fuzzSeconds < Infinity)) {
    usageError(`HOTSPAN_FUZZ_SECONDS=${env.HOTSPAN_FUZZ_SECONDS} is not a number of seconds`);
  }
  const fuzzSeed = env.HOTSPAN_FUZZ_SEED;
  if (fuzzSeed !== undefined && !/^\d+$/.test(fuzzSeed)) {
    usageError(`HOTSPAN_FUZZ_SEED=${fuzzSeed} is not a whole number`);
  }
  return { tsan: args.includes('--tsan'), fuzzSeconds, fuzzSeed };
}

function record(ok, name) {
  tally[ok ? 'passed' : 'failed'] += 1;
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}`);
}

function finish() {
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  process.exit(tally.failed === 0 ? 0 : 1);
}

const engineInclude = /^\s*#\s*include\s*[<"](?:.*\/)?(?:v8[\w-]*\.h|node\w*\.h|napi\.h|js_native_api\w*\.h|uv\.h)[>"]/m;
function checkRules() {
  const files = readdirSync(coreDir).filter((file) => /\.(?:h|cc)$/.test(file));
  const sources = files.map((file) => ({ file, source: readFileSync(join(coreDir, file), 'utf8') }));
  const engine = sources.filter(({ source }) => engineInclude.test(source));
  record(files.length > 0 && engine.length === 0, `core includes neither V8 nor Node headers${list(engine)}`);

  checkSignalFunctions();

  // All of the ring, not only its _signal bodies: what they call is in there.
  const ring = sources.filter(({ file, source }) =>
    file.startsWith('record_ring.') && hasUnsafeWord(codeOnly(source).replace(/= delete/g, '')));
  record(ring.length === 0, `record_ring holds no heap and no lock${list(ring)}`);
}

function checkSignalFunctions() {
  const functions = ['core', 'platform', 'threads', 'v8', 'addon'].flatMap((room) => {
    const dir = join(root, 'native', room);
    const files = readdirSync(dir).filter((file) => /\.(?:h|cc)$/.test(file));
    return files.flatMap((file) => signalFunctions(readFileSync(join(dir, file), 'utf8')).map((found) => ({ file: `${room}/${file}`, ...found })));
  });
  const unsafe = functions.flatMap(({ file, name, body }) => {
    const forbidden = [...new Set(forbiddenIn(body))];
    return forbidden.length === 0 ? [] : [{ file: `${file} ${name} (${forbidden.join(', ')})` }];
  });
  // The names say that the search found what it is meant to look at.
  const names = functions.map(({ name }) => name);
  const expected = ['Reserve_signal', 'Record_signal', 'HandleSample_signal', 'WalkStack_signal', 'WalkNative_signal', 'ReadableFrom_signal', 'RestartInterruptedCall_signal'];
  const complete = expected.every((name) => names.includes(name));
  record(complete && unsafe.length === 0, `_signal functions call what is safe in a signal handler${list(unsafe)}`);
}

function list(offenders) {
  return offenders.length === 0 ? '' : `: ${offenders.map(({ file }) => file).join(', ')}`;
}

function run(command, args, env = {}) {
  const result = spawnSync(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', env: { ...process.env, ...env },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.error !== undefined) console.error(`test-native: cannot run ${command}: ${result.error.message}`);
  return { ok: result.status === 0, output: result.stdout ?? '' };
}

function build(options) {
  const dir = join(root, 'build-native', options.tsan ? 'tsan' : 'asan');
  const sanitize = options.tsan ? 'thread' : 'address,undefined';
  const steps = [
    ['-S', join(root, 'native', 'test'), '-B', dir, `-DHOTSPAN_SANITIZE=${sanitize}`],
    ['--build', dir, '--parallel', '2'],
  ];
  for (const args of steps) {
    const { ok, output } = run('cmake', args);
    if (ok) continue;
    console.log(output);
    record(false, `cmake ${args[0] === '-S' ? 'configure' : 'build'} (needs cmake and a C++20 compiler)`);
    finish();
  }
  return dir;
}

const sanitizerEnv = {
  ASAN_OPTIONS: 'detect_stack_use_after_return=1',
  UBSAN_OPTIONS: 'print_stacktrace=1',
  TSAN_OPTIONS: 'halt_on_error=1',
};

function runUnitTests(dir, part) {
  const { ok, output } = run(join(dir, 'hotspan_native_tests'), part === undefined ? [] : [part], sanitizerEnv);
  process.stdout.write(output.replace(/^\d+ passed, \d+ failed\n/m, ''));
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/m.exec(output) ?? [];
  tally.passed += Number(passed ?? 0);
  tally.failed += Number(failed ?? 0);
  // A crash leaves no tally, a sanitizer may end the process after one.
  if (passed === undefined || (!ok && failed === '0')) record(false, 'native unit tests ended early');
}

function runFuzzer(dir, name, options) {
  const args = ['--seconds', String(options.fuzzSeconds)];
  if (options.fuzzSeed !== undefined) args.push('--seed', options.fuzzSeed);
  const { ok, output } = run(join(dir, name), args, sanitizerEnv);
  record(ok, `${name}: ${output.trim().split('\n').join(', ')}`);
}

const options = parseOptions(process.argv.slice(2), process.env);
if (!options.tsan) checkRules();
const dir = build(options);
runUnitTests(dir, options.tsan ? 'Concurrent' : undefined);
if (!options.tsan) for (const name of fuzzers) runFuzzer(dir, name, options);
finish();
