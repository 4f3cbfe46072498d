import type { FinishedPeriod } from './exporter.ts';
import type { Resource } from './resource.ts';

/** A period with all that a backend wants to know; what is kept on disk until it can be sent. */
export interface OutgoingPeriod extends FinishedPeriod {
  /** The same for each attempt to send it, and for no other period. */
  readonly id: string;
  readonly resource: Resource;
}

/** Where requests go. */
export interface Endpoint {
  /** `http:` or `https:`. With a socket path, its path and host only say what to ask for. */
  readonly url: URL;
  readonly socketPath?: string | undefined;
}

export interface UploadRequest {
  readonly method: 'POST' | 'PUT';
  readonly endpoint: Endpoint;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** One kind of receiver: how a period becomes a request in its conventions. */
export interface Backend {
  readonly kind: 'datadog' | 'otlp' | 'pyroscope';
  /** For messages: where to, without secrets. */
  readonly destination: string;
  /** What is older is not sent: the backend would refuse it. */
  readonly maxAgeMs: number;
  /**
   * One period is one request, so that it is delivered once or not at all. Undefined when there is nothing to say.
   * Slow: not for the app's thread. Throws when the profiles are not whole.
   */
  encode(period: OutgoingPeriod): UploadRequest | undefined;
}
