// A process that SIGTERM does not end, as one that is busy: Vitest kills it half a second later.
if (process.send) process.on('SIGTERM', () => {});
