import type { Metric, MetricValue } from '../delivery/prometheus-text.ts';
import type { DurationSummary } from '../engine/addon.ts';
import type { Stats } from './running.ts';

/** What `stats()` says, as metrics. */
export function selfMetrics(stats: Stats): Metric[] {
  const { dropped } = stats;
  const perBackend = (read: (counters: Stats['delivery'][string]) => number): MetricValue[] =>
    Object.entries(stats.delivery).map(([destination, counters]) => ({ labels: { backend: destination.split(' ')[0] ?? '' }, value: read(counters) }));
  return [
    { name: 'hotspan_running', help: 'Whether profiling is on.', type: 'gauge', values: [{ value: Number(stats.running) }] },
    { name: 'hotspan_samples_total', help: 'Samples taken.', type: 'counter', values: [{ value: stats.samples }] },
    {
      name: 'hotspan_dropped_total',
      help: 'Samples or frames lost or cut, by reason.',
      type: 'counter',
      values: [
        { labels: { reason: 'ring_full' }, value: dropped.ringFull },
        { labels: { reason: 'unresolved_frames' }, value: dropped.unresolvedFrames },
        { labels: { reason: 'truncated_stacks' }, value: dropped.truncatedStacks },
      ],
    },
    duration('hotspan_handler_seconds', 'Time in the signal handler, per sample.', stats.handler),
    duration('hotspan_drain_seconds', 'Time on the JavaScript thread to resolve samples, per drain.', stats.drain),
    duration('hotspan_labels_seconds', 'Time on the JavaScript thread to ask for labels, per series of contexts.', stats.labels.asking),
    duration('hotspan_rotation_seconds', 'Time on the JavaScript thread to end a period.', stats.rotation),
    { name: 'hotspan_held_bytes', help: 'Native memory of tables and profiles.', type: 'gauge', values: [{ value: stats.bytesHeld }] },
    { name: 'hotspan_delivery_sent_total', help: 'Profiles that the backend accepted.', type: 'counter', values: perBackend(({ sent }) => sent) },
    { name: 'hotspan_delivery_retries_total', help: 'Uploads that failed and are made again.', type: 'counter', values: perBackend(({ retries }) => retries) },
    { name: 'hotspan_delivery_rejected_total', help: 'Profiles that the backend refused for good.', type: 'counter', values: perBackend(({ rejected }) => rejected) },
    { name: 'hotspan_delivery_dropped_total', help: 'Profiles given up: too old, or too many.', type: 'counter', values: perBackend(({ dropped: given }) => given) },
    { name: 'hotspan_delivery_waiting', help: 'Profiles that wait to be sent.', type: 'gauge', values: perBackend(({ waiting }) => waiting) },
    { name: 'hotspan_spool_bytes', help: 'Profiles on disk for the backend, of all processes.', type: 'gauge', values: perBackend(({ spooledBytes }) => spooledBytes) },
  ];
}

function duration(name: string, help: string, { count, totalMs, p50Us, p99Us }: DurationSummary): Metric {
  return {
    name,
    help,
    type: 'summary',
    values: [
      { labels: { quantile: '0.5' }, value: p50Us / 1e6 },
      { labels: { quantile: '0.99' }, value: p99Us / 1e6 },
      { suffix: '_sum', value: totalMs / 1e3 },
      { suffix: '_count', value: count },
    ],
  };
}
