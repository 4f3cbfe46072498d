// Burns CPU in one function, then ends as its argument says: an exit code, or a signal it sends itself.
const [how = '0', milliseconds = '400'] = process.argv.slice(2);

function burnHere(untilMs) {
  let x = 1;
  while (performance.now() < untilMs) for (let i = 0; i < 10_000; i++) x = (x * 31 + i) | 0;
  return x;
}

burnHere(performance.now() + Number(milliseconds));
console.log('burnt');
if (how.startsWith('SIG')) process.on('exit', () => process.kill(process.pid, how));
else process.exitCode = Number(how);
