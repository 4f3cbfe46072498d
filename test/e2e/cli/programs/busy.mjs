// Burns CPU in one function, then ends as its argument says: an exit code, or a signal it sends itself.
const [how = '0', cpuMs = '400'] = process.argv.slice(2);

function burnHere(isDone) {
  let x = 1;
  do for (let i = 0; i < 1_000_000; i++) x = (x * 31 + i) | 0; while (!isDone());
  return x;
}

// CPU time, not time that passes: the machine may be busy with other tests.
const endUs = process.cpuUsage().user + 1000 * Number(cpuMs);
burnHere(() => process.cpuUsage().user > endUs);
console.log('burnt');
if (how.startsWith('SIG')) process.on('exit', () => process.kill(process.pid, how));
else process.exitCode = Number(how);
