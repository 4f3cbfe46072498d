import { constants } from 'node:os';
import { isMainThread } from 'node:worker_threads';

import { loadAddon, type DurationSummary, type NativeStats } from '../engine/addon.ts';
import { EngineError } from '../engine/engine-error.ts';
import { labelPath } from '../engine/label-path.ts';
import { refusesAddon } from '../engine/refuses-addon.ts';
import type { LabelStats } from '../labels/thread-labels.ts';
import { findPackageIdentity } from '../options/package-identity.ts';
import type { Options, ResolvedOptions } from '../options/option-types.ts';
import { resolveOptions } from '../options/resolve-options.ts';
import { workingDirectory } from '../profile/working-directory.ts';
import type { PullServer } from '../delivery/pull-server.ts';
import type { DeliveryCounters } from '../delivery/upload-queue.ts';
import { createDelivery, type Delivery } from './create-exporters.ts';
import { createProfiler } from './create-profiler.ts';
import { finishBeforeExec } from './finish-before-exec.ts';
import { hideModules } from './hide-modules.ts';
import { createLogger, type Logger } from './logger.ts';
import { missingOwnFiles } from './own-files.ts';
import type { Capture, Profiler } from './profiler.ts';
import type { ProfileType } from './profile-sources.ts';
import { reachWorkers } from './reach-workers.ts';
import { selfMetrics } from './self-metrics.ts';
import { requireOurs } from './require-ours.ts';
import { serveProfiles } from './serve-profiles.ts';
import type * as startTracesModule from '../trace/start-traces.ts';


/** What the profiler knows about its own work since it was first started. */
export interface Stats {
  readonly running: boolean;
  readonly samples: number;
  /** Samples lost or cut, by reason. None is silent: see each profile's comments. */
  readonly dropped: { readonly ringFull: number; readonly unresolvedFrames: number; readonly truncatedStacks: number };
  /** Time in the signal handler for one sample. */
  readonly handler: DurationSummary;
  /** Time on the JS thread to resolve and aggregate samples, each time. */
  readonly drain: DurationSummary;
  /** Time on the JS thread to end a period. */
  readonly rotation: DurationSummary;
  /** Labels of this thread's samples. */
  readonly labels: LabelStats & {
    /** Contexts of samples whose labels were asked for. */
    readonly contexts: number;
    /** Contexts that were not, because too many waited. */
    readonly dropped: number;
    /**
     * Time on the JS thread to ask for the labels of contexts, a series of them each time. Nothing with the path
     * `async-hooks`: there each source's time is all there is.
     */
    readonly asking: DurationSummary;
  };
  /** Native memory of tables and profiles. */
  readonly bytesHeld: number;
  /** What became of the profiles for each backend, by `<kind> <url>`. Empty when nothing is uploaded. */
  readonly delivery: Readonly<Record<string, Readonly<DeliveryCounters>>>;
}

export interface CaptureOptions<T extends ProfileType = 'cpu'> {
  /** How long to profile. */
  readonly seconds: number;
  /**
   * A heap profile holds what was allocated since sampling began: with a running session that takes heap profiles all
   * since then, else the given seconds. @default ['cpu']
   */
  readonly profiles?: readonly T[];
}

const profileTypes: readonly string[] = ['cpu', 'heap'];

const nothing: DurationSummary = { count: 0, totalMs: 0, p50Us: 0, p99Us: 0, maxUs: 0 };

let profiler: Profiler | undefined;
let delivery: Delivery | undefined;
let pullServer: PullServer | undefined;
let running = false;
let spans: startTracesModule.Traces | undefined;
let startedWith: { readonly options: ResolvedOptions; readonly log: Logger } | undefined;
let finishAtSignal: (() => void) | undefined;

/**
 * Loads the addon, and compiles what reads the options, ahead of the first start: a program imports before it serves,
 * but may start profiling while it does. Never throws; the first start tells what went wrong.
 */
export function prepare(): void {
  try {
    if (isMainThread) {
      resolveOptions({ env: {} });
      if (!refusesAddon()) loadAddon();
    }
    hideModules();
  } catch {
    // The first start says why.
  }
}

