import { numberIn, runChild, type Message } from '../support/child.ts';
import { interleave } from '../support/interleave.ts';
import { withDirectory } from '../support/profile-directory.ts';
import type { Row, Scenario } from '../support/scenario.ts';
import { differences, ratios } from '../support/statistics.ts';

type Variant = 'off' | 'hotspan' | 'datadog';
const awaitsPerSpan = 10;

export const labels: Scenario = {
  name: 'labels',
  title: '1,000,000 spans with 10 awaits each, with and without labels at 99 Hz',
  async run({ node, quick, datadog, note }) {
    const spans = quick ? 100_000 : 1_000_000;
    // Where V8 shows the context, @datadog/pprof is not driven by a hook either: there is nothing to set beside.
    const frames = node.major >= 24;
    const rows: Row[] = [];
    for (const kind of ['otel', 'withLabels'] as const) {
      const variants: Variant[] = datadog !== undefined && !frames ? ['off', 'hotspan', 'datadog'] : ['off', 'hotspan'];
      const results = await interleave(variants, quick ? 3 : 15, (variant) =>
        withDirectory((directory) => {
          const settings = { kind, spans, warmUp: spans / 5, variant, rateHz: 99, directory, datadog };
          return runChild({ node: node.path, program: 'spans.mjs', settings, timeoutMs: 600_000 });
        }),
      );
      const asked = (results.get('hotspan') ?? []).map((result) => numberIn(result, 'contexts'));
      if (asked.some((contexts) => contexts === 0) && frames) throw new Error(`no labels were asked for: ${asked.join(', ')}`);
      rows.push(...rowsOf(kind, spans, frames, results));
    }
    rows.push(...(await spanStarts(node.path, quick)));
    if (datadog === undefined && !frames) note('without --datadog DIR there is nothing to set the cost of a switch beside');
    return rows;
  },
};

/** The work on one span alone: the workload as a whole varies by more than this. 0.5% of a span with its awaits are some 17 ns. */
async function spanStarts(node: string, quick: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of ['root', 'child']) {
    const results = await interleave(['off', 'hotspan'] as Variant[], quick ? 3 : 9, (variant) =>
      withDirectory((directory) => runChild({ node, program: 'span-starts.mjs', settings: { kind, variant, rateHz: 99, directory } })),
    );
    const of = (variant: Variant): number[] => (results.get(variant) ?? []).map((result) => numberIn(result, 'nsPerSpan'));
    rows.push({ measure: `otel: start of a ${kind} span, above off`, variant: 'hotspan', unit: 'ns', values: differences(of('hotspan'), of('off')), bar: { atMost: 17 } });
  }
  return rows;
}

function rowsOf(kind: string, spans: number, frames: boolean, results: ReadonlyMap<Variant, readonly Message[]>): Row[] {
  const of = (variant: Variant, key: string): number[] => (results.get(variant) ?? []).map((result) => numberIn(result, key));
  const rows: Row[] = [{ measure: `${kind}: CPU of the main thread`, variant: 'off', unit: 'ms', values: of('off', 'cpuMs') }];
  for (const variant of [...results.keys()].filter((name) => name !== 'off')) {
    for (const [key, what] of [['cpuMs', 'CPU'], ['wallMs', 'time']] as const) {
      const above = ratios(of(variant, key), of('off', key)).map((ratio) => 100 * (ratio - 1));
      const promised = variant === 'hotspan' && frames && key === 'cpuMs';
      rows.push({ measure: `${kind}: ${what}, above off`, variant, unit: '%', values: above, ...(promised ? { bar: { atMost: 0.5 } } : {}) });
    }
    const perSwitch = differences(of(variant, 'cpuMs'), of('off', 'cpuMs')).map((ms) => (ms * 1e6) / (spans * awaitsPerSpan));
    rows.push({ measure: `${kind}: CPU for each await`, variant, unit: 'ns', values: perSwitch });
  }
  return rows;
}
