import type { Backend, Endpoint } from './backend.ts';
import { createDatadogBackend } from './datadog/datadog-backend.ts';
import { createOtlpBackend } from './otlp/otlp-backend.ts';
import { createPyroscopeBackend } from './pyroscope/pyroscope-backend.ts';

/** A backend by plain values, as they are handed to the delivery thread. */
export interface UploadTarget {
  readonly kind: Backend['kind'];
  /** `http:`, `https:` or, for an Agent, `unix:` with the socket's path. Complete, with the path of the API. */
  readonly url: string;
  /** Authorization, tenant and what else a receiver asks for. Never written to disk. */
  readonly headers: Readonly<Record<string, string>>;
}

/** @throws TypeError when the URL is none */
export function createBackend({ kind, url, headers }: UploadTarget): Backend {
  const endpoint = endpointOf(url, datadogAgentPath);
  switch (kind) {
    case 'datadog':
      return createDatadogBackend({ endpoint, apiKey: headers['DD-API-KEY'] });
    case 'otlp':
      return createOtlpBackend({ endpoint, headers });
    case 'pyroscope':
      return createPyroscopeBackend({ endpoint, headers });
  }
}

export const datadogAgentPath = '/profiling/v1/input';

/** `path` is what to ask for when the URL names a socket, whose path cannot hold it. */
export function endpointOf(url: string, path: string): Endpoint {
  const parsed = new URL(url);
  if (parsed.protocol !== 'unix:') return { url: parsed };
  return { url: new URL(path, 'http://localhost'), socketPath: decodeURIComponent(parsed.pathname) };
}