/** Settles the options and tells what could not be used. */
export function settleOptions(api?: Options): { options: ResolvedOptions; log: Logger } {
  const directory = workingDirectory(); // now: the app may change it
  // A copy: each reading of process.env itself asks the C library.
  const { options, problems } = resolveOptions({ env: { ...process.env }, api, packageJson: () => findPackageIdentity(directory) });
  const log = createLogger(options.log);
  for (const problem of problems) log.error(problem);
  return { options, log };
}

/** Starts the one profiler of this process. False, with one line on stderr, when it cannot run; never throws. */
export function startProfiler({ options, log }: { options: ResolvedOptions; log: Logger }): boolean {
  if (running) return true;
  if (!isMainThread) {
    log.warn('start() does nothing in a worker thread: call it in the main thread, which profiles its workers too');
    return false;
  }
  const missing = missingOwnFiles();
  if (missing !== undefined) {
    log.warn(`cannot profile this process: ${missing}; the app runs without`);
    return false;
  }
  try {
    const destinations = createDelivery(options, process.env, log);
    const created = createProfiler(options, destinations.exporters, log);
    created.start();
    profiler = created;
    delivery = destinations;
    // No promise where none is needed: hooks of the app's for promises would see it.
    if (options.http !== undefined) serve(options, created, log);
    running = true;
    startedWith = { options, log };
    finishBeforeExec(endBeforeExec);
    if (created.engine.name === 'native') reachWorkers();
    log.debug(`profiling at ${options.rate} Hz`);
  } catch (error) {
    log.warn(cannotProfile(error));
  }
  return running;
}

function serve(options: ResolvedOptions, served: Profiler, log: Logger): void {
  serveProfiles(options, served, () => selfMetrics(stats()), log).then(
    (server) => {
      // Stopped meanwhile.
      if (profiler === served && running) pullServer = server;
      else server?.close();
    },
    (error: unknown) => log.warn(`profiles are not served: ${messageOf(error)}`),
  );
}

/**
 * Starts profiling. Options given here win over the environment; see docs/options.md.
 * Does nothing when profiling already runs. Problems are one line each on stderr.
 */
export function start(options?: Options): void {
  try {
    startProfiler(settleOptions(options));
  } catch (error) {
    createLogger('warn').warn(cannotProfile(error));
  }
}

