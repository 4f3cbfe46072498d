const nothing = { bytes: 0, samples: () => 0 };

export function createProfiler() {
  return { start() {}, rotate: async () => nothing, async stop() {}, stats: () => undefined };
}
