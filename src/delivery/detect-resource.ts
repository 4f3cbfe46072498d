import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname, release, type as osType, version as osVersion } from 'node:os';

import { containerEntity, readCgroupFacts, systemFiles, type SystemFiles } from './container-entity.ts';
import { environmentAttributes, type Environment } from './environment-attributes.ts';
import type { Resource } from './resource.ts';

/** What the options say about the service. */
export interface ServiceIdentity {
  readonly service: string;
  readonly env: string | undefined;
  readonly version: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

const ownRuntimeId = randomUUID();

/** Describes this process. `given` are attributes that the user states; they win over what is found. */
export function detectResource(
  identity: ServiceIdentity,
  env: Environment,
  given: Readonly<Record<string, string>> = {},
  files: SystemFiles = systemFiles,
): Resource {
  const cgroup = readCgroupFacts(files);
  return {
    service: identity.service,
    env: identity.env,
    version: identity.version,
    labels: identity.labels,
    host: env['DD_HOSTNAME'] ?? given['host.name'] ?? hostname(),
    runtimeId: runtimeId(),
    pid: process.pid,
    processStartMs: Math.round(performance.timeOrigin),
    attributes: { ...environmentAttributes(env, cgroup, files), ...given },
    entity: containerEntity(cgroup.containerId, env['DD_EXTERNAL_ENV'], files),
    runtime: {
      nodeVersion: process.versions.node,
      arch: process.arch,
      os: process.platform,
      kernelName: osType(),
      kernelRelease: release(),
      kernelVersion: osVersion(),
    },
    profilerVersion,
  };
}

/** The version of this package. */
export const profilerVersion = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

/** Datadog joins spans and profiles by it: where dd-trace makes the spans, its id is the one. */
function runtimeId(): string {
  const tracer = (globalThis as { _ddtrace?: { _tracer?: { _config?: { tags?: Record<string, unknown> } } } })._ddtrace;
  const theirs = tracer?._tracer?._config?.tags?.['runtime-id'];
  return typeof theirs === 'string' ? theirs : ownRuntimeId;
}
