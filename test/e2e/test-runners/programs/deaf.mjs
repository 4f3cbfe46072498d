// A setup file: neither SIGTERM nor the end of its tests ends the process in time, so Vitest kills it. Not for ever: a
// process that ends by itself before it said goodbye is waited for, and killed only after a minute.
process.on('SIGTERM', () => {});
process.on('exit', () => {
  for (const end = performance.now() + 5000; performance.now() < end; );
});
