import type * as pullServer from '../delivery/pull-server.ts';
import type { PullServer, PullSource } from '../delivery/pull-server.ts';
import type { Metric } from '../delivery/prometheus-text.ts';
import { formatListenAddress } from '../options/listen-address.ts';
import type { ResolvedOptions } from '../options/option-types.ts';
import type * as defaultType from '../profile/default-type.ts';
import type { Logger } from './logger.ts';
import type { Profiler } from './profiler.ts';
import { requireOurs } from './require-ours.ts';

/** Starts the pull server when the options ask for one. Problems are one line. */
export async function serveProfiles(
  { http, httpToken, profiles }: Pick<ResolvedOptions, 'http' | 'httpToken' | 'profiles'>,
  profiler: Profiler,
  metrics: () => readonly Metric[],
  log: Logger,
): Promise<PullServer | undefined> {
  if (http === undefined) return undefined;
  try {
    const { startPullServer } = requireOurs('../delivery/pull-server') as typeof pullServer;
    const server = await startPullServer({ ...http, token: httpToken, sources: pullSources(profiler, profiles.includes('heap')), metrics });
    log.info(`serving profiles on http://${server.address}/debug/pprof/`);
    return server;
  } catch (error) {
    log.warn(`profiles are not served on ${formatListenAddress(http)}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

function pullSources(profiler: Profiler, heapIsSampled: boolean): PullSource[] {
  const cpu = async (seconds: number, signal: AbortSignal): Promise<Uint8Array> => (await profiler.capture(seconds, ['cpu'], signal)).cpu;
  const heap = async (seconds: number, signal: AbortSignal): Promise<Uint8Array> =>
    (await profiler.capture(seconds, ['heap'], signal)).heap;
  const showing = (type: string, take: PullSource['take']): PullSource['take'] => async (seconds, signal) =>
    (requireOurs('../profile/default-type') as typeof defaultType).withDefaultType(await take(seconds, signal), type);
  return [
    { path: '/debug/pprof/profile', help: 'CPU and wall time from now on', defaultSeconds: 30, take: cpu },
    {
      path: '/debug/pprof/wall',
      help: 'the same, with wall time as what is shown first',
      defaultSeconds: 30,
      take: showing('wall', cpu),
    },
    heapIsSampled
      ? { path: '/debug/pprof/heap', help: 'what lives now of what was allocated since profiling began', take: heap }
      : {
          path: '/debug/pprof/heap',
          help: 'what is allocated from now on and still lives then (HOTSPAN_PROFILES=cpu,heap: since the start)',
          defaultSeconds: 30,
          take: heap,
        },
    {
      path: '/debug/pprof/allocs',
      help: 'what is allocated from now on',
      defaultSeconds: 30,
      take: showing('alloc_space', heap),
    },
  ];
}
