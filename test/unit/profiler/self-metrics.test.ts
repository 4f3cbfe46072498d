import assert from 'node:assert/strict';

import { renderPrometheus } from '../../../src/delivery/prometheus-text.ts';
import { DurationRecorder } from '../../../src/profiler/duration-recorder.ts';
import type { Stats } from '../../../src/profiler/running.ts';
import { selfMetrics } from '../../../src/profiler/self-metrics.ts';

describe('self-metrics', () => {
  it('gives each time as a summary in seconds, with its sum', () => {
    const times = (totalMs: number) => ({ count: 4, totalMs, p50Us: 2, p99Us: 3, maxUs: 5 });
    const stats: Stats = {
      running: true,
      samples: 4,
      dropped: { ringFull: 0, unresolvedFrames: 0, truncatedStacks: 0 },
      handler: times(0.25),
      drain: times(50),
      rotation: times(0.5),
      labels: { path: 'async-context-frame', sources: [], contexts: 3, dropped: 0, asking: times(1500) },
      bytesHeld: 1,
      delivery: {},
    };
    const lines = renderPrometheus(selfMetrics(stats)).split('\n');
    for (const [name, seconds] of [['handler', '0.00025'], ['drain', '0.05'], ['rotation', '0.0005'], ['labels', '1.5']] as const) {
      const found = lines.filter((line) => line.startsWith(`hotspan_${name}_seconds`));
      assert.deepEqual(found.map((line) => line.replace(`hotspan_${name}_seconds`, '')), [
        '{quantile="0.5"} 0.000002', '{quantile="0.99"} 0.000003', `_sum ${seconds}`, '_count 4',
      ]);
    }
  });

  it('sums all durations, of which the last 512 make the percentiles', () => {
    const recorder = new DurationRecorder();
    assert.deepEqual(recorder.summary(), { count: 0, totalMs: 0, p50Us: 0, p99Us: 0, maxUs: 0 });
    recorder.record(1000);
    for (let i = 0; i < 512; i++) recorder.record(0.5);
    assert.deepEqual(recorder.summary(), { count: 513, totalMs: 1256, p50Us: 500, p99Us: 500, maxUs: 1e6 });
  });
});
