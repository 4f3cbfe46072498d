// A setup file: neither SIGTERM nor the end of its tests ends the process in time, so Vitest kills it.
process.on('SIGTERM', () => {});
process.on('exit', () => {
  for (;;);
});
