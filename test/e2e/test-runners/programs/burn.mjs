/** Burns CPU time, not time that passes: the machine may be busy with other tests. */
export function burn(cpuMs) {
  const endUs = process.cpuUsage().user + 1000 * cpuMs;
  let x = 1;
  do for (let i = 0; i < 100_000; i++) x = (x * 31 + i) | 0; while (process.cpuUsage().user < endUs);
  return x;
}
