import { decodeProfile } from '../../profile/decode-profile.ts';
import { encodeProfile } from '../../profile/encode-profile.ts';
import { gzipSync } from '../../profile/gzip.ts';
import type { Backend, Endpoint } from '../backend.ts';
import type { FinishedProfile } from '../exporter.ts';
import { ownLabels, relabel, type PlainLabel } from '../relabel.ts';
import { renameSampleTypes } from '../sample-types.ts';
import { entityHeaders } from './entity-headers.ts';
import { encodeForm, type FormFile } from './multipart.ts';
import { profileEvent } from './profile-event.ts';

export interface DatadogTarget {
  /** The Agent, or Datadog's intake itself. */
  readonly endpoint: Endpoint;
  /** Only for the intake: the Agent has its own. */
  readonly apiKey?: string | undefined;
}

/** Datadog's profile intake: one multipart request a period, through the Agent or straight to the intake. */
export function createDatadogBackend({ endpoint, apiKey }: DatadogTarget): Backend {
  return {
    kind: 'datadog',
    destination: endpoint.socketPath ?? endpoint.url.origin,
    maxAgeMs: 18 * 3_600_000,
    encode(period) {
      const attachments = period.profiles.map(
        (profile): FormFile => ({
          name: `${profile.type}.pprof`,
          fileName: `${profile.type}.pprof`,
          contentType: 'application/octet-stream',
          content: forDatadog(profile),
        }),
      );
      const event = profileEvent(period, attachments.map(({ fileName }) => fileName));
      const form = encodeForm([
        { name: 'event', fileName: 'event.json', contentType: 'application/json', content: Buffer.from(JSON.stringify(event)) },
        ...attachments,
      ]);
      const headers = {
        'Content-Type': form.contentType,
        'DD-EVP-ORIGIN': 'hotspan',
        'DD-EVP-ORIGIN-VERSION': period.resource.profilerVersion,
        ...entityHeaders(period.resource.entity),
        ...(apiKey === undefined ? {} : { 'DD-API-KEY': apiKey }),
      };
      return { method: 'POST', endpoint, headers, body: form.body };
    },
  };
}

function forDatadog({ bytes }: FinishedProfile): Uint8Array {
  const profile = decodeProfile(bytes);
  relabel(profile, datadogLabel);
  // What Datadog's own Node profiler calls them; its pages know no other names for this family.
  renameSampleTypes(profile, { samples: 'sample', inuse_objects: 'objects', inuse_space: 'space' });
  return gzipSync(encodeProfile(profile));
}

function datadogLabel(label: PlainLabel): PlainLabel | undefined {
  switch (label.key) {
    case ownLabels.spanId:
      return numericId('span id', label.text);
    case ownLabels.localRootSpanId:
      return numericId('local root span id', label.text);
    case ownLabels.traceId:
      // Spans are found by the root's id alone.
      return undefined;
    case ownLabels.endpoint:
      return { ...label, key: 'trace endpoint' };
    case ownLabels.thread:
      return { ...label, key: 'thread name' };
    default:
      return label;
  }
}

/** An id is uint64; pprof's numbers are int64, so ids from 2^63 on are negative there. */
function numericId(key: string, hex: string | undefined): PlainLabel | undefined {
  if (hex === undefined || !/^[0-9a-f]{1,16}$/i.test(hex)) return undefined;
  return { key, number: BigInt.asIntN(64, BigInt(`0x${hex}`)) };
}
