// Compiled as an ES module and as CommonJS; never run.
import 'hotspan/register';
import { addLabelProvider, capture, flush, HotspanSpanProcessor, start, stats, stop, withLabels, type Labels, type Options, type Stats } from 'hotspan';
import { mochaHooks } from 'hotspan/mocha';
import vitestPlugin, { type VitestPlugin } from 'hotspan/vitest';

const options: Options = { rate: 99, profiles: ['cpu', 'heap'], period: 60 };
start(options);
addLabelProvider((): Labels => ({ tenant: 'a' }));
const answer: number = withLabels({ tenant: 'b' }, () => 42);
const held: Stats['bytesHeld'] = stats().bytesHeld;
export async function profile(): Promise<Uint8Array> {
  const { cpu, heap } = await capture({ seconds: 1, profiles: ['cpu', 'heap'] });
  await flush();
  await stop();
  return cpu.length > 0 ? cpu : heap;
}
export const all: readonly unknown[] = [answer, held, mochaHooks, new HotspanSpanProcessor(), vitestPlugin() satisfies VitestPlugin];

// @ts-expect-error a rate is a number
start({ rate: 'fast' });
// @ts-expect-error nobody asked for a heap profile
export const missing = async (): Promise<unknown> => (await capture({ seconds: 1 })).heap;
