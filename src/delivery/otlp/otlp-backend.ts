import { gzipSync } from '../../profile/gzip.ts';
import type { Backend, Endpoint } from '../backend.ts';
import { encodeProfilesRequest } from './encode-profiles-request.ts';

export interface OtlpTarget {
  /** With the whole path. */
  readonly endpoint: Endpoint;
  readonly headers: Readonly<Record<string, string>>;
}

/** OTLP profiles over HTTP with protobuf. */
export function createOtlpBackend({ endpoint, headers }: OtlpTarget): Backend {
  return {
    kind: 'otlp',
    destination: endpoint.url.origin,
    maxAgeMs: 24 * 3_600_000,
    encode(period) {
      const body = encodeProfilesRequest(period);
      if (body === undefined) return undefined;
      return {
        method: 'POST',
        endpoint,
        // Without a charset: receivers compare the type as it stands.
        headers: { 'Content-Type': 'application/x-protobuf', 'Content-Encoding': 'gzip', ...headers },
        body: gzipSync(body),
      };
    },
  };
}
