import type { OutgoingPeriod } from '../backend.ts';
import type { Resource } from '../resource.ts';

/** What `event.json` says about the attached profiles: version 4 of the intake's format, as dd-trace 5 sends it. */
export function profileEvent(period: OutgoingPeriod, attachments: readonly string[]): object {
  const { resource } = period;
  const { runtime } = resource;
  return {
    attachments,
    start: new Date(period.startMs).toISOString(),
    end: new Date(period.endMs).toISOString(),
    family: 'node',
    version: '4',
    tags_profiler: profilerTags(period).join(','),
    endpoint_counts: period.endpointCounts ?? {},
    info: {
      application: {
        service: resource.service,
        ...(resource.env === undefined ? {} : { env: resource.env }),
        ...(resource.version === undefined ? {} : { version: resource.version }),
        start_time: new Date(resource.processStartMs).toISOString(),
      },
      platform: {
        hostname: resource.host,
        kernel_name: runtime.kernelName,
        kernel_release: runtime.kernelRelease,
        kernel_version: runtime.kernelVersion,
      },
      profiler: { version: resource.profilerVersion, activation: 'manual', settings: {} },
      runtime: { engine: 'nodejs', version: runtime.nodeVersion },
    },
  };
}

function profilerTags(period: OutgoingPeriod): string[] {
  const { resource } = period;
  const { runtime } = resource;
  const tags: Record<string, string | undefined> = {
    ...Object.fromEntries(Object.entries({ ...resource.attributes, ...resource.labels }).filter(([key]) => !reserved.has(key))),
    ...unifiedTags(resource),
    language: 'javascript',
    runtime: 'nodejs',
    runtime_arch: runtime.arch,
    runtime_os: runtime.os,
    runtime_version: runtime.nodeVersion,
    process_id: String(resource.pid),
    profiler_version: resource.profilerVersion,
    format: 'pprof',
    snapshot: period.outOfMemory === true ? 'on_oom' : period.last ? 'on_shutdown' : 'periodic',
    profile_seq: String(period.sequence),
  };
  return Object.entries(tags).flatMap(([key, value]) => (value ? [`${tagText(key)}:${tagText(value)}`] : []));
}

/** The tags by which the Agent joins profiles, spans and logs. */
function unifiedTags({ service, env, version, runtimeId, host }: Resource): Record<string, string | undefined> {
  return { service, env, version, 'runtime-id': runtimeId, host };
}

/** Attributes that say again what a tag says. */
const reserved = new Set(['service.name', 'service.version', 'deployment.environment', 'deployment.environment.name', 'host.name']);

/** A comma would end the tag. */
function tagText(text: string): string {
  return text.replaceAll(/[,\s]+/g, '_');
}