function cannotProfile(error: unknown): string {
  return `cannot profile this process: ${messageOf(error)}; the app runs without. Try: npx hotspan doctor`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Stops profiling and waits until the last profile is delivered. What a backend does not take within the grace time
 * (`HOTSPAN_EXIT_GRACE`) stays on disk and is sent later.
 */
export async function stop(): Promise<void> {
  running = false;
  pullServer?.close();
  pullServer = undefined;
  await profiler?.stop();
}

/**
 * Ends the period now and waits until its profile is delivered, at most the grace time. For programs that are frozen
 * between two pieces of work, such as functions on AWS Lambda: call it at the end of an invocation.
 * Does nothing when profiling does not run.
 */
export async function flush(): Promise<void> {
  spans?.flush();
  if (running) await profiler?.flush();
}

/** Signals that end a process which does not handle them, and that one sends to end it. */
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `finish` when one of these signals is about to end the process. Signals the app handles are its own: now, and
 * also when it begins to handle them later, until its last listener goes. Handlers that stop a server often remove
 * themselves and send their signal once more.
 */
export function finishBeforeSignals(finish: () => void): void {
  if (finishAtSignal === undefined) process.on('removeListener', watchWhenUnhandled);
  finishAtSignal = finish;
  watchSignals(endingSignals.filter((signal) => process.listenerCount(signal) === 0));
}

/** Node's own listener for this has run by now, and has given the signal back to the system. */
function watchWhenUnhandled(event: string | symbol): void {
  try {
    const signal = endingSignals.find((one) => one === event);
    if (signal !== undefined && running && process.listenerCount(signal) === 0) watchSignals([signal]);
  } catch {
    // An error here would come out of the app's call that removed its listener.
  }
}

function watchSignals(signals: readonly (typeof endingSignals)[number][]): void {
  if (finishAtSignal === undefined) return;
  const numbers = signals.map((signal) => constants.signals[signal]);
  // The signal interrupted JavaScript. Profiling begins again in the next turn of the event loop.
  profiler?.finishBeforeSignals(numbers, finishAtSignal, () => setImmediate(goOn));
}

/** The kernel spares process 1 of a container: the profile is written and the process lives. */
function goOn(): void {
  if (startedWith === undefined || running) return;
  if (startProfiler(startedWith) && finishAtSignal !== undefined) finishBeforeSignals(finishAtSignal);
}

/** Sets up spans when profiles go to a backend that takes them; see src/trace. Never throws. */
export function startSpans({ options, log }: { options: ResolvedOptions; log: Logger }): void {
  if (options.traces === 'off' || delivery?.thread === undefined) return;
  const { spanAddresses: targets, resource, thread } = delivery;
  const { startTraces } = requireOurs('../trace/start-traces') as typeof startTracesModule;
  spans = startTraces({ targets, resource, send: thread.sendRequest.bind(thread), env: process.env, directory: workingDirectory(), log });
}

/** At the end of the process: delivers the last profile synchronously. Uploads may take `graceMs`. */
export function stopSync(graceMs: number): void {
  running = false;
  spans?.flush();
  profiler?.stopSync(graceMs);
}

/** Before this process runs another program. Returns what starts again when it cannot. Neither throws. */
function endBeforeExec(): () => void {
  const settled = running ? startedWith : undefined;
  pullServer?.close();
  pullServer = undefined;
  try {
    if (settled !== undefined) stopSync(settled.options.exitGrace * 1000);
    profiler?.engine.stop(); // with a capture under way it still samples
  } catch (error) {
    settled?.log.error(`the last profile is lost: ${error instanceof Error ? error.message : String(error)}`);
  }
  return () => {
    if (settled !== undefined && startProfiler(settled) && finishAtSignal !== undefined) finishBeforeSignals(finishAtSignal);
  };
}

/**
 * Profiles for `seconds`, beside a running session or without one.
 * @throws RangeError when `seconds` is not a positive number
 * @throws EngineError when no engine can run in this process
 */
export async function capture<T extends ProfileType = 'cpu'>({ seconds, profiles }: CaptureOptions<T>): Promise<Capture<T>> {
  if (!(seconds > 0 && seconds <= 86_400)) throw new RangeError(`capture: seconds is ${seconds}; give a number above 0, at most 86400`);
  const types = profiles ?? (['cpu'] as unknown as readonly T[]);
  if (types.length === 0) throw new RangeError("capture: profiles is empty; give 'cpu', 'heap' or both");
  for (const type of types) {
    if (!profileTypes.includes(type)) throw new RangeError(`capture: profiles holds '${String(type)}'; give 'cpu', 'heap' or both`);
  }
  if (profiler === undefined) {
    const missing = missingOwnFiles();
    if (missing !== undefined) throw new EngineError(missing);
    const { options, log } = settleOptions();
    profiler = createProfiler(options, [], log);
    finishBeforeExec(endBeforeExec);
  }
  return profiler.capture(seconds, types);
}

/** Of a thread that runs no profiler: a worker, whose samples the main thread's profiler takes, or nobody's yet. */
function threadStats(): { readonly counters: NativeStats | undefined; readonly labelStats: LabelStats } {
  const load = refusesAddon() ? undefined : loadAddon();
  const addon = load !== undefined && 'addon' in load ? load.addon : undefined;
  const counters = addon?.stats();
  const path = addon === undefined || counters === undefined ? undefined : labelPath(addon);
  return { counters, labelStats: { path, sources: [] } };
}

/** Counters of the profiler itself; in a worker thread those of its thread. */
export function stats(): Stats {
  const { counters, labelStats } = profiler === undefined ? threadStats() : { counters: profiler.engine.stats(), labelStats: profiler.labelStats() };
  return {
    running,
    samples: counters?.samples ?? 0,
    dropped: {
      ringFull: counters?.ringFull ?? 0,
      unresolvedFrames: counters?.unresolvedFrames ?? 0,
      truncatedStacks: counters?.truncatedStacks ?? 0,
    },
    handler: counters?.handler ?? nothing,
    drain: counters?.drain ?? nothing,
    rotation: profiler?.rotationTimes.summary() ?? nothing,
    labels: {
      ...labelStats,
      contexts: counters?.contextsResolved ?? 0,
      dropped: counters?.contextsDropped ?? 0,
      asking: counters?.labelling ?? nothing,
    },
    bytesHeld: counters?.bytesHeld ?? 0,
    delivery: delivery?.thread?.counters ?? {},
  };
}
