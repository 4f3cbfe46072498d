// @datadog/pprof with what dd-trace 5.132 gives it (packages/dd-trace/src/profiling/profilers/wall.js and
// storage-channels.js): contexts, CPU time, timestamps of samples, source maps, columns but no lines; by AsyncContextFrame from
// Node 24 on, else by a hook before each asynchronous callback. Compression as in its profiling/profiler.js.
import { createHook } from 'node:async_hooks';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { encodeSync, getNativeThreadId, SourceMapper, time } from '@datadog/pprof';
import { trace } from '@opentelemetry/api';

const frames = Number.parseInt(process.versions.node, 10) >= 24;
const compress = promisify(zlib.zstdCompress ?? zlib.gzip);
const { kSampleCount, NON_JS_THREADS_FUNCTION_NAME } = time.constants;
const contextOf = Symbol('profiling context');

export async function createProfiler({ intervalMicros }) {
  const sourceMapper = new SourceMapper();
  await sourceMapper.loadDirectory(process.cwd());
  const threadLabels = { 'thread name': 'Main Event Loop', 'thread id': '0', 'os thread id': String(getNativeThreadId()) };
  const follower = createFollower();

  function generateLabels({ node, context }) {
    if (node.name === NON_JS_THREADS_FUNCTION_NAME) return { 'thread name': 'Non-JS threads', 'thread id': 'NA', 'os thread id': 'NA' };
    if (context == null) return threadLabels;
    const labels = { ...threadLabels, end_timestamp_ns: context.timestamp * 1000n };
    const span = frames ? context.context : context.context?.ref;
    if (span?.spanId !== undefined) {
      labels['span id'] = BigInt(`0x${span.spanId}`);
      labels['local root span id'] = BigInt(`0x${span.rootSpanId}`);
    }
    return labels;
  }

  const end = (restart) => time.stop(restart, generateLabels, Object.keys(threadLabels));

  return {
    start() {
      time.start({
        collectCpuTime: true,
        columnNumbers: 'emit',
        durationMillis: 60_000,
        intervalMicros,
        lineNumbers: false,
        sourceMapper,
        useCPED: frames,
        withContexts: true,
        workaroundV8Bug: true,
      });
      follower.start();
    },
    rotate: () => encode(end(true)),
    async stop() {
      follower.stop();
      end(false);
    },
    /** For the end of the process: the profile, gzip pprof. */
    stopSync: () => encodeSync(end(false)),
    stats: () => undefined,
    followSpans: follower.follow,
  };
}

async function encode(profile) {
  const bytes = (await compress(Buffer.from(await profile.encodeAsync()))).length;
  return { bytes, samples: () => profile.sample.reduce((sum, { value }) => sum + Number(value[0]), 0) };
}

/** Tells the profiler which span is active, as dd-trace does from its own storage, from that of OpenTelemetry. */
function createFollower() {
  let storage;
  let running = false;
  let current = { ref: {} };
  let state;
  let lastCount = 0;
  const hook = frames ? undefined : createHook({ before: () => enter() });

  function enter() {
    if (!running) return;
    const store = storage.getStore();
    const span = store === undefined ? undefined : trace.getSpan(store);
    const context = span === undefined ? {} : (span[contextOf] ??= { spanId: span.spanContext().spanId, rootSpanId: span.spanContext().spanId });
    if (frames) {
      if (time.getContext() !== context) time.setContext(context);
      return;
    }
    if (state[kSampleCount] !== lastCount) {
      lastCount = state[kSampleCount];
      renew();
    }
    current.ref = context;
  }

  function renew() {
    current = { ref: {} };
    time.setContext(current);
  }

  return {
    /** REQUIRES: before the first start. */
    follow(contextManager) {
      storage = contextManager._asyncLocalStorage;
      if (storage === undefined) return; // the program has no spans
      const { enterWith, run } = storage;
      storage.enterWith = (value) => {
        enterWith.call(storage, value);
        enter();
      };
      // With AsyncContextFrame, run() calls enterWith() itself, before and after.
      if (frames) return;
      storage.run = (value, fn, ...args) => {
        const result = run.call(storage, value, (...inner) => {
          enter();
          return fn(...inner);
        }, ...args);
        enter();
        return result;
      };
    },
    start() {
      if (storage === undefined) return;
      if (!frames) {
        renew();
        state = time.getState();
        hook.enable();
      }
      running = true;
    },
    stop() {
      running = false;
      hook?.disable();
    },
  };
}
