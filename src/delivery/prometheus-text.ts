/** A metric with its current values, named and in base units as Prometheus wants them (seconds, bytes). */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'summary';
  readonly values: readonly MetricValue[];
}

export interface MetricValue {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
  /** Appended to the name: sum and count of a summary. */
  readonly suffix?: '_sum' | '_count';
}

export const prometheusContentType = 'text/plain; version=0.0.4; charset=utf-8';

/** Prometheus' text form, 0.0.4. Metrics without values are left out. */
export function renderPrometheus(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ values }) => values.length > 0)
    .map(({ name, help, type, values }) => {
      const lines = values.map(({ labels = {}, value, suffix = '' }) => `${name}${suffix}${renderLabels(labels)} ${value}`);
      return `# HELP ${name} ${escape(help)}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`;
    })
    .join('');
}

function renderLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escape(value).replaceAll('"', '\\"')}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
