import type { Profile, Sample } from 'pprof-format';
import { decodeProfile } from '../../profile/decode-profile.ts';
import { encodeProfile } from '../../profile/encode-profile.ts';
import { gzipSync } from '../../profile/gzip.ts';
import type { Backend, Endpoint, OutgoingPeriod } from '../backend.ts';
import type { FinishedProfile } from '../exporter.ts';
import { ownLabels, relabel, type PlainLabel } from '../relabel.ts';
import { subProfile, typePositions } from '../sample-types.ts';

export interface PyroscopeTarget {
  readonly endpoint: Endpoint;
  /** Authorization and tenant. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Pyroscope's defaults for what it takes (v1): more is refused, so profiles are split. */
const maxSamples = 16_000;
const maxBytes = 4 * 1024 * 1024;

/**
 * One profile of ours is several of Pyroscope's: one whose types include `wall` would be filed as wall altogether.
 * `name` and the period's type make up the name of the profile type that its pages look for.
 */
const parts: Readonly<Record<FinishedProfile['type'], readonly Part[]>> = {
  cpu: [
    { name: 'process_cpu', types: ['samples', 'cpu'], period: ['cpu', 'nanoseconds'] },
    { name: 'wall', types: ['wall'], period: ['wall', 'nanoseconds'] },
  ],
  heap: [
    { name: 'memory', types: ['alloc_objects', 'alloc_space', 'inuse_objects', 'inuse_space'], period: ['space', 'bytes'] },
  ],
};

interface Part {
  readonly name: string;
  readonly types: readonly string[];
  readonly period: readonly [type: string, unit: string];
}

/** Pyroscope's push API (Connect, JSON): one request a period, one series for each kind of profile. */
export function createPyroscopeBackend({ endpoint, headers }: PyroscopeTarget): Backend {
  return {
    kind: 'pyroscope',
    destination: endpoint.url.origin,
    // It refuses what is older than an hour.
    maxAgeMs: 55 * 60_000,
    encode(period) {
      const series = period.profiles.flatMap((profile) => profileSeries(profile, period));
      if (series.length === 0) return undefined;
      return {
        method: 'POST',
        endpoint,
        headers: { 'Content-Type': 'application/json', ...headers },
        body: Buffer.from(JSON.stringify({ series })),
      };
    },
  };
}

function profileSeries({ type, bytes }: FinishedProfile, period: OutgoingPeriod): object[] {
  const profile = decodeProfile(bytes);
  relabel(profile, pyroscopeLabel);
  return parts[type].flatMap((part) => {
    const pieces = encodePart(profile, part);
    if (pieces.length === 0) return [];
    const samples = pieces.map((piece, index) => ({
      ID: `${period.id}-${part.name}-${index}`,
      rawProfile: Buffer.from(gzipSync(piece)).toString('base64'),
    }));
    return [{ labels: seriesLabels(part.name, period), samples }];
  });
}

function encodePart(profile: Profile, { types, period }: Part): Uint8Array[] {
  const positions = typePositions(profile, types);
  const isEmpty = profile.sample.every(({ value }) => positions.every((position) => Number(value[position] ?? 0) === 0));
  if (isEmpty) return [];
  const encode = (samples: readonly Sample[]): Uint8Array[] => {
    if (samples.length <= maxSamples) {
      const bytes = encodeProfile(subProfile(profile, positions, samples, period));
      if (bytes.length <= maxBytes || samples.length < 2) return [bytes];
    }
    const middle = samples.length >> 1;
    return [...encode(samples.slice(0, middle)), ...encode(samples.slice(middle))];
  };
  return encode(profile.sample);
}

/** Labels are a series' identity: only what stays the same over the life of a process is one. */
function seriesLabels(name: string, { resource }: OutgoingPeriod): { name: string; value: string }[] {
  const labels: Record<string, string | undefined> = {
    ...mapKeys(resource.attributes),
    ...mapKeys(resource.labels),
    __name__: name,
    service_name: resource.service,
    service_version: resource.version,
    deployment_environment: resource.env,
    hostname: resource.host,
    // Pyroscope's own clients send it; its pages tell clients apart by it.
    pyroscope_spy: 'nodespy',
  };
  return Object.entries(labels).flatMap(([key, value]) => (value ? [{ name: key, value }] : []));
}

/** Label names are letters, digits and `_`. */
function mapKeys(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key.replaceAll(/[^\w]/g, '_').replace(/^(?=\d)/, '_'), value]));
}

/**
 * Every label of a sample but the span's makes a series of its own: endpoints and threads are few, others may be
 * many and are left out. The span is the local root: its `pyroscope.profile.id` is what links a trace to its profile.
 */
function pyroscopeLabel(label: PlainLabel): PlainLabel | undefined {
  switch (label.key) {
    case ownLabels.localRootSpanId:
      return { ...label, key: 'span_id' };
    case ownLabels.traceId:
    case ownLabels.endpoint:
    case ownLabels.thread:
      return label;
    default:
      return undefined;
  }
}
