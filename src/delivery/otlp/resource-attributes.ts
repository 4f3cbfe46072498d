import type { Resource } from '../resource.ts';

/** The resource by OpenTelemetry's semantic conventions (1.37); the same on profiles and on spans. */
export function resourceAttributes(resource: Resource): Record<string, string | number> {
  const { runtime } = resource;
  return {
    ...resource.labels,
    ...resource.attributes,
    'service.name': resource.service,
    ...(resource.version === undefined ? {} : { 'service.version': resource.version }),
    ...(resource.env === undefined ? {} : { 'deployment.environment.name': resource.env }),
    'service.instance.id': resource.runtimeId,
    // Datadog's name for the same: its Agent takes OTLP, too.
    'runtime-id': resource.runtimeId,
    'host.name': resource.host,
    'host.arch': runtime.arch === 'x64' ? 'amd64' : runtime.arch,
    'os.type': runtime.os,
    'process.pid': resource.pid,
    'process.runtime.name': 'nodejs',
    'process.runtime.version': runtime.nodeVersion,
  };
}
