import type { EngineReport } from '../engine/describe-engine.ts';
import { type Paint, createPaint } from './color.ts';
import type { Command } from './command.ts';

const notes = `Exit code 0 when this process could be profiled, be it with limits; 1 when no engine can run here.`;

/** `hotspan doctor`. The description is a parameter so that tests can show every state. */
export function createDoctorCommand(describe: () => Promise<EngineReport>): Command {
  return {
    name: 'doctor',
    summary: 'Tell which engine would run here and why, and what is limited',
    usage: 'doctor [options]',
    options: [{ flag: 'json', kind: 'boolean', help: 'Print the report as JSON' }],
    notes,
    run: async ({ values }, io) => {
      const report = await describe();
      const text = values['json'] === true ? JSON.stringify(report, null, 2) : renderReport(report, createPaint(io.stdout, io.env));
      io.stdout.write(`${text}\n`);
      return report.engine === 'none' ? 1 : 0;
    },
  };
}

export const doctorCommand: Command = createDoctorCommand(async () => {
  const [{ describeEngine }, { resolveOptions }] = await Promise.all([
    import('../engine/describe-engine.ts'),
    import('../options/resolve-options.ts'),
  ]);
  return describeEngine(resolveOptions({ env: process.env }).options.engine);
});

function renderReport(report: EngineReport, paint: Paint): string {
  const engineColor = { native: 'green', inspector: 'yellow', none: 'red' } as const;
  const nameWidth = Math.max(0, ...report.checks.map(({ name }) => name.length));
  return [
    `engine     ${paint(engineColor[report.engine], report.engine)}: ${report.reason}`,
    `node       ${report.node} (V8 ${report.v8})`,
    `platform   ${report.platform} ${report.arch}, ${report.libc}`,
    `labels     ${report.labels}`,
    'checks',
    ...report.checks.map(({ name, ok, detail }) => {
      const mark = ok ? paint('green', 'ok  ') : paint('red', 'fail');
      return `  ${mark}  ${name.padEnd(nameWidth)}  ${detail}`.trimEnd();
    }),
    report.limits.length === 0 ? 'limits     none' : 'limits',
    ...report.limits.map((limit) => `  - ${limit}`),
  ].join('\n');
}
