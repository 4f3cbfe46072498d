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
  { http, httpToken }: Pick<ResolvedOptions, 'http' | 'httpToken'>,
  profiler: Profiler,
  metrics: () => readonly Metric[],
  log: Logger,
): Promise<PullServer | undefined> {
  if (http === undefined) return undefined;
  try {
    const { startPullServer } = requireOurs('../delivery/pull-server') as typeof pullServer;
    const server = await startPullServer({ ...http, token: httpToken, sources: pullSources(profiler), metrics });
    log.info(`serving profiles on http://${server.address}/debug/pprof/`);
    return server;
  } catch (error) {
    log.warn(`profiles are not served on ${formatListenAddress(http)}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

function pullSources(profiler: Profiler): PullSource[] {
  const timed = async (seconds: number, signal: AbortSignal): Promise<Uint8Array> => (await profiler.capture(seconds, signal)).cpu;
  return [
    { path: '/debug/pprof/profile', help: 'CPU and wall time from now on', defaultSeconds: 30, take: timed },
    {
      path: '/debug/pprof/wall',
      help: 'the same, with wall time as what is shown first',
      defaultSeconds: 30,
      take: async (seconds, signal) => {
        const bytes = await timed(seconds, signal);
        return (requireOurs('../profile/default-type') as typeof defaultType).withDefaultType(bytes, 'wall');
      },
    },
  ];
}
