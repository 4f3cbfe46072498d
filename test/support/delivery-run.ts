import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseForm } from './parse-form.ts';
import type { RecordedRequest } from './recording-server.ts';

const register = new URL('../../dist/register.js', import.meta.url).href;
const service = fileURLToPath(new URL('../e2e/delivery/programs/service.mjs', import.meta.url));

export interface Figures {
  p99Ms: number;
  maxRssMiB: number;
  delivery?: Record<string, number>;
}

export interface ServiceEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Undefined when it was ended by a signal, which leaves it no time to speak. */
  figures: Figures | undefined;
  /** Of the same service without the profiler, that ran beside it. */
  control: Figures | undefined;
  stderr: string;
}

export interface RunningService {
  child: ChildProcess;
  end: Promise<ServiceEnd>;
}

/** Starts the service with hotspan/register (unless `profiled` is false) and waits until it runs. */
export async function startService(
  node: string,
  env: Readonly<Record<string, string>>,
  { lifeMs = 0, profiled = true }: { lifeMs?: number; profiled?: boolean } = {},
): Promise<RunningService> {
  // Only where the figures are read: after a life of a given length.
  const control = profiled && lifeMs > 0 ? await startService(node, {}, { lifeMs, profiled: false }) : undefined;
  const child = spawn(node, [...(profiled ? ['--import', register] : []), service, String(lifeMs)], {
    env: { PATH: process.env['PATH'] ?? '', HOTSPAN_SERVICE: 'faulty', HOTSPAN_PERIOD: '0.4', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const end = once(child, 'close').then(async ([code, signal]): Promise<ServiceEnd> => {
    const last = stdout.trim().split('\n').at(-1) ?? '';
    const figures = last.startsWith('{') ? (JSON.parse(last) as Figures) : undefined;
    const beside = (await control?.end)?.figures;
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, figures, control: beside, stderr };
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  await Promise.race([once(child.stdout, 'data'), end]);
  return { child, end };
}

/** A profile as it reached the Datadog intake. */
export interface DeliveredProfile {
  /** `<runtime id> <number of the period>`. */
  id: string;
  run: string;
  sequence: number;
  last: boolean;
}

export async function deliveredProfiles(requests: readonly RecordedRequest[]): Promise<DeliveredProfile[]> {
  return Promise.all(
    requests.map(async ({ headers, body }) => {
      const parts = await parseForm(String(headers['content-type']), body);
      const event = JSON.parse(parts.find(({ name }) => name === 'event')!.content.toString()) as { tags_profiler: string };
      const tag = (name: string): string => new RegExp(`(?:^|,)${name}:([^,]*)`).exec(event.tags_profiler)![1]!;
      const [run, sequence] = [tag('runtime-id'), Number(tag('profile_seq'))];
      return { id: `${run} ${sequence}`, run, sequence, last: tag('snapshot') === 'on_shutdown' };
    }),
  );
}
