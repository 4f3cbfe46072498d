import { numberIn, runChild, variantChild, withChild, type Child, type Message } from './child.ts';
import type { BenchContext } from './scenario.ts';
import type { Variant } from './variants.ts';

export interface Load {
  readonly requests?: number;
  readonly perSecond?: number;
  readonly seconds?: number;
  readonly connections?: number;
}

/** The Fastify service, and a client in a process of its own. */
export interface Service {
  readonly child: Child;
  readonly start: () => Promise<unknown>;
  /** Resolves with the client's result when the load is over. */
  readonly load: (load: Load) => Promise<Message>;
  readonly cpuMs: () => Promise<number>;
}

export interface ServiceSettings {
  readonly rateHz: number;
  readonly directory: string;
  /** Of Node, beside those of the variant. */
  readonly flags?: readonly string[];
}

/** Runs the service with a variant's profiler, which does not run yet, while `use` uses it. */
export function withService<T>({ node }: BenchContext, variant: Variant, { flags = [], ...settings }: ServiceSettings, use: (service: Service) => Promise<T>): Promise<T> {
  return withChild(variantChild(variant, { node: node.path, program: 'fastify-service.mjs', settings, flags }), async (child) => {
    const port = numberIn(await child.receive('listening'), 'port');
    const result = await use({
      child,
      start: () => child.ask({ type: 'start' }),
      load: (load) => runChild({ node: node.path, program: 'load-client.mjs', settings: { port, ...load } }),
      cpuMs: async () => numberIn(await child.ask({ type: 'cpu' }), 'cpuMs'),
    });
    await child.ask({ type: 'stop' });
    return result;
  });
}
