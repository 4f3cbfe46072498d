import type { Environment } from './env-source.ts';
import type { ExportTarget, UploadKind } from './export-target.ts';

/**
 * Variables that say where a backend is, by backend: who has set one wants data there. Variables that only describe
 * the service (`DD_SERVICE`, `OTEL_SERVICE_NAME`) say nothing about where to.
 */
const telling: Readonly<Record<UploadKind, readonly string[]>> = {
  datadog: ['DD_TRACE_AGENT_URL', 'DD_AGENT_HOST', 'DD_API_KEY'],
  otlp: ['OTEL_EXPORTER_OTLP_PROFILES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
  pyroscope: ['PYROSCOPE_SERVER_ADDRESS'],
};

/** For the documentation. */
export const inferredFrom = Object.values(telling).flat().map((name) => `\`${name}\``).join(', ');

/** The backends that the environment points to; undefined when it points to none. */
export function inferExportTargets(env: Environment): readonly ExportTarget[] | undefined {
  const kinds = (Object.keys(telling) as UploadKind[]).filter((kind) => telling[kind].some((name) => env[name]?.trim()));
  return kinds.length === 0 ? undefined : kinds.map((kind) => ({ kind, url: undefined }));
}
